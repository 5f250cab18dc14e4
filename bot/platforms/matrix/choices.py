"""Buttons as reactions: each action gets an emoji, which the bot puts under its message and people repeat. Pure.

What each emoji stands for travels inside the message itself, so that a press is understood after any restart; it runs
with the rights of whoever reacted, like typed words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.i18n import Speech
from bot.platforms.matrix.markup import clean, web_address
from handlers.reply import Action, Button, Code, Inline, Link, Seq

FIELD = "org.kurzclips.choices"
# More than these under one message hide it.
MOST_CHOICES = 14
_VARIATION = "\ufe0f"
_NO_BREAK = "\u00a0"
KEYCAPS = (*(f"{digit}{_VARIATION}\u20e3" for digit in range(1, 10)), "\U0001f51f")
# For buttons without an emoji of their own where the keycaps stand for the places in a list.
LETTERS = tuple(chr(code) for code in range(0x1F1E6, 0x1F1E6 + 26))


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be done with a message.

    Attributes:
        actions: emoji → what it does, in the order of the buttons.
        legend: what the emoji mean, where a number does not say it, and the links; None where nothing is to be said.
    """

    actions: tuple[tuple[str, Action], ...] = ()
    legend: Inline | None = None


def choices_of(rows: Sequence[Sequence[Button]], speech: Speech) -> Choices:
    """The emoji of some buttons; buttons that only open inline search are left out, as there is none here."""
    buttons = [button for row in rows for button in row if button.query is None]
    used = {button.anchor for button in buttons}
    is_list = any(keycap in used for keycap in KEYCAPS)
    spare = [each for each in (LETTERS if is_list else KEYCAPS) if each not in used]
    actions: dict[str, Action] = {}
    legend: list[Inline] = []
    for button in buttons:
        if button.action is None:
            if web_address(button.url):
                legend.append(Link(button.label, button.url))
            continue
        anchor = button.anchor if button.anchor and button.anchor not in actions else (spare.pop(0) if spare else "")
        if not anchor or len(actions) >= MOST_CHOICES:
            legend.append(Seq((button.label, ": ", Code(" ".join((f"/{button.action.command}", *button.action.args))))))
            continue
        actions[anchor] = button.action
        label = clean(speech.plain(button.label))
        if anchor not in KEYCAPS or KEYCAPS.index(anchor) + 1 != _number(label):
            legend.append(Seq((f"{anchor}{_NO_BREAK}", button.label)))
    return Choices(tuple(actions.items()), _joined(legend))


def _number(label: str) -> int:
    return int(label) if label.isascii() and label.isdigit() and len(label) < 4 else 0


def _joined(parts: Sequence[Inline]) -> Inline | None:
    if not parts:
        return None
    spaced: list[Inline] = [parts[0]]
    for part in parts[1:]:
        spaced += [" · ", part]
    return Seq(tuple(spaced))


def written(actions: Sequence[tuple[str, Action]]) -> dict[str, list[str]]:
    """The actions as they travel inside a message."""
    return {anchor: [action.command, *action.args] for anchor, action in actions}


def read(content: Mapping[str, Any]) -> dict[str, Action]:
    """The actions of a message of ours; empty where it has none. Emoji are compared without their variation."""
    found = content.get(FIELD)
    if not isinstance(found, Mapping):
        return {}
    return {
        plain(anchor): Action(words[0], tuple(words[1:]))
        for anchor, words in found.items()
        if isinstance(words, list) and words and all(isinstance(word, str) for word in words)
    }


def plain(emoji: str) -> str:
    """An emoji without the sign that asks for its coloured form: clients send it with or without."""
    return emoji.replace(_VARIATION, "")

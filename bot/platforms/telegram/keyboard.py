"""Buttons → an inline keyboard that fits a phone; a button that Telegram would refuse is left out, not the message.

*Source*: Bot API, InlineKeyboardButton and SwitchInlineQuery; 8 in a row and 100 in all are python-telegram-bot's
`InlineKeyboardMarkupLimit`.
"""

from collections.abc import Sequence
from itertools import chain

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import InlineKeyboardMarkupLimit

from bot.i18n import Speech
from bot.platforms.telegram import callbacks
from bot.platforms.telegram.markup import clean, web_address
from handlers.reply import Action, Button

MOST_BUTTONS = int(InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER)
MOST_IN_A_ROW = int(InlineKeyboardMarkupLimit.BUTTONS_PER_ROW)
LABEL_CHARACTERS = 40
QUERY_CHARACTERS = 256
# Buttons of a row are equally wide; more letters than these are cut off on a phone of usual width.
_ROW_CHARACTERS = 42


def keyboard(
    rows: Sequence[Sequence[Button]], speech: Speech, *, has_inline: bool = True
) -> InlineKeyboardMarkup | None:
    """The keyboard below a message, None where no button is left.

    Args:
        has_inline: whether the bot answers inline queries; buttons that open them are left out otherwise.
    """
    made: list[list[InlineKeyboardButton]] = []
    left = MOST_BUTTONS
    for row in rows:
        buttons = [each for each in (_button(button, speech, has_inline) for button in row) if each is not None]
        made += _wrapped(buttons[:left])
        left -= len(buttons[:left])
    return InlineKeyboardMarkup(made) if made else None


def _wrapped(row: list[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    """A row in as few rows of equal length as a phone can show."""
    longest = max((len(button.text) for button in row), default=1)
    most = max(1, min(MOST_IN_A_ROW, _ROW_CHARACTERS // longest))
    lines = -(-len(row) // most)
    size = -(-len(row) // lines) if lines else 1
    return [row[start : start + size] for start in range(0, len(row), size)]


def _button(button: Button, speech: Speech, has_inline: bool) -> InlineKeyboardButton | None:
    label = " ".join(clean(speech.plain(button.label)).split())
    if not label:
        return None
    label = label if len(label) <= LABEL_CHARACTERS else label[: LABEL_CHARACTERS - 1] + "…"
    if button.url:
        address = web_address(button.url)
        return InlineKeyboardButton(label, url=address) if address else None
    query = button.query
    if button.action is not None:
        written = callbacks.encode(button.action)
        if written is not None:
            return InlineKeyboardButton(label, callback_data=written)
        query = _as_query(button.action)
    if query is None or not has_inline:
        return None
    return InlineKeyboardButton(label, switch_inline_query_current_chat=clean(query)[:QUERY_CHARACTERS])


def _as_query(action: Action) -> str | None:
    """A search whose words are too long for a button goes on inline, where its hits have pages too."""
    if action.command != "search":
        return None
    return " ".join(chain.from_iterable(word.split() for word in action.args if not word.startswith(">")))

"""Long HTML → parts that Telegram takes: cut on paragraph, line, sentence or word borders, never inside a link."""

import html
import re
from dataclasses import dataclass

# Bot API, sendMessage: 1-4096 characters after entities parsing; at most 100 entities count. The limit is taken in
# UTF-16 units, the stricter reading.
MAX_UNITS = 4096
MAX_ENTITIES = 100
_TOKEN = re.compile(r"<(/?)(\w+)([^>]*)>|([^<]+)")
_BORDERS = ("\n\n", "\n", ". ", " ")


@dataclass(frozen=True, slots=True)
class _Run:
    """Plain text under the tags that hold there, each as written."""

    text: str
    tags: tuple[str, ...]

    @property
    def is_link(self) -> bool:
        return any(tag.startswith("a ") for tag in self.tags)


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) + sum(1 for letter in text if ord(letter) > 0xFFFF)


def visible(marked: str) -> str:
    """What a reader sees of HTML of ours."""
    return "".join(run.text for run in _runs(marked))


def split(marked: str, limit: int = MAX_UNITS) -> list[str]:
    """The HTML in parts of at most `limit` units and 100 entities each, every part complete in itself."""
    runs = _runs(marked)
    parts = []
    while runs:
        head, runs = _cut(runs, limit)
        if any(run.text.strip() for run in head):
            parts.append(_written(_trimmed(head)))
    return parts


def _runs(marked: str) -> list[_Run]:
    runs: list[_Run] = []
    open_tags: list[str] = []
    for closing, name, attributes, text in _TOKEN.findall(marked):
        if text:
            runs.append(_Run(html.unescape(text), tuple(open_tags)))
        elif closing:
            open_tags.pop()
        else:
            open_tags.append(name + attributes)
    return runs


def _cut(runs: list[_Run], limit: int) -> tuple[list[_Run], list[_Run]]:
    """The runs that fit, and the rest."""
    length = entities = 0
    for place, run in enumerate(runs):
        entities += len(run.tags)
        if length + units(run.text) <= limit and entities <= MAX_ENTITIES:
            length += units(run.text)
            continue
        text = "".join(each.text for each in runs[:place])
        room = run.text if entities <= MAX_ENTITIES and not run.is_link else ""
        text += _fitting(room, limit - length)
        at = _border(text) or len(text) or len(_fitting(run.text, limit))
        return _divide(runs, at)
    return runs, []


def _fitting(text: str, room: int) -> str:
    """The beginning of a text that fits into some units."""
    taken = text[: max(room, 0)]
    while units(taken) > room:
        taken = taken[:-1]
    return taken


def _border(text: str) -> int:
    """Where to cut: behind the last border of the best kind in the second half; 0 where there is none."""
    for border in _BORDERS:
        at = text.rfind(border)
        if at > len(text) // 2:
            return at + len(border)
    return 0


def _divide(runs: list[_Run], at: int) -> tuple[list[_Run], list[_Run]]:
    head: list[_Run] = []
    for place, run in enumerate(runs):
        if at < len(run.text):
            if run.is_link and head:
                return head, runs[place:]
            cut = [_Run(run.text[:at], run.tags)] if at else []
            return head + cut, [_Run(run.text[at:], run.tags), *runs[place + 1 :]]
        head.append(run)
        at -= len(run.text)
    return head, []


def _trimmed(runs: list[_Run]) -> list[_Run]:
    while runs and not runs[0].text.strip():
        runs = runs[1:]
    while runs and not runs[-1].text.strip():
        runs = runs[:-1]
    first, last = runs[0], runs[-1]
    runs = [_Run(first.text.lstrip("\n"), first.tags), *runs[1:]]
    return [*runs[:-1], _Run(runs[-1].text.rstrip(), last.tags)]


def _written(runs: list[_Run]) -> str:
    """HTML of runs, with every tag closed in order."""
    out: list[str] = []
    open_tags: tuple[str, ...] = ()
    for run in [*runs, _Run("", ())]:
        shared = 0
        while shared < min(len(open_tags), len(run.tags)) and open_tags[shared] == run.tags[shared]:
            shared += 1
        out += [f"</{tag.split()[0]}>" for tag in reversed(open_tags[shared:])]
        out += [f"<{tag}>" for tag in run.tags[shared:]]
        out.append(html.escape(run.text, quote=False))
        open_tags = run.tags
    return "".join(out)

"""Long text in parts that Telegram takes: cut between paragraphs, lines, sentences or words, outside entities.

*Source*: Bot API, sendMessage ("1-4096 characters after entities parsing") and python-telegram-bot's
`MessageLimit.MESSAGE_ENTITIES` (100; those beyond are dropped in silence).
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

from telegram.constants import MessageLimit

from bot.platforms.telegram.markup import Marked, Span, read, units_before

TEXT_LIMIT_UTF16 = int(MessageLimit.MAX_TEXT_LENGTH)
ENTITY_LIMIT = int(MessageLimit.MESSAGE_ENTITIES)
# More would be a flood for the reader, and a hostile feed could make it one.
MOST_PARTS = 10
# A part is not cut shorter than this share of what fits only to end with a paragraph or a line.
_LEAST_SHARE = 0.25
_BORDERS = (
    re.compile(r"\n\s*\n\s*"),
    re.compile(r"\n\s*"),
    re.compile(r"(?<=[.!?…])(?:[\"'”“»«)]*)(?P<gap>\s+)"),
    re.compile(r"\s+"),
)
_WORD_BORDER = _BORDERS[-1]
_JOINERS = "\u200d\ufe0e\ufe0f"
_LONGEST_CLUSTER = 32


def split(html: str, *, limit_utf16: int = TEXT_LIMIT_UTF16, most_parts: int = MOST_PARTS) -> tuple[str, ...]:
    """The parts of a text in Telegram's HTML, each within the limits and none empty.

    Only white space at the borders is lost, and what would be beyond `most_parts`; then the last one ends with "…".
    """
    cutter = _Cutter(read(html), limit_utf16)
    parts: list[str] = []
    for start, end, is_last in cutter.stretches():
        if len(parts) == most_parts - 1 and not is_last:
            parts.append(cutter.marked.write(start, cutter.cut(start, limit_utf16 - 1)[0]) + "…")
            break
        parts.append(cutter.marked.write(start, end))
    return tuple(parts)


class _Cutter:
    def __init__(self, marked: Marked, limit_utf16: int) -> None:
        self.marked = marked
        self._text = marked.text
        self._limit = limit_utf16
        self._units = units_before(marked.text)
        self._stop = len(marked.text.rstrip())

    def stretches(self) -> Iterator[tuple[int, int, bool]]:
        """Start and end of each part, and whether nothing comes after it."""
        start = self._skip(0)
        while start < self._stop:
            end, following = self.cut(start, self._limit)
            yield start, end, following >= self._stop
            start = following

    def cut(self, start: int, limit_utf16: int) -> tuple[int, int]:
        """Where the part that begins at `start` ends, and where the next one begins."""
        most = min(self._stop, self._furthest(start, limit_utf16))
        if most >= self._stop:
            return self._stop, self._stop
        least = start + int((most - start) * _LEAST_SHARE)
        around = [span for span in self.marked.spans if span.end > start and span.start < most]
        for border in _BORDERS:
            if found := self._last(border, start, (least, most), around):
                return found
        return self._inside(start, most, around)

    def _furthest(self, start: int, limit_utf16: int) -> int:
        end = bisect_right(self._units, self._units[start] + limit_utf16) - 1
        touched = [span for span in self.marked.spans if span.end > start and span.start < end]
        return touched[ENTITY_LIMIT].start if len(touched) > ENTITY_LIMIT else end

    def _last(
        self, border: re.Pattern[str], start: int, window: tuple[int, int], around: list[Span]
    ) -> tuple[int, int] | None:
        """The last border in a window that lies inside none of the spans around."""
        least, most = window
        # The gap itself may reach over the limit, because it is not sent.
        for match in reversed(list(border.finditer(self._text, max(least, start + 1), most + 1))):
            end = match.start(match.lastgroup or 0)
            while end > start and self._text[end - 1].isspace():
                end -= 1
            following = self._skip(match.end())
            if start < end <= most and not any(span.start < end and following < span.end for span in around):
                return end, following
        return None

    def _inside(self, start: int, most: int, around: list[Span]) -> tuple[int, int]:
        """A cut where no good place is: before a span that reaches over, else inside the span or word."""
        before = min((span.start for span in around if start < span.start < most < span.end), default=0)
        if before:
            return before, self._skip(before)
        if found := self._last(_WORD_BORDER, start, (start, most), []):
            return found
        for end in range(most, max(start, most - _LONGEST_CLUSTER), -1):
            if not _is_joined(self._text[end - 1], self._text[end]):
                return end, self._skip(end)
        return most, self._skip(most)

    def _skip(self, at: int) -> int:
        while at < self._stop and self._text[at].isspace():
            at += 1
        return at


def _is_joined(before: str, after: str) -> bool:
    """Whether two characters are shown as one."""
    return unicodedata.combining(after) > 0 or after in _JOINERS or before == "\u200d"

"""When something is to come, as people write it at the end of a sentence: "um 8 Uhr", "mo-fr", "montags und freitags".

Only what stands at the end is read, and something always remains before it: a person who writes "Sonntag" alone means
the word.
"""

import re
from dataclasses import dataclass, field

from handlers.arguments import Clock, Days
from handlers.reply import _

_CLOCK = Clock(_("time"))
_DAYS = Days(_("days"))
_AND = frozenset({"und", "and", "&", "+", "et", "и", ","})
_BEFORE = frozenset(
    {"um", "am", "an", "jeden", "immer", "gegen", "von", "from", "at", "on", "every", "each", "à", "le", "в", "каждый"}
)
_RANGE = frozenset({"bis", "to", "through", "-", "–", "à", "до"})
_OCLOCK = frozenset({"uhr", "h", "o'clock", "heures", "часов"})
_HALVES = frozenset({"am", "pm"})
_PARTS = {
    **dict.fromkeys(("morgens", "mornings", "утром"), "07:30"),
    **dict.fromkeys(("mittags", "днём"), "12:00"),
    **dict.fromkeys(("abends", "evenings", "вечером"), "18:00"),
}
_HOUR = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(am|pm|h|uhr)?", re.ASCII)


@dataclass(slots=True)
class When:
    """What was read.

    Attributes:
        times: "HH:MM", in the order in which they were written.
        days: seven characters from Monday to Sunday; "" where none were named.
    """

    times: list[str] = field(default_factory=list)
    days: str = ""


def split(phrase: str, behind: When) -> tuple[str, When]:
    """What a phrase is about, and when it is to come.

    Args:
        behind: what was said behind the phrase; "8 und" means a time where "18:00" follows.

    Raises:
        BadArgument: a time is absurd.
    """
    words = phrase.replace(",", " , ").split()
    end, found = _read(words, behind)
    # The words themselves are given back as they were written.
    return (" ".join(words[:end]).replace(" , ", ", "), found) if 0 < end < len(words) else (phrase, behind)


def read(phrase: str) -> When | None:
    """When something is to come; None where the phrase says anything else besides.

    Raises:
        BadArgument: a time is absurd.
    """
    words = phrase.replace(",", " , ").split()
    end, found = _read(words, When())
    return found if end == 0 and (found.times or found.days) else None


def both(some: str, others: str) -> str:
    """The days of two sayings, either of which may be ""."""
    return "".join(max(pair) for pair in zip(some, others, strict=True)) if some and others else some or others


def _read(words: list[str], behind: When) -> tuple[int, When]:
    """Where what says when begins, and what it says."""
    found = When(list(behind.times), behind.days)
    at = end = len(words)
    while at > 0:
        is_followed = bool(found.times or found.days)
        word = words[at - 1].casefold()
        size = _take(words[:at], found)
        if size:
            at = end = at - size
        elif is_followed and at == end and word in _BEFORE:
            at = end = at - 1
        elif is_followed and word in _AND:
            at -= 1
        else:
            break
    # An "and" at the very end joins what was said behind the words.
    return (at if end == len(words) else end), found


def _take(words: list[str], found: When) -> int:
    """Read the last of some words; gives how many of them say when."""
    word = words[-1].casefold().rstrip(".")
    time, size = _time(words, word, is_followed=bool(found.times))
    if time:
        found.times.insert(0, time)
        return size
    days, size = _days(words, word)
    if days:
        found.days = both(found.days, days)
    return size


def _time(words: list[str], word: str, *, is_followed: bool) -> tuple[str, int]:
    """A time of day at the end, and of how many words it is.

    Raises:
        BadArgument: there is no such time.
    """
    if word in _PARTS:
        return _PARTS[word], 1
    before = words[-2].casefold() if len(words) > 1 else ""
    if word in _OCLOCK | _HALVES and _HOUR.fullmatch(before):
        return _clock(before, word), 2
    match = _HOUR.fullmatch(word)
    # In "8 und 18 Uhr" the first number is a time because of what follows.
    if match is None or not (match[2] or match[3] or is_followed and before):
        return "", 0
    return _clock(word, ""), 1


def _clock(number: str, half: str) -> str:
    match = _HOUR.fullmatch(number)
    hour, minute, said = match.groups() if match else ("", "", "")
    half = said or half
    if half in _HALVES and 0 < int(hour) <= 12:
        hour = str(int(hour) % 12 + (12 if half == "pm" else 0))
    return _CLOCK.read(f"{hour}:{minute or '00'}") or ""


def _days(words: list[str], word: str) -> tuple[str, int]:
    """Days at the end, and of how many words they are."""
    begin, dash, last = re.sub("[–—]", "-", word).partition("-")
    if dash and (first := _day(begin)) and (end := _day(last)):
        return _through(first, end), 1
    days = _day(word)
    if days and len(words) > 2 and words[-2].casefold() in _RANGE and (first := _day(words[-3])):
        return _through(first, days), 3
    return days, 1 if days else 0


def _day(word: str) -> str:
    """The days of a word: "montags", "mo.", "werktags"; "" where it is none."""
    folded = word.casefold().rstrip(".")
    return _DAYS.read(folded) or _DAYS.read(folded.removesuffix("s")) or ""


def _through(first: str, last: str) -> str:
    """All days from one to another, over the end of the week where need be."""
    begin, end = first.index("1"), last.index("1")
    return "".join("1" if (day - begin) % 7 <= (end - begin) % 7 else "0" for day in range(7))

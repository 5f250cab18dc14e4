"""The numbers of a text and what they count in, however they are written: "12 %", "zwölf Prozent", "1,2 Mio. Euro"."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from text_to_num import alpha2digit

from handlers.news.lexicon import load
from handlers.news.terms import fold_word, tokens

_WITH_LIBRARY = frozenset({"de", "en", "fr"})
_NUMBER = re.compile(r"(?<![\d])(?:\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.,:'’]\d+)*)")
_BEFORE = re.compile(r"([$€£¥₽])\s?$|([^\W\d_]+)\.?\s$")
_BEHIND = re.compile(r"[\s-]*(?:([%$€£¥₽])|(?:pour|per) (?:cent|100)\b|(?:US[ -])?([^\W\d_]+)|(\d+)(?!\d|[.,:]\d))")
_THOUSANDS = {"en": ","}
_DECIMAL = {"en": "."}
_JOINED = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_RUSSIAN_WORD = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")
# What number words of a magnitude come to: "2,5 Millionen" is "2,5 1000000" by then.
_MAGNITUDES = {"1000": 3, "1000000": 6, "1000000000": 9, "1000000000000": 12}
_MOST_DAYS = 31
_DAY_ENDS = re.compile(r"(?:\.|st|nd|rd|th)?(?: of)? ?([^\W\d_]+)")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number.

    Attributes:
        value: in plain digits; "12:30" and "24.10.2025" keep their parts, joined by colons.
        unit: "%", a sign of currency, "month 3" for a day in March; "" where it counts anything else.
    """

    value: str
    unit: str = ""


def figures(text: str, language: str) -> set[Figure]:
    """The numbers of a text with their units; a bare one is left out, since it may be an article."""
    plain = _in_digits(unicodedata.normalize("NFKC", text), language)
    found, ends = set(), 0
    for match in _NUMBER.finditer(plain):
        if match.start() < ends:
            continue
        figure, ends = _read(plain, match, language)
        if figure != Figure("1"):
            found.add(figure)
    return found


def is_measure(folded: str) -> bool:
    """Whether a word belongs to a number and names nothing: Prozent, Euro, Mio."""
    return bool(_of("magnitudes", folded)) or _of("units", folded) in {"%", "€", "$"}


def days(text: str) -> set[str]:
    """The days of the week that a text names."""
    return {day for word in tokens(text) if (day := _of("weekdays", fold_word(word)))}


def _in_digits(text: str, language: str) -> str:
    if language in _WITH_LIBRARY:
        # Of "four-kilometre" the library makes no number.
        apart = text if language == "fr" else _JOINED.sub(" ", text)
        return str(alpha2digit(apart, language, threshold=0))
    return _RUSSIAN_WORD.sub(lambda match: " ".join(_summed(match[0].split())), text) if language == "ru" else text


def _summed(russian: list[str]) -> Iterator[str]:
    """Words in their order, with number words that follow each other as one number."""
    value: int | None = None
    for word in russian:
        amount = _russian().get(fold_word(word))
        if amount is not None:
            value = amount + (value or 0)
            continue
        if value is not None:
            yield str(value)
        value = None
        yield word
    if value is not None:
        yield str(value)


@cache
def _russian() -> dict[str, int]:
    return {fold_word(word): int(value) for value, words in load("numbers")["ru"].items() for word in words.split()}


def _read(text: str, match: re.Match[str], language: str) -> tuple[Figure, int]:
    """The number with its unit, and where it ends."""
    value, ends = _value(match[0], language), match.end()
    unit = ""
    before = _BEFORE.search(text, max(0, match.start() - 20), match.start())
    behind = _BEHIND.match(text, ends)
    if behind and (power := _magnitude(behind, language)):
        value = _scaled(value, power)
        ends = behind.end()
        behind = _BEHIND.match(text, ends + (text[ends : ends + 1] == "."))
    if behind and (behind[1] or not (behind[2] or behind[3])):
        unit, ends = behind[1] or "%", behind.end()
    elif behind and behind[2]:
        unit = _of("units", fold_word(behind[2]))
    if not unit and before and before[1]:
        unit = before[1]
    return Figure(value, unit or _month(text, match, before, value, language)), ends


def _month(text: str, match: re.Match[str], before: re.Match[str] | None, value: str, language: str) -> str:
    if not value.isdigit() or int(value) > _MOST_DAYS:
        return ""
    behind = _DAY_ENDS.match(text, match.end())
    for word in (behind[1] if behind else "", before[2] if before and before[2] else ""):
        # May and march are other words too.
        if word and (language != "en" or word[0].isupper()) and (month := _of("months", fold_word(word))):
            return f"month {month}"
    return ""


def _magnitude(behind: re.Match[str], language: str) -> int:
    if behind[3]:
        return _MAGNITUDES.get(behind[3], 0)
    word = fold_word(behind[2] or "")
    if word.startswith("billion"):
        return 9 if language == "en" else 12
    return int(_of("magnitudes", word) or 0)


@cache
def _of(table: str, word: str) -> str:
    """The name under which a table lists a beginning of the word, "" where it does not."""
    listed = ((start, name) for name, starts in load("numbers")[table].items() for start in starts.split())
    return next((name for start, name in listed if word == start or (len(start) > 3 and word.startswith(start))), "")


def _value(written: str, language: str) -> str:
    thousands = _THOUSANDS.get(language, ".")
    point = _DECIMAL.get(language, ",")
    whole = re.fullmatch(rf"(\d{{1,3}}(?:[{re.escape(thousands)}'’ ]\d{{3}})+)(?:{re.escape(point)}(\d+))?", written)
    if whole:
        return _plain(Decimal(re.sub(r"\D", "", whole[1]) + (f".{whole[2]}" if whole[2] else "")))
    if written.count(point) == 1 and re.fullmatch(rf"\d+{re.escape(point)}\d+", written):
        return _plain(Decimal(written.replace(point, ".")))
    return ":".join(str(int(part)) for part in re.split(r"\D", written))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _scaled(value: str, power: int) -> str:
    return _plain(Decimal(value).scaleb(power)) if re.fullmatch(r"\d+(?:\.\d+)?", value) else value

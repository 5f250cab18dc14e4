"""Tells which sentences may stand in a summary: not questions, credits, bylines, captions or advertisements."""

import re
from enum import StrEnum
from functools import cache, lru_cache

from handlers.news.lexicon import load

_MIN_LETTERS = 15
_MIN_WORDS = 3
_CREDIT_LETTERS = 160
_LETTERS_LOOKED_AT = 40


class Kind(StrEnum):
    """What a sentence is good for: alone, only after the one before it, or not at all."""

    WHOLE = "whole"
    LEANING = "leaning"
    UNUSABLE = "unusable"


_END = re.compile(r"[.!…][\"“”»’')\]]*$")
_TRUNCATED = re.compile(r"(?:\.\.\.|…|\[(?:…|\.\.\.)\]|\[\+\d+ chars\])[\"“”»)]*\s*$")
_QUESTION = re.compile(r"\?[\"“”»’')]*$")
_LETTER = re.compile(r"[^\W\d_]")
_AGENCIES = (
    "dpa|afp|rtr|reuters|ap|apa|epd|kna|sid|ansa|efe|tass|тасс|риа новости|интерфакс|interfax|dts|keystone-sda|sda|upi"
)
# An agency's place, date and name before the first sentence: the first alternative is how Western agencies write it
# (place, date, name in brackets, dash), the others are how Russian ones do (place in capitals, date, dash or slashes).
_DATELINE = re.compile(
    rf"^(?:[^\W\d_][\w./ '’-]{{1,40}}(?:, [\w. ]{{3,20}})?\s*)?"
    rf"\((?:(?i:{_AGENCIES}))(?:[/,;-][\w ./-]{{1,20}})*\)\s*[-–—:.]+\s+"
    r"|^[А-ЯЁ][А-ЯЁ\s-]{2,30}, \d{1,2} \w{3,8}\.?\s*[-–—/]+\s*(?:(?:РИА Новости|ТАСС|Интерфакс)\s*[./:–—-]+\s*)?"
    r"|^[А-ЯЁ][А-ЯЁ\s-]{2,30}\.?\s*/\s*\w[\w ]{1,20}\s*/\s*[.–—-]*\s*"
)
# German beginnings that point back even before a noun of their own.
_ALWAYS_LEANS = re.compile(
    r"^[„“\"«»\s]*(?:dies\w*|jene\w*|ihre?[mnrs]?|seine?[mnrs]?|beiden?|weitere|da)\b", re.IGNORECASE
)


@cache
def _unusable(name: str) -> re.Pattern[str]:
    return re.compile("|".join(load("wording")["unusable"][name]), re.IGNORECASE if name != "bylines" else 0)


@cache
def _leaning(language: str) -> re.Pattern[str] | None:
    starts = load("wording")["first_words_that_lean"].get(language)
    return re.compile(rf"^[„“\"«»‚'\s–—-]*(?:{'|'.join(starts)})\b(?!-)", re.IGNORECASE) if starts else None


@cache
def _own_subject(language: str) -> re.Pattern[str] | None:
    pattern = load("wording")["own_subject"].get(language)
    return re.compile(pattern, re.IGNORECASE if language != "de" else 0) if pattern else None


def without_dateline(sentence: str) -> str:
    """The sentence without the agency's dateline before it ("Berlin (dpa) - ")."""
    return _DATELINE.sub("", sentence, count=1) or sentence


def is_complete(text: str) -> bool:
    """Whether a text ends as a sentence does, not cut off."""
    return bool(_END.search(text)) and not _TRUNCATED.search(text)


def is_attribution(sentence: str) -> bool:
    """Whether a sentence only says who said what the one before it tells."""
    return len(sentence) < _CREDIT_LETTERS and bool(_unusable("attributions").match(sentence))


def _is_credit(sentence: str) -> bool:
    if len(sentence) < _CREDIT_LETTERS and (
        _unusable("credits").match(sentence) or _unusable("bylines").match(sentence)
    ):
        return True
    return bool(_unusable("captions").match(sentence)) or _has(sentence, "picture_credits")


def _has(sentence: str, name: str) -> bool:
    # Most sentences hold none of the words that the slow pattern needs.
    lowered = sentence.lower()
    return any(word in lowered for word in _signs(name)) and bool(_unusable(name).search(sentence))


@cache
def _signs(name: str) -> tuple[str, ...]:
    return tuple(load("wording")["signs"][name].split(","))


@lru_cache(maxsize=1024)
def kind_of(sentence: str, language: str) -> Kind:
    """What the sentence is good for in a summary."""
    if sentence.count(" ") + 1 < _MIN_WORDS or len(_LETTER.findall(sentence[:_LETTERS_LOOKED_AT])) < _MIN_LETTERS:
        return Kind.UNUSABLE
    if _QUESTION.search(sentence) or not is_complete(sentence) or sentence.isupper():
        return Kind.UNUSABLE
    if _is_credit(sentence) or _has(sentence, "advertisements"):
        return Kind.UNUSABLE
    return Kind.LEANING if _leans(sentence, language) else Kind.WHOLE


def _leans(sentence: str, language: str) -> bool:
    pattern = _leaning(language)
    if pattern is None or not pattern.match(sentence):
        return False
    if language == "de" and _ALWAYS_LEANS.match(sentence):
        return True
    own = _own_subject(language)
    return not (own and own.match(sentence[0].lower() + sentence[1:] if language == "de" else sentence))

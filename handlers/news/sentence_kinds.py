"""Tells which sentences may stand in a summary: not questions, credits, bylines, captions or advertisements."""

import re
from enum import StrEnum
from functools import cache, lru_cache

from handlers.news.lexicon import load
from handlers.news.sentences import has_loose_ends

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
QUOTES = '„“”"«»‚‘'
_NOTHING_BUT_QUOTED = re.compile(r"^[„“”\"«»][^„“”\"«»]+[“”\"«»]?[.!]?[“”\"«»]?$")
_AGENCIES = (
    "dpa|afp|rtr|reuters|ap|apa|epd|kna|sid|ansa|efe|ots|awp|dts|dapd|ddp|taz|cnn|bbc|belga|xinhua|tass|тасс"
    "|риа новости|ria novosti|интерфакс|interfax|keystone-sda|sda|upi"
)
_PLACE = r"[^\W\d_][\w./'’-]{1,30}(?: [\w./'’-]{1,20}){0,2}"
_CAPITALS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ./'’-]{2,}(?: [A-ZÀ-ÖØ-Þ./'’-]{2,}){0,2}"
# What stands before the first sentence of a report, in the order of the alternatives: place, date and agency in
# brackets ("Berlin (dpa) - ", "(AP) "); the same in capitals without brackets ("BERLIN taz | "); place in capitals and
# a dash ("NEW YORK — "); place, country and a dash ("Dhaka, Bangladesh - "); place and a dash or full stop before a
# German article ("Kassel – Der …", "Essen. Die …"), or place and a dash that begins no parenthesis; Russian agencies'
# place in capitals, date and slashes, also in English ("MOSCOW, March 20. /TASS/. ").
_DATELINE = re.compile(
    rf"^(?:{_PLACE}(?:, [\w. ]{{3,20}})?\s*)?"
    rf"\((?:(?i:{_AGENCIES}))(?:[/,;-][\w ./-]{{1,20}})*\)(?:\s*[-–—:.]+\s*|\s*(?=[A-ZÄÖÜ„“\"]))"
    r"(?:\([a-zäöü]{2,4}\)\s+)?"
    rf"|^{_CAPITALS} (?i:{_AGENCIES})(?:/\w+)? \| "
    rf"|^{_CAPITALS}(?:, [\w. ]{{3,20}})?\s+[–—-]{{1,2}}\s+(?=[A-ZÄÖÜ„“\"])"
    r"|^[A-Z]\w+(?: [A-Z]\w+)?, [A-Z]\w+(?: [A-Z]\w+)? [–—-]{1,2} ?(?=[A-Z“\"])"
    r"|^[A-ZÄÖÜ][\w/-]{2,25}(?:\s[–—-]\s|\.\s)(?=(?:Der|Die|Das|Ein|Eine|Einen|Im|In|Am|Bei|Nach|Mit|Für|Wegen)\b)"
    r"|^[A-ZÄÖÜ][a-zäöüß]{2,}(?:[/-][A-ZÄÖÜ]\w+)? [–—-] (?=[A-ZÄÖÜ„])(?![^.]{0,90}\s[–—-]\s)"
    r"|^[А-ЯЁ][А-ЯЁ\s-]{2,30}, \d{1,2} \w{3,8}\.?\s*[-–—/]+\s*(?:(?:РИА Новости|ТАСС|Интерфакс)\s*[./:–—-]+\s*)?"
    r"|^(?:[А-ЯЁ][А-ЯЁ\s-]{2,30}|[A-Z][A-Z\s-]{2,30}(?:, \w+ \d{1,2})?)\.?\s*/\s*\w[\w ]{1,20}\s*/\s*[.–—-]*\s*"
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
def _leaning_phrase(language: str) -> re.Pattern[str] | None:
    pattern = load("wording")["phrases_that_lean"].get(language)
    return re.compile(pattern, re.IGNORECASE) if pattern else None


@cache
def _leaning_end(language: str) -> re.Pattern[str] | None:
    pattern = load("wording")["speaker_is_a_pronoun"].get(language)
    return re.compile(pattern, re.IGNORECASE) if pattern else None


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


def is_picture_credit(sentence: str) -> bool:
    """Whether a sentence says whose picture it stands below: what comes with it is a caption."""
    return _has(sentence, "picture_credits") or (
        len(sentence) < _CREDIT_LETTERS and bool(_unusable("picture_lines").match(sentence))
    )


def _has(sentence: str, name: str) -> bool:
    # Most sentences hold none of the words that the slow pattern needs.
    lowered = sentence.lower()
    return any(map(lowered.__contains__, _signs(name))) and bool(_unusable(name).search(sentence))


@cache
def _signs(name: str) -> tuple[str, ...]:
    return tuple(load("wording")["signs"][name].split(","))


@lru_cache(maxsize=1024)
def kind_of(sentence: str, language: str, *, opens: bool = False) -> Kind:
    """What the sentence is good for in a summary.

    Args:
        opens: it is the first of its text, so that "In his speech …" can only point forward.
    """
    if sentence.count(" ") + 1 < _MIN_WORDS or sum(map(str.isalpha, sentence[:_LETTERS_LOOKED_AT])) < _MIN_LETTERS:
        return Kind.UNUSABLE
    if _QUESTION.search(sentence) or not is_complete(sentence) or sentence.isupper() or has_loose_ends(sentence):
        return Kind.UNUSABLE
    if _is_credit(sentence) or _has(sentence, "advertisements"):
        return Kind.UNUSABLE
    return Kind.LEANING if _leans(sentence, language, opens=opens) else Kind.WHOLE


def _leans(sentence: str, language: str, *, opens: bool) -> bool:
    if sentence[0] in QUOTES and _speaker_is_missing(sentence, language):
        return True
    if not opens and _points_back_inside(sentence, language):
        return True
    pattern = _leaning(language)
    if pattern is None or not pattern.match(sentence):
        return False
    if language == "de" and _ALWAYS_LEANS.match(sentence):
        return True
    own = _own_subject(language)
    return not (own and own.match(sentence[0].lower() + sentence[1:] if language == "de" else sentence))


def _speaker_is_missing(sentence: str, language: str) -> bool:
    """Whether a quotation names nobody who says it, or only "he" or "she"."""
    end = _leaning_end(language)
    return bool(_NOTHING_BUT_QUOTED.match(sentence) or (end and end.search(sentence)))


def _points_back_inside(sentence: str, language: str) -> bool:
    pattern = _leaning_phrase(language)
    return bool(pattern and pattern.match(sentence))

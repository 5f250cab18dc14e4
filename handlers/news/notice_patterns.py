"""Knows a notice by its wording, before its source has repeated it.

Quoted speech is not looked at: somebody who is quoted with an appeal to share is news.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import groupby

from handlers.news.lexicon import load
from handlers.news.sentences import split
from handlers.news.terms import fold, words

_QUOTED = re.compile(r"[„“\"«»][^„“”\"«»]{3,400}[“”\"«»]")
_MAX_SCAN = 3000
_NOTICE_SHARE = 0.4
_MAX_NOTICE = 600
_COPYRIGHT = re.compile(
    r"^(?:©|\(c\)\s|copyright\b)|^[^.]{0,60}©\s*\d{4}|^[^.]{0,60}©\s*(?:dpa|afp|reuters|apa)\b", re.IGNORECASE
)
# A line that names nothing but agencies and signs of editors: "dpa/abc", "(Reuters, AFP)", "Quelle: ntv.de, mau/dpa".
_AGENCY = r"(?:dpa(?:-infocom)?|afp|rtr|reuters|ap|apa|epd|kna|sid|dts|ots|tass|тасс|риа новости|интерфакс|ansa|efe)"
_AGENCIES_ONLY = re.compile(
    rf"^\W*(?:(?:mit|von|with|avec|quellen?|sources?|источники?)\b\W+)*(?:[\w.-]{{2,12}}[/,; ]+)*{_AGENCY}"
    r"(?:[/,;: ]+[\w.-]{2,16}){0,4}\W*$",
    re.IGNORECASE,
)
_MAX_CREDIT = 60
# The same behind the last sentence: "… sagte er. (dpa)".
_SIGNED = re.compile(
    rf"(?<=[.!?…“”\"»)])\s+(?=[(\[]?(?:[\w-]{{2,12}}/)*{_AGENCY}(?:/[\w-]{{2,12}})*[)\]]?\.?$)", re.IGNORECASE
)
# Openings of known notices, at which a paragraph is cut when a feed has lost its line breaks.
_OPENINGS = re.compile(
    r"\s+(?=Durch die Sperrung von \S+(?: \S+)? zielt die EU|RT DE bemüht sich um)"
    r"|(?<=[.!?…“”\"»)])\s+(?=Folgen Sie uns auf|Sign up (?:for|to) (?:our|the)\b|Follow us on"
    r"|Подписывайтесь на|Abonnez-vous|©\s?\d{4})"
)
_OPENING_WORDS = ("Durch die Sperrung", "RT DE bem", "Folgen Sie uns", "Sign up", "Follow us", "Подпис", "Abonnez", "©")


@cache
def _patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    lists = load("notices")
    listed = [*lists.get(language, ()), *(lists["en"] if language != "en" else ())]
    return tuple((" ".join(words(word)), re.compile(pattern)) for word, pattern in listed)


@lru_cache(maxsize=1024)
def patterns_for(paragraph: str, language: str) -> tuple[re.Pattern[str], ...]:
    """The patterns that a paragraph or one of its sentences may meet; mostly none, at little cost."""
    told = " ".join(words(paragraph[:_MAX_SCAN]))
    return tuple(pattern for word, pattern in _patterns(language) if word in told)


def meets(text: str, patterns: Sequence[re.Pattern[str]]) -> bool:
    """Whether a text is worded as one of the patterns says, leaving out what somebody is quoted with."""
    if not patterns:
        return False
    plain = fold(without_quotes(text[:_MAX_SCAN]))
    return any(pattern.search(plain) for pattern in patterns)


def _names_agencies(text: str) -> bool:
    return len(text) <= _MAX_CREDIT and bool(_AGENCIES_ONLY.match(text))


def without_quotes(text: str) -> str:
    """The text with what somebody is quoted with left out."""
    return _QUOTED.sub(" ", text)


@lru_cache(maxsize=1024)
def is_notice(paragraph: str, language: str) -> bool:
    """Whether a paragraph is worded like a notice in this language or in English."""
    if _COPYRIGHT.search(paragraph[:120]):
        return True
    if _names_agencies(paragraph):
        return True
    return meets(paragraph, patterns_for(paragraph, language))


def pieces(paragraph: str, language: str) -> list[str]:
    """The paragraph, cut before and behind a notice that a feed has glued to the news."""
    cut = [paragraph]
    if any(word in paragraph for word in _OPENING_WORDS):
        cut = [piece.strip() for piece in _OPENINGS.split(paragraph) if piece.strip()]
        if not any(is_notice(piece, language) for piece in cut):
            cut = [paragraph]
    if signed := _SIGNED.search(cut[-1], max(0, len(cut[-1]) - _MAX_CREDIT)):
        cut[-1:] = [cut[-1][: signed.start()], cut[-1][signed.end() :]]
    return [part for piece in cut for part in _apart(piece, language)]


def _apart(paragraph: str, language: str) -> list[str]:
    """A paragraph of news with a notice in it as news and notices; a notice, and all other text, in one piece."""
    patterns = patterns_for(paragraph, language)
    if len(paragraph) > _MAX_SCAN or not (patterns or "©" in paragraph):
        return [paragraph]
    sentences = split(paragraph, language)
    flags = [meets(sentence, patterns) or bool(_COPYRIGHT.search(sentence[:120])) for sentence in sentences]
    noticed = sum(len(sentence) for sentence, flag in zip(sentences, flags, strict=True) if flag)
    # Not every sentence of a notice gives it away; news, though, says more than the notice that is glued to it.
    is_whole = flags[0] and len(paragraph) <= _MAX_NOTICE
    if is_whole or not noticed or noticed > len(paragraph) * _NOTICE_SHARE:
        return [paragraph]
    grouped = groupby(zip(sentences, flags, strict=True), key=lambda pair: pair[1])
    return [" ".join(sentence for sentence, _ in group) for _, group in grouped]

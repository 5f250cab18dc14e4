"""Knows a notice by its wording, before its source has repeated it.

Quoted speech is not looked at: somebody who is quoted with an appeal to share is news.
"""

import re
from functools import cache

from handlers.news.lexicon import load
from handlers.news.terms import fold

_QUOTED = re.compile(r"[„“\"«»][^„“”\"«»]{3,400}[“”\"«»]")
_MAX_SCAN = 3000
_COPYRIGHT = re.compile(
    r"^(?:©|\(c\)\s|copyright\b)|^[^.]{0,60}©\s*\d{4}|^\W*(?:dpa|afp|reuters|ap)\s*/\s*\w+\W*$", re.IGNORECASE
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
    return tuple((word, re.compile(pattern)) for word, pattern in listed)


def is_notice(paragraph: str, language: str) -> bool:
    """Whether a paragraph is worded like a notice in this language or in English."""
    if _COPYRIGHT.search(paragraph[:120]):
        return True
    folded = fold(paragraph[:_MAX_SCAN])
    found = [pattern for word, pattern in _patterns(language) if word in folded]
    if not found:
        return False
    plain = fold(_QUOTED.sub(" ", paragraph[:_MAX_SCAN]))
    return any(pattern.search(plain) for pattern in found)


def pieces(paragraph: str, language: str) -> list[str]:
    """The paragraph, cut before a notice that a feed has glued to it."""
    if not any(word in paragraph for word in _OPENING_WORDS):
        return [paragraph]
    cut = [piece.strip() for piece in _OPENINGS.split(paragraph) if piece.strip()]
    return cut if len(cut) > 1 and any(is_notice(piece, language) for piece in cut) else [paragraph]

"""Whether a source's change of a clip matters to somebody who has read it; pure."""

import re
from collections.abc import Sequence

from handlers.news.terms import tokens

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
# After these a capital says nothing but that a sentence begins.
_BEGINNINGS = frozenset(".!?…:;–—\"'„“”«»()")
_NOUNS_IN_CAPITALS = frozenset({"de", "lb"})


def matters(
    old_title: str, old_paragraphs: Sequence[str], new_title: str, new_paragraphs: Sequence[str], language: str
) -> bool:
    """Whether the headline differs by more than punctuation and case, or the text names other numbers or names.

    Args:
        language: of the clip; where all nouns have capitals, one capital alone makes no name.
    """
    if _said(old_title) != _said(new_title):
        return True
    if _numbers(old_paragraphs) != _numbers(new_paragraphs):
        return True
    if _names(old_paragraphs, language) != _names(new_paragraphs, language):
        return True
    return language in _NOUNS_IN_CAPITALS and _is_exchanged(old_paragraphs, new_paragraphs)


def _said(text: str) -> list[str]:
    return [token.casefold() for token in tokens(text)]


def _numbers(paragraphs: Sequence[str]) -> set[str]:
    return {token for text in paragraphs for token in tokens(text) if any(sign.isdigit() for sign in token)}


def _names(paragraphs: Sequence[str], language: str) -> set[str]:
    """The words that are names as far as their letters tell."""
    needs_company = language in _NOUNS_IN_CAPITALS
    found: set[str] = set()
    for text in paragraphs:
        before, before_end = "", 0
        for match in _WORD.finditer(text):
            word = match[0]
            between = text[before_end : match.start()]
            is_first = not text[: match.start()].strip() or not _BEGINNINGS.isdisjoint(between)
            if _is_acronym(word) or _is_capital(word) and not is_first and not needs_company:
                found.add(word.casefold())
            elif needs_company and before and _is_capital(word) and between == " ":
                found |= {f"{before} {word}".casefold()}
            # In a row of capitals every neighbour counts, but the first word of a sentence begins none.
            before, before_end = ("" if is_first or not _is_capital(word) else word), match.end()
    return found


def _is_capital(word: str) -> bool:
    return word[0].isupper()


def _is_acronym(word: str) -> bool:
    """Whether a word has capitals inside, as ARD and EnBW have, and no noun."""
    return any(sign.isupper() for sign in word.partition("-")[0][1:])


def _is_exchanged(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether only words with capitals were exchanged for others, all else being said as before."""
    ours, theirs = ([_WORD.findall(text) for text in texts] for texts in (old, new))
    lower_ours, lower_theirs = (
        [[w for w in words if not _is_capital(w)] for words in texts] for texts in (ours, theirs)
    )
    if lower_ours != lower_theirs:
        return False
    capital = ({word.casefold() for words in texts for word in words if _is_capital(word)} for texts in (ours, theirs))
    return next(capital) != next(capital)

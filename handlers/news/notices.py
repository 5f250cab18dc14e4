"""Tells the news of a clip from the paragraphs that its source repeats under all of them."""

import hashlib
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from handlers.news import notice_patterns, references
from handlers.news.items import RawReference
from handlers.news.lexicon import load
from handlers.news.terms import fold_word, tokens, words

MIN_LEARNED_LETTERS = 60
_MIN_OWN_LETTERS = 30
_MIN_FRAME = 5
_MAX_FRAMED = 1500
_LONG_ENOUGH, _LONG_ENOUGH_OF_ITSELF = (
    re.compile(rf"(?:[\W\d_]*+[^\W\d_]){{{letters}}}") for letters in (MIN_LEARNED_LETTERS, _MIN_OWN_LETTERS)
)


@dataclass(frozen=True, slots=True)
class NoticeSplit:
    """The news itself, the notices in order, and the references that stood between them."""

    body: tuple[str, ...]
    notices: tuple[str, ...]
    references: tuple[RawReference, ...]


@cache
def _own_words() -> tuple[frozenset[str], tuple[str, ...]]:
    words_of = load("notices")["itself"]
    return frozenset(words_of["words"].split()), tuple(words_of["stems"].split())


def _speaks_of_itself(told: Sequence[str]) -> bool:
    return any(map(_is_own_word, told))


@lru_cache(maxsize=20_000)
def _is_own_word(word: str) -> bool:
    whole, beginnings = _own_words()
    return word in whole or word.startswith(beginnings)


@cache
def _calendar() -> frozenset[str]:
    return frozenset(load("notices")["itself"]["calendar"].split())


def _frame(paragraph: str) -> list[str]:
    """The words of a paragraph that stay when numbers, dates, names and quoted titles in it change."""
    told = tokens(notice_patterns.without_quotes(paragraph))
    plain = [fold_word(word) for word in told if word.islower() and not word[0].isdigit()]
    return [word for word in plain if word not in _calendar()]


@lru_cache(maxsize=1024)
def fingerprint(paragraph: str) -> str:
    """32 hex digits that stay the same when only case, accents, spacing or punctuation of a paragraph change.

    Where the paragraph speaks of its own medium or to its reader ("Über dieses Thema berichtete …"), they also stay the
    same when a number, a date, a name or a quoted title in it changes. News keeps its numbers: two reports on the Dax
    are two.
    """
    told = words(paragraph)
    if len(paragraph) <= _MAX_FRAMED and _speaks_of_itself(told):
        frame = _frame(paragraph)
        if len(frame) >= _MIN_FRAME:
            told = ("~", *frame)
    return hashlib.blake2b(" ".join(told).encode("utf-8", "replace"), digest_size=16).hexdigest()


def may_repeat(paragraph: str) -> bool:
    """Whether a paragraph is long enough to be learned as a notice when it comes again.

    Shorter ones ("Das Wetter:", a dateline, a score) may come twice by chance and be news each time; those that speak
    of their own medium less easily.
    """
    if _LONG_ENOUGH.match(paragraph):
        return True
    return bool(_LONG_ENOUGH_OF_ITSELF.match(paragraph)) and _speaks_of_itself(words(paragraph))


def split(paragraphs: Sequence[str], *, repeated: Container[str], language: str) -> NoticeSplit:
    """The paragraphs sorted into news, notices and references; nothing is lost but the markers of the references.

    Args:
        paragraphs: the text of an item in order.
        repeated: fingerprints of the paragraphs that the source is known to repeat.
        language: of the item; its patterns are tried together with the English ones.
    """
    cut = [piece for paragraph in paragraphs for piece in notice_patterns.pieces(paragraph, language)]
    kept, found = references.extract(cut)
    body: list[str] = []
    notices: list[str] = []
    for paragraph in kept:
        is_notice = fingerprint(paragraph) in repeated or notice_patterns.is_notice(paragraph, language)
        (notices if is_notice else body).append(paragraph)
    return NoticeSplit(tuple(body), tuple(notices), found)

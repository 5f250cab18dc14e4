"""Ranks what else a reader of a clip may want to read, with one line of why."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from handlers.news.duplicates import distance, is_same_text
from handlers.news.similarity import Candidate, Comparison
from handlers.news.stopwords import empty_nouns, numerals
from handlers.news.terms import fold_word, stem, tokens

__all__ = ["Candidate", "Related", "Why", "rank"]

# What a reader is shown; who takes more (an export) gets what is less alike too.
SHOWN = 0.06
ANYTHING = 0.015
_TITLE_SHARE = 0.25
_NEWEST_BONUS = 0.2
_HALF_LIFE_DAYS = 10.0
_SHARED_WORDS = 3
_NEAR_COPY = 12
# Nearness in meaning beside likeness of words: clips on one matter are about half near, unlike ones a fifth.
_MEANING_SHARE = 0.35
_UNLIKE = 0.25
_FOREIGN = 0.3


class Why(StrEnum):
    """Why a clip is named as related."""

    REFERENCE = "reference"
    SAME_STORY = "same_story"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Related:
    """A clip worth reading next.

    Attributes:
        score: 0..1, comparable within one answer only.
        shared: the words that both clips are about, as written in their titles, for "both on …"; may be empty.
    """

    clip_id: int
    score: float
    why: Why
    shared: tuple[str, ...] = ()


def rank(
    target: Candidate,
    candidates: Sequence[Candidate],
    *,
    document_counts: Mapping[str, int],
    documents: int,
    limit: int,
    near: Mapping[int, float] = MappingProxyType({}),
    least: float = SHOWN,
) -> list[Related]:
    """Clips on the same matter that are not the same news, the most alike first and the newest of equals.

    Of a story only its best clip is named; copies of the target and clips of its story are left to the caller.

    Args:
        target: the clip that is read.
        candidates: what may be named.
        document_counts: stem → number of clips that have it.
        documents: number of all clips.
        limit: how many at most.
        near: clip → how near it is in meaning to the target, as far as that is known.
        least: how alike a clip has to be.
    """
    comparison = Comparison(document_counts, documents)
    scored = []
    for other in candidates:
        if other.clip_id == target.clip_id or _is_same_news(target, other):
            continue
        alike = comparison.cosine(target, other)
        value = (1.0 - _TITLE_SHARE) * alike + _TITLE_SHARE * comparison.title_overlap(target, other)
        value = _with_meaning(value, near.get(other.clip_id), is_foreign=other.language != target.language)
        if value >= least:
            scored.append((value * _freshness(target, other), other))
    scored.sort(key=lambda pair: (-round(pair[0], 2), -pair[1].published_at.timestamp(), pair[1].clip_id))
    found: list[Related] = []
    chosen: list[Candidate] = []
    for value, other in scored:
        if len(found) >= limit:
            break
        if any(_is_same_news(other, named) for named in chosen):
            continue
        chosen.append(other)
        found.append(Related(other.clip_id, round(value, 3), Why.SIMILAR, _shared_words(target, other, comparison)))
    return found


def _with_meaning(value: float, near: float | None, *, is_foreign: bool) -> float:
    """Words and meaning together; words of two languages say little, so that meaning has to say more there."""
    if near is None:
        return value
    return value + _MEANING_SHARE * (near - (_UNLIKE + _FOREIGN if is_foreign else _UNLIKE))


def likest_first(target: Candidate, others: Sequence[Candidate]) -> list[int]:
    """The clips of a story in the order in which they are like one of them: copies of its text first."""

    def unlike(other: Candidate) -> tuple[int, float]:
        shared = sum(min(weight, other.terms.get(stem, 0.0)) for stem, weight in target.terms.items())
        whole = sum(target.terms.values()) + sum(other.terms.values()) - shared
        return distance(target.signature, other.signature) // _NEAR_COPY, -(shared / whole if whole else 0.0)

    return [other.clip_id for other in sorted(others, key=unlike)]


def _is_same_news(a: Candidate, b: Candidate) -> bool:
    return (a.story_id is not None and a.story_id == b.story_id) or is_same_text(a.signature, b.signature)


def _freshness(target: Candidate, other: Candidate) -> float:
    days = max((target.published_at - other.published_at).total_seconds(), 0.0) / 86_400
    return 1.0 - _NEWEST_BONUS * (1.0 - math.exp(-days / _HALF_LIFE_DAYS))


def _shared_words(a: Candidate, b: Candidate, comparison: Comparison) -> tuple[str, ...]:
    spelled: dict[str, str] = {}
    for clip in (b, a):
        spelled |= {stem(fold_word(word), clip.language): word for word in tokens(clip.title)}
    telling = (spelled[part] for part in comparison.shared_stems(a, b, 12) if part in spelled)
    return tuple(word for word in telling if _is_telling(word, a.language))[:_SHARED_WORDS]


def _is_telling(word: str, language: str) -> bool:
    """Whether a word names something: no number, and in German, where capitals show them, nothing but a noun."""
    folded = fold_word(word)
    if word[0].isdigit() or folded in numerals() or folded in empty_nouns(language):
        return False
    return language != "de" or word[0].isupper()

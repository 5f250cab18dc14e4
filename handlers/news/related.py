"""Ranks what else a reader of a clip may want to read, with one line of why."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from handlers.news.duplicates import is_same_text
from handlers.news.similarity import Candidate, Comparison
from handlers.news.stopwords import empty_nouns, numerals
from handlers.news.terms import fold_word, stem, tokens

__all__ = ["Candidate", "Related", "Why", "rank"]

_MIN_SIMILARITY = 0.06
_TITLE_SHARE = 0.25
_NEWEST_BONUS = 0.2
_HALF_LIFE_DAYS = 10.0
_SHARED_WORDS = 3


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
) -> list[Related]:
    """Clips on the same matter that are not the same news, the most alike first and the newest of equals.

    Of a story only its best clip is named; copies of the target and clips of its story are left to the caller.

    Args:
        target: the clip that is read.
        candidates: what may be named.
        document_counts: stem → number of clips that have it.
        documents: number of all clips.
        limit: how many at most.
    """
    comparison = Comparison(document_counts, documents)
    scored = []
    for other in candidates:
        if other.clip_id == target.clip_id or _is_same_news(target, other):
            continue
        alike = comparison.cosine(target, other)
        value = (1.0 - _TITLE_SHARE) * alike + _TITLE_SHARE * comparison.title_overlap(target, other)
        if value >= _MIN_SIMILARITY:
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

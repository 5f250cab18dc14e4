"""How alike two clips are: cosine of their weighted stems, overlap of their titles, numbers that contradict."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from handlers.news.iptc import iptc_topics
from handlers.news.terms import content_stems, stems, tokens
from handlers.news.topic_terms import matcher_for

# A fresh database knows too few clips to tell rare words from common ones; these stand in for those to come.
_ASSUMED_DOCUMENTS = 400
_ASSUMED_COUNT = 1.0
_GENERIC_SHARE = 0.55
_MIN_SHARED = 3
_NAME_LETTERS = 5
# What terms.bag gives a word of the title that the text takes up: 1 + ln(2 + 1) and more.
_IN_TITLE_AND_TEXT = 2.05
_LATIN = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "i", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h",
    "ц": "c", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
})  # fmt: skip


# Without slots, for what is computed of it once.
@dataclass(frozen=True)
class Candidate:
    """A clip as it is compared with others.

    Attributes:
        terms: what Analysis.terms holds, or what was stored of it.
        signature: what Analysis.signature holds.
        vector: what an encoder made of it, of length 1; None where there is none.
    """

    clip_id: int
    story_id: int | None
    source_id: int
    language: str
    published_at: datetime
    terms: Mapping[str, float]
    signature: int
    title: str
    vector: NDArray[np.float32] | None = field(default=None, compare=False)

    @cached_property
    def title_stems(self) -> frozenset[str]:
        """The stems of its title that carry meaning."""
        return content_stems(self.title, self.language)

    @cached_property
    def scores(self) -> frozenset[str]:
        """The match results and times that it tells (3:1)."""
        return frozenset(stem for stem in self.terms if ":" in stem)

    @cached_property
    def spelled(self) -> frozenset[str]:
        """The beginnings of its longer stems in Latin letters, and its numbers: what names of two languages share."""
        latin = (stem.translate(_LATIN) for stem in self.terms if len(stem) >= _NAME_LETTERS or stem[0].isdigit())
        return frozenset(stem if stem[0].isdigit() else stem[:_NAME_LETTERS] for stem in latin if len(stem) > 1)

    @cached_property
    def matter(self) -> Mapping[str, bool]:
        """The stems that it is about, with whether they are written like a name or number."""
        told = {
            stem
            for stem in self.title_stems
            if self.terms.get(stem, 0.0) >= _IN_TITLE_AND_TEXT and not is_generic(stem, self.language)
        }
        if not told:
            return {}
        spelled = zip(stems(self.title, self.language), tokens(self.title), strict=True)
        return {stem: not word[0].islower() for stem, word in spelled if stem in told}


class _Rarity(dict[str, float]):
    """What stems of one language weigh, counted when first asked for."""

    def __init__(self, weigh: Callable[[str], float]) -> None:
        super().__init__()
        self._weigh = weigh

    def __missing__(self, stem: str) -> float:
        found = self[stem] = self._weigh(stem)
        return found


@dataclass(slots=True)
class Comparison:
    """Weighs stems by how rare they are among the known clips; one object for one round of comparisons.

    Attributes:
        document_counts: stem → number of clips that have it; may hold only the stems of the clips compared.
        documents: number of all clips.
        is_about_events: whether words that only name a field (court, match, minister) count for less than those that
            tell one event from another.
    """

    document_counts: Mapping[str, int]
    documents: int
    is_about_events: bool = False
    _rarities: dict[str, _Rarity] = field(default_factory=dict)
    _lengths: dict[int, float] = field(default_factory=dict)
    _title_weights: dict[int, float] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many clips it remembers."""
        return len(self._lengths)

    def rarity(self, stem: str, language: str) -> float:
        """The weight of a stem: the logarithm of how few clips have it."""
        return self._of(language)[stem]

    def _of(self, language: str) -> _Rarity:
        known = self._rarities.get(language)
        if known is None:
            known = self._rarities[language] = _Rarity(lambda stem: self._weigh(stem, language))
        return known

    def _weigh(self, stem: str, language: str) -> float:
        total = max(self.documents, 0) + _ASSUMED_DOCUMENTS
        count = min(self.document_counts.get(stem, 0), total - 1)
        weight = math.log(total / (count + _ASSUMED_COUNT)) if count < total - 1 else 0.0
        return weight * _GENERIC_SHARE if self.is_about_events and is_generic(stem, language) else weight

    def _length(self, clip: Candidate) -> float:
        known = self._lengths.get(clip.clip_id)
        if known is None:
            rarity = self._of(clip.language)
            weights = [weight * rarity[stem] for stem, weight in clip.terms.items()]
            known = self._lengths[clip.clip_id] = math.sqrt(sum([weight * weight for weight in weights]))
        return known

    def cosine(self, a: Candidate, b: Candidate) -> float:
        """How alike the bags of two clips are, 0..1; 0 where they share fewer than three stems."""
        shared = a.terms.keys() & b.terms.keys()
        if len(shared) < _MIN_SHARED:
            return 0.0
        ours, theirs = self._of(a.language), self._of(b.language)
        dot = math.fsum([a.terms[stem] * b.terms[stem] * ours[stem] * theirs[stem] for stem in shared])
        length = self._length(a) * self._length(b)
        return min(dot / length, 1.0) if length else 0.0

    def title_overlap(self, a: Candidate, b: Candidate) -> float:
        """Which part of the shorter title's weight both titles share, 0..1."""
        common = a.title_stems & b.title_stems
        if not common:
            return 0.0
        smaller = min(self._title_weight(a), self._title_weight(b))
        shared = self.weight(common, a.language)
        # A title of one or two words is not evidence enough to be wholly shared.
        return shared / max(smaller, 3.0 * math.log(_ASSUMED_DOCUMENTS)) if shared else 0.0

    def _title_weight(self, clip: Candidate) -> float:
        known = self._title_weights.get(clip.clip_id)
        if known is None:
            known = self._title_weights[clip.clip_id] = self.weight(clip.title_stems, clip.language)
        return known

    def weight(self, stems: Iterable[str], language: str) -> float:
        """What some stems weigh together."""
        return sum(map(self._of(language).__getitem__, stems))

    def shared_stems(self, a: Candidate, b: Candidate, limit: int) -> list[str]:
        """The stems that make two clips alike, the most telling first."""
        shared = a.terms.keys() & b.terms.keys()
        weights = {stem: a.terms[stem] * b.terms[stem] * self.rarity(stem, a.language) ** 2 for stem in shared}
        return sorted(weights, key=lambda stem: (-weights[stem], stem))[:limit]


def meaning(a: Candidate, b: Candidate) -> float | None:
    """How near two clips are in meaning, -1..1, whatever their languages; None where one has no vector."""
    return None if a.vector is None or b.vector is None else float(a.vector @ b.vector)


def shared_names(a: Candidate, b: Candidate) -> int:
    """How many stems of two languages look alike: names and numbers, those in Cyrillic spelled in Latin letters."""
    return len(a.spelled & b.spelled)


@lru_cache(maxsize=100_000)
def is_generic(stem: str, language: str) -> bool:
    """Whether a stem names a field of news rather than one event: it speaks for one of the IPTC topics."""
    return bool(matcher_for(iptc_topics(), language).hits((stem,), (stem,), 0))

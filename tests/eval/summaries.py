"""Summaries beside the first two sentences, LexRank and the best possible extract: ROUGE-1 against teasers."""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from handlers.news import sentences, summary
from handlers.news.sentence_kinds import without_dateline
from handlers.news.terms import content_stems, words

TEXTS = Path(__file__).with_name("summaries.toml")
_EXTRACT = 2
_ALIKE = 0.1
_DAMPING = 0.15
_STEPS = 50


@dataclass(frozen=True)
class Text:
    """A text with the teaser that an editor put above it; `set` says language, and whether its lead is colour."""

    set: str
    language: str
    title: str
    teaser: str
    paragraphs: tuple[str, ...]

    @property
    def sentences(self) -> list[str]:
        """The sentences in order, without an agency's dateline."""
        return [each for part in self.paragraphs for each in sentences.split(without_dateline(part), self.language)]


def texts() -> list[Text]:
    """The texts of the file beside this one."""
    return [
        Text(
            f"{each['language']}, lead {'is colour' if each.get('colour') else 'is news'}",
            each["language"],
            each["title"],
            each["teaser"],
            tuple(" ".join(part.split()) for part in each["text"].strip().split("\n\n")),
        )
        for each in tomllib.loads(TEXTS.read_text(encoding="utf-8"))["text"]
    ]


def rouge_1(found: str, wanted: str) -> float:
    """The harmonic mean of precision and recall of single words.

    Source: C.-Y. Lin, ROUGE: a package for automatic evaluation of summaries (2004); no stemming, no stop words.
    """
    ours, theirs = Counter(words(found)), Counter(words(wanted))
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 0.0


def lexrank(text: Text) -> str:
    """The two most central sentences in their order.

    Source: G. Erkan and D. Radev, LexRank: graph-based lexical centrality as salience in text summarization (2004).
    """
    parts = text.sentences
    stems = [content_stems(part, text.language) for part in parts]
    known = sorted(frozenset().union(*stems))
    held = np.array([[stem in each for stem in known] for each in stems], dtype=float)
    weighted = held * (np.log(len(parts) / np.maximum(held.sum(axis=0), 1.0)) + 1.0)
    length = np.linalg.norm(weighted, axis=1, keepdims=True)
    unit = weighted / np.maximum(length, 1e-9)
    linked = (unit @ unit.T > _ALIKE).astype(float)
    moves = linked / np.maximum(linked.sum(axis=1, keepdims=True), 1.0)
    rank = np.full(len(parts), 1.0 / len(parts))
    for _ in range(_STEPS):
        rank = _DAMPING / len(parts) + (1.0 - _DAMPING) * rank @ moves
    best = sorted(np.argsort(-rank, kind="stable")[:_EXTRACT])
    return " ".join(parts[place] for place in best)


def best_extract(text: Text) -> str:
    """The one or two sentences that come nearest to the teaser: no extract of that length does better."""
    parts = text.sentences
    extracts = (" ".join(chosen) for size in range(1, _EXTRACT + 1) for chosen in combinations(parts, size))
    return max(extracts, key=lambda extract: rouge_1(extract, text.teaser))


def ours(text: Text) -> str:
    """The short form of the summary."""
    return summary.summarise(text.title, text.paragraphs, text.language).short


METHODS: dict[str, Callable[[Text], str]] = {
    "ours, short": ours,
    "first two sentences": lambda text: " ".join(text.sentences[:_EXTRACT]),
    "LexRank": lexrank,
    "best possible extract": best_extract,
}


def rows(material: Sequence[Text] | None = None) -> Iterator[tuple[str, str, float]]:
    """(set, method, mean ROUGE-1 F of 0..100) for every set and method."""
    sets: dict[str, list[Text]] = defaultdict(list)
    for text in texts() if material is None else material:
        sets[text.set].append(text)
    for name, members in sets.items():
        for method, extract in METHODS.items():
            scores = [rouge_1(extract(text), text.teaser) for text in members]
            yield name, method, round(100 * sum(scores) / len(scores), 1)

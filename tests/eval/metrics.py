"""The measures of the evaluation, each a few lines; `test_metrics.py` checks them against examples worked by hand."""

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")


class Score(NamedTuple):
    """Precision, recall and their harmonic mean, each 0..1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def words(text: str) -> list[str]:
    """The words of a text in lower case, as they stand: no stems, no folding."""
    return _WORD.findall(text.lower())


def mean(values: Sequence[float]) -> float:
    """The mean; 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def of_counts(right: int, found: int, wanted: int) -> Score:
    """From how many were right of those found, and how many were wanted."""
    return Score(right / found if found else 0.0, right / wanted if wanted else 0.0)


def bcubed(found: Mapping[str, object], gold: Mapping[str, object]) -> Score:
    """How well a grouping agrees with the gold one, averaged over items.

    Source: A. Bagga, B. Baldwin, Entity-based cross-document coreferencing using the vector space model (ACL 1998).
    """
    sizes = Counter(found[item] for item in gold), Counter(gold.values())
    both = Counter((found[item], group) for item, group in gold.items())
    precision = mean([both[found[item], group] / sizes[0][found[item]] for item, group in gold.items()])
    return Score(precision, mean([both[found[item], group] / sizes[1][group] for item, group in gold.items()]))


def pairs(groups: Mapping[str, object]) -> set[tuple[str, str]]:
    """All pairs of items in one group, each pair in the order of its names."""
    items = sorted(groups)
    return {(a, b) for place, a in enumerate(items) for b in items[place + 1 :] if groups[a] == groups[b]}


def micro(found: Sequence[Collection[str]], gold: Sequence[Collection[str]]) -> Score:
    """Over all labels of all items together."""
    right = sum(len(set(mine) & set(true)) for mine, true in zip(found, gold, strict=True))
    return of_counts(right, sum(map(len, found)), sum(map(len, gold)))


def reciprocal_rank(ranking: Sequence[str], wanted: Collection[str], at: int = 10) -> float:
    """One through the place of the first that is wanted; 0 where it is not among the first ones."""
    return next((1 / place for place, each in enumerate(ranking[:at], 1) if each in wanted), 0.0)


def ndcg(ranking: Sequence[str], wanted: Collection[str], at: int = 10) -> float:
    """Gain of a ranking, later places counting less, against the best possible one; each wanted item gains 1.

    Source: K. Järvelin, J. Kekäläinen, Cumulated gain-based evaluation of IR techniques (TOIS 2002).
    """
    gain = sum(1 / math.log2(place + 1) for place, each in enumerate(ranking[:at], 1) if each in wanted)
    best = sum(1 / math.log2(place + 1) for place in range(1, min(len(wanted), at) + 1))
    return gain / best if best else 0.0


def rouge_1(said: str, gold: str) -> float:
    """F of the words that two texts share, each as often as both have it.

    Source: C.-Y. Lin, ROUGE: a package for automatic evaluation of summaries (2004).
    """
    mine, true = Counter(words(said)), Counter(words(gold))
    return of_counts((mine & true).total(), mine.total(), true.total()).f1


def rouge_l(said: str, gold: str) -> float:
    """F of the longest common subsequence of words."""
    mine, true = words(said), words(gold)
    before = [0] * (len(true) + 1)
    for word in mine:
        row = [0]
        for place, other in enumerate(true):
            row.append(before[place] + 1 if word == other else max(row[place], before[place + 1]))
        before = row
    return of_counts(before[-1], len(mine), len(true)).f1

"""What the engine is measured against: the first sentences, LexRank, BM25, TF-IDF. Plain, on numpy."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


class Tfidf:
    """Texts as rows of length 1 over the words of all of them."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        place = {word: number for number, word in enumerate(sorted({word for text in texts for word in text}))}
        self.rows: Matrix = np.zeros((len(texts), max(1, len(place))))
        for row, text in enumerate(texts):
            for word, count in Counter(text).items():
                self.rows[row, place[word]] = 1 + math.log(count)
        documents = (self.rows > 0).sum(axis=0)
        self.rows *= np.log((1 + len(texts)) / (1 + documents)) + 1
        norms = np.linalg.norm(self.rows, axis=1, keepdims=True)
        self.rows /= np.where(norms > 0, norms, 1)

    def ranking(self, row: int) -> list[int]:
        """The other texts, the most alike first."""
        likeness = self.rows @ self.rows[row]
        return [int(other) for other in np.argsort(-likeness, kind="stable") if other != row and likeness[other] > 0]


class Bm25:
    """Ranks texts for a question, with k1 = 1.2 and b = 0.75.

    Source: S. Robertson, H. Zaragoza, The probabilistic relevance framework: BM25 and beyond (2009).
    """

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        counts = [Counter(text) for text in texts]
        lengths = np.array([len(text) for text in texts], dtype=float)
        norms = 1.2 * (0.25 + 0.75 * lengths / max(1.0, lengths.mean()))
        self._size = len(texts)
        self._rows: dict[str, list[int]] = {}
        for row, each in enumerate(counts):
            for word in each:
                self._rows.setdefault(word, []).append(row)
        self._gains: dict[str, Matrix] = {}
        for word, rows in self._rows.items():
            has = np.array([counts[row][word] for row in rows], dtype=float)
            idf = math.log(1 + (len(texts) - len(rows) + 0.5) / (len(rows) + 0.5))
            self._gains[word] = idf * has * 2.2 / (has + norms[rows])

    def ranking(self, question: Sequence[str]) -> list[int]:
        """The texts that have a word of the question, best first."""
        scores = np.zeros(self._size)
        for word in sorted(set(question) & self._rows.keys()):
            scores[self._rows[word]] += self._gains[word]
        return [int(row) for row in np.argsort(-scores, kind="stable") if scores[row] > 0]


def single_pass(likeness: Matrix, times: Sequence[datetime], threshold: float) -> list[int]:
    """Groups of texts given in the order of their times: each joins the group whose centre is nearest, or begins one.

    Args:
        likeness: cosine of each text with each; a group's centre is the sum of its texts, so these are all it takes.
        threshold: the least cosine with the centre of a group that is not older than a week.
    """
    members: list[list[int]] = []
    squares: list[float] = []
    chosen: list[int] = []
    for text, at in enumerate(times):
        products = [float(likeness[text, each].sum()) for each in members]
        near = [
            (product / math.sqrt(square), group)
            for group, (product, square) in enumerate(zip(products, squares, strict=True))
            if at - times[members[group][-1]] <= timedelta(days=7)
        ]
        nearest, group = max(near, default=(0.0, -1))
        if nearest < threshold:
            group = len(members)
            members.append([])
            squares.append(0.0)
            products.append(0.0)
        squares[group] += 2 * products[group] + 1
        members[group].append(text)
        chosen.append(group)
    return chosen


def lexrank(sentences: Sequence[Sequence[str]]) -> list[int]:
    """Sentences given as words, the most central first.

    Source: G. Erkan, D. Radev, LexRank: graph-based lexical centrality as salience in text summarization (JAIR 2004);
    the continuous form with damping 0.15.
    """
    rows = Tfidf(sentences).rows
    links = rows @ rows.T
    links /= np.maximum(links.sum(axis=1, keepdims=True), 1e-12)
    rank = np.full(len(sentences), 1 / len(sentences))
    for _ in range(50):
        rank = 0.15 / len(sentences) + 0.85 * (links.T @ rank)
    return [int(place) for place in np.argsort(-rank, kind="stable")]


def cut(text: str, limit: int) -> str:
    """The text in at most so many characters, without the word that no longer fits."""
    return text if len(text) <= limit else text[: limit + 1].rpartition(" ")[0]


def quoted(sentences: Sequence[str], places: Sequence[int], limit: int) -> str:
    """Some sentences in the order of the text, cut to a length."""
    return cut(" ".join(sentences[place] for place in sorted(places)), limit)

"""Ranks clips for a whole question by its words and by parts of them, so that compounds and other forms count too."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

PIECE = 4
# Beside what the index says of whole stems: parts tell less than words, and long words tell by their parts.
_SHARE = 0.4
_K1 = 1.2
_B = 0.75


def pieces(word: str) -> set[str]:
    """The runs of four letters in a word, or the word itself where it is shorter."""
    return {word[at : at + PIECE] for at in range(len(word) - PIECE + 1)} or {word}


def rank(question: Sequence[str], texts: Mapping[int, str], counts: Mapping[str, int]) -> list[int]:
    """Clips by how well they answer a question: BM25 over its stems, and over the parts of its words.

    Args:
        question: the words that were asked for, folded, as stems.
        texts: clip → its folded stems, separated by spaces.
        counts: stem → in how many clips it occurs; "" → how many clips there are.
    """
    total = counts.get("", 0) + 1
    asked = {word: math.log(1 + total / (counts.get(word, 0) + 1)) for word in question}
    told = {clip: Counter(text.split()) for clip, text in texts.items()}
    usual = sum(words.total() for words in told.values()) / max(1, len(told)) or 1.0
    by_words = {clip: _bm25(asked, words, usual) for clip, words in told.items()}
    best = max(by_words.values(), default=0.0) or 1.0
    cut = [(pieces(word), weight) for word, weight in asked.items()]
    whole = sum(asked.values()) or 1.0

    def value(clip: int) -> float:
        has = set().union(*map(pieces, told[clip])) if told[clip] else set()
        parts = sum(weight * (len(part & has) / len(part)) ** 2 for part, weight in cut) / whole
        return by_words[clip] / best + _SHARE * parts

    return sorted(texts, key=lambda clip: (-value(clip), -clip))


def _bm25(asked: Mapping[str, float], words: Counter[str], usual: float) -> float:
    """Source: S. Robertson, H. Zaragoza, The probabilistic relevance framework: BM25 and beyond (2009)."""
    norm = _K1 * (1 - _B + _B * words.total() / usual)
    return sum(weight * words[word] * (_K1 + 1) / (words[word] + norm) for word, weight in asked.items())

"""Ranks clips for a whole question by its words and by parts of them, so that compounds and other forms count too."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

PIECE = 4
# Beside what whole stems say, each as a share of the best clip's; more drowns short words, less loses compounds.
_SHARE = 0.6
_K1 = 1.2
_B = 0.75


def pieces(word: str) -> list[str]:
    """The runs of four letters in a word, in their order, or the word itself where it is shorter."""
    return [word[at : at + PIECE] for at in range(len(word) - PIECE + 1)] or [word]


def worth(question: Sequence[str], texts: Mapping[int, str], counts: Mapping[str, int]) -> dict[int, float]:
    """How well clips answer a question, 0..1.6: BM25 over its stems, and over the pieces of its words.

    How rare a piece is, the clips themselves tell: they share what is common to the question, and differ in the rest.

    Args:
        question: the words that were asked for, folded, as stems.
        texts: clip → its folded stems, separated by spaces.
        counts: stem → in how many clips it occurs; "" → how many clips there are.
    """
    total = counts.get("", 0) + 1
    told = {clip: Counter(text.split()) for clip, text in texts.items()}
    by_words = _bm25({word: math.log(1 + total / (counts.get(word, 0) + 1)) for word in question}, told)
    cut = _in_pieces({piece for word in question for piece in pieces(word)}, told)
    having = Counter(piece for found in cut.values() for piece in found if piece)
    rarity = {piece: math.log(1 + (len(cut) - having[piece] + 0.5) / (having[piece] + 0.5)) for piece in having}
    by_pieces = _bm25(rarity, cut)
    return {clip: by_words[clip] + _SHARE * by_pieces[clip] for clip in texts}


def _in_pieces(wanted: set[str], told: Mapping[int, Counter[str]]) -> dict[int, Counter[str]]:
    """How often each wanted piece occurs in each clip; all other pieces count together as "", for its length."""
    known: dict[str, list[str]] = {}
    cut: dict[int, Counter[str]] = {}
    for clip, words in told.items():
        found: Counter[str] = Counter()
        for word, times in words.items():
            if word not in known:
                known[word] = [piece for piece in pieces(word) if piece in wanted]
            for piece in known[word]:
                found[piece] += times
            found[""] += times * (max(1, len(word) - PIECE + 1) - len(known[word]))
        cut[clip] = found
    return cut


def _bm25(rarity: Mapping[str, float], told: Mapping[int, Counter[str]]) -> dict[int, float]:
    """What each clip is worth, as a share of the best.

    Source: S. Robertson, H. Zaragoza, The probabilistic relevance framework: BM25 and beyond (2009).
    """
    usual = _mean(words.total() for words in told.values())
    worth: dict[int, float] = {}
    for clip, words in told.items():
        norm = _K1 * (1 - _B + _B * words.total() / usual)
        worth[clip] = sum(weight * words[term] * (_K1 + 1) / (words[term] + norm) for term, weight in rarity.items())
    best = max(worth.values(), default=0.0) or 1.0
    return {clip: value / best for clip, value in worth.items()}


def _mean(lengths: Iterable[int]) -> float:
    every = list(lengths)
    return sum(every) / max(1, len(every)) or 1.0

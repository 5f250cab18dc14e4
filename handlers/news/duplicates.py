"""Finds the same text in other papers by a 64-bit fingerprint that changes little when a text changes little."""

import hashlib
from functools import lru_cache

import numpy as np

from handlers.news.terms import words

_BITS = 64
_SAME_WITHIN = 8
_HALF = 1 << (_BITS - 1)


@lru_cache(maxsize=100_000)
def _hash(shingle: str) -> bytes:
    return hashlib.blake2b(shingle.encode("utf-8", "replace"), digest_size=_BITS // 8).digest()


def simhash(text: str) -> int:
    """The fingerprint of a text as a signed 64-bit integer; 0 for a text without words.

    Source: M. Charikar, Similarity estimation techniques from rounding algorithms (STOC 2002). The features are the
    words and the pairs of neighbouring words, each once, so that order counts but a repeated phrase does not.
    """
    folded = words(text)
    if not folded:
        return 0
    features = {*folded, *map(" ".join, zip(folded, folded[1:], strict=False))}
    packed = np.frombuffer(b"".join(map(_hash, sorted(features))), dtype=np.uint8).reshape(len(features), -1)
    ones = np.unpackbits(packed, axis=1).sum(axis=0, dtype=np.int64)
    bits = np.packbits(ones * 2 > len(features))
    value = int.from_bytes(bits.tobytes(), "big", signed=True)
    return value or 1


def distance(a: int, b: int) -> int:
    """In how many of the 64 bits two fingerprints differ; unlike texts differ in about 32."""
    return ((a ^ b) & ((1 << _BITS) - 1)).bit_count()


def is_same_text(a: int, b: int) -> bool:
    """Whether two fingerprints belong to copies of one text, lightly edited at most; never for texts without words."""
    return bool(a and b) and distance(a, b) <= _SAME_WITHIN

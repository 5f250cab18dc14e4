"""Vectors of clips as they are stored and compared; the text that an encoder is given of a clip."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Encoding costs by the letter, and what a clip is about stands at its beginning.
ENCODED_LETTERS = 300
_STORED = np.dtype("<f2")


def text_of(title: str, paragraphs: Sequence[str]) -> str:
    """What stands for a clip: its title and the beginning of its text."""
    return f"{title}. {' '.join(paragraphs[:3])[:ENCODED_LETTERS]}"


def pack(vector: NDArray[np.float32]) -> bytes:
    """A vector of length 1 as it is stored: little-endian half precision."""
    return vector.astype(_STORED).tobytes()


def unpack(stored: bytes) -> NDArray[np.float32]:
    """The vector that was stored."""
    return np.frombuffer(stored, dtype=_STORED).astype(np.float32)

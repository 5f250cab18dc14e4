"""How near in meaning a clip is to what news of each topic sounds like, where an encoder is installed.

The lexicon sees only words that it knows; the prototypes carry what else a text says of its topic, in any language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from handlers.news.lexicon import load

_NEAREST = 3


@cache
def prototypes() -> Mapping[str, Sequence[str]]:
    """Topic → headlines that are typical of it."""
    return load("prototypes")


@dataclass(frozen=True, slots=True)
class Meanings:
    """The vectors of the prototypes of each topic."""

    vectors: Mapping[str, NDArray[np.float32]]

    @classmethod
    def of(cls, encoded: NDArray[np.float32]) -> "Meanings":
        """The meanings out of what an encoder made of `texts()`."""
        vectors, start = {}, 0
        for topic, texts in prototypes().items():
            vectors[topic] = encoded[start : start + len(texts)]
            start += len(texts)
        return cls(vectors)

    def nearness(self, vector: NDArray[np.float32]) -> dict[str, float]:
        """Topic → how near a text is to the nearest of its prototypes, -1..1."""
        return {topic: float(np.sort(rows @ vector)[-_NEAREST:].mean()) for topic, rows in self.vectors.items()}


def texts() -> list[str]:
    """All prototypes in the order in which `Meanings.of` takes their vectors."""
    return [text for of_topic in prototypes().values() for text in of_topic]

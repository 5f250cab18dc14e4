"""How near in meaning a clip is to what news of each topic sounds like, where an encoder is installed.

The lexicon sees only words that it knows; the prototypes carry what else a text says of its topic, in any language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from handlers.news.lexicon import load

_NEAREST = 3
# The model whose vectors of the prototypes come with the program (tests/eval/prototypes.py makes them), since encoding
# them takes seconds at every start. Bytes: a part in 127 of the largest number makes no difference to nearness.
SHIPPED = "use-multilingual-3"


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

    @classmethod
    def shipped(cls, model: str) -> "Meanings | None":
        """The meanings that come with the program; None for other models and for prototypes that were changed since."""
        if model != SHIPPED:
            return None
        with (resources.files("handlers.news.lexicon") / f"{SHIPPED}.npy").open("rb") as file:
            packed = np.load(file, allow_pickle=False).astype(np.float32)
        if len(packed) != len(texts()):
            return None
        return cls.of(packed / np.linalg.norm(packed, axis=1, keepdims=True))

    def nearness(self, vector: NDArray[np.float32]) -> dict[str, float]:
        """Topic → how near a text is to the nearest of its prototypes, -1..1."""
        return {topic: float(np.sort(rows @ vector)[-_NEAREST:].mean()) for topic, rows in self.vectors.items()}


def texts() -> list[str]:
    """All prototypes in the order in which `Meanings.of` takes their vectors."""
    return [text for of_topic in prototypes().values() for text in of_topic]

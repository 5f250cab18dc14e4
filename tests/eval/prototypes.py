"""Makes the vectors of the topics' prototypes that come with the program; to be run after a change of prototypes.toml.

`python -m tests.eval.prototypes` writes them into `handlers/news/lexicon/`.
"""

import asyncio
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.encoders import LocalEncoder
from handlers.news import lexicon, topic_meaning
from tests.make import at_once


async def made() -> NDArray[np.int8]:
    """One row for each prototype, the largest number of all being 127.

    Raises:
        RuntimeError: the local encoder is not installed.
    """
    vectors = await LocalEncoder(at_once).encode(topic_meaning.texts())
    if vectors is None:
        raise RuntimeError("the extra `semantic` is not installed")
    return np.round(vectors * (127 / np.abs(vectors).max())).astype(np.int8)


if __name__ == "__main__":
    np.save(Path(lexicon.__file__).parent / f"{topic_meaning.SHIPPED}.npy", asyncio.run(made()))

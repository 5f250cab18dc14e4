"""The vectors of recent clips in memory, so that what is near in meaning to one of them is found at once."""

import numpy as np
from numpy.typing import NDArray

from handlers.news.vectors import unpack
from storage import vectors
from storage.database import Tx

# Two megabytes a thousand clips.
KEPT = 20_000


class Nearby:
    """Finds clips by meaning; read when first asked, and then as far as clips have come.

    Args:
        model: the name of the encoder whose vectors are compared.
    """

    def __init__(self, model: str) -> None:
        self.model = model
        self._clips = np.zeros(0, dtype=np.int64)
        self._rows: NDArray[np.float32] = np.zeros((0, 1), dtype=np.float32)

    async def of(self, tx: Tx, clip_id: int, limit: int) -> dict[int, float]:
        """The clips nearest to one: clip → how near, -1..1; nothing where it has no vector."""
        own = await vectors.of_clips(tx, self.model, [clip_id])
        if clip_id not in own:
            return {}
        found = await self.to(tx, unpack(own[clip_id]), limit + 1)
        return {clip: near for clip, near in found.items() if clip != clip_id}

    async def to(self, tx: Tx, vector: NDArray[np.float32], limit: int) -> dict[int, float]:
        """The recent clips nearest to a vector of the same model: clip → how near, -1..1."""
        await self._catch_up(tx)
        if not len(self._clips):
            return {}
        scores = self._rows @ vector
        best = np.argsort(-scores)[:limit]
        return {int(self._clips[place]): float(scores[place]) for place in best}

    async def _catch_up(self, tx: Tx) -> None:
        newest = int(self._clips[-1]) if len(self._clips) else 0
        found = await vectors.after(tx, self.model, newest, KEPT)
        if not found:
            return
        rows = np.stack([unpack(stored) for _, stored in found])
        kept = np.concatenate((self._rows, rows)) if len(self._clips) else rows
        self._rows = kept[-KEPT:]
        self._clips = np.concatenate((self._clips, np.array([clip for clip, _ in found], dtype=np.int64)))[-KEPT:]

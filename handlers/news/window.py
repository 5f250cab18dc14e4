"""The recent clips in memory, found by their rare stems and by what they mean: which of them may tell a clip's event.

Asking the full-text index for each new clip costs milliseconds, and the more the larger the archive is; here it costs a
fraction of one, however large it is.
"""

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Clips that are kept by their stems, and by their vectors: some thirty megabytes each when full.
STEMS_OF = 30_000
VECTORS_OF = 12_000
# Of a clip only the stems that tell most are kept, and what stands in more clips than these tells nothing.
KEPT_STEMS = 24
MAX_POSTINGS = 1_500
_BUCKETS = 1 << 22
_LEAST_ALIKE = 0.5


class Window:
    """Clips in the order in which they came; the oldest make room.

    Args:
        stems_of: how many are kept by their stems.
        vectors_of: how many are kept by their vectors.
    """

    def __init__(self, stems_of: int = STEMS_OF, vectors_of: int = VECTORS_OF) -> None:
        self._size = stems_of
        self._clips = np.zeros(stems_of, dtype=np.int64)
        self._came = 0
        # Bucket of a stem → numbers of arrival, rising; those that fell out of the window are cut off in passing.
        self._postings: dict[int, array[int]] = {}
        self._vectors: NDArray[np.float32] | None = None
        self._vector_clips = np.zeros(vectors_of, dtype=np.int64)
        self._vectors_came = 0
        self._sum = np.zeros(stems_of, dtype=np.float32)

    def __len__(self) -> int:
        return min(self._came, self._size)

    def add(self, clip_id: int, stems: Sequence[str], vector: NDArray[np.float32] | None = None) -> None:
        """Keep a clip.

        Args:
            stems: its stems, those that tell most first.
            vector: what an encoder made of it, of length 1.
        """
        self._clips[self._came % self._size] = clip_id
        for stem in stems[:KEPT_STEMS]:
            numbers = self._postings.setdefault(_bucket(stem), array("q"))
            # Two stems of one clip may share a bucket.
            if not numbers or numbers[-1] != self._came:
                numbers.append(self._came)
        self._came += 1
        if self._came % (self._size // 2) == 0:
            self._sweep()
        if vector is not None:
            if self._vectors is None:
                self._vectors = np.zeros((len(self._vector_clips), len(vector)), dtype=np.float32)
            place = self._vectors_came % len(self._vector_clips)
            self._vectors[place] = vector
            self._vector_clips[place] = clip_id
            self._vectors_came += 1

    def _sweep(self) -> None:
        """Drop what fell out of the window, or words that came once would stay for ever."""
        oldest = self._came - self._size
        gone = [bucket for bucket, numbers in self._postings.items() if numbers[-1] < oldest]
        for bucket in gone:
            del self._postings[bucket]

    def alike(self, weights: Sequence[tuple[str, float]], limit: int) -> list[int]:
        """The clips that share most of some weighted stems, best first.

        Args:
            weights: stems with what each tells, those that tell most first.
        """
        oldest = self._came - self._size
        touched = array("q")
        told: list[float] = []
        counts: list[int] = []
        for stem, weight in weights[:KEPT_STEMS]:
            numbers = self._postings.get(_bucket(stem))
            if numbers is None or len(numbers) > 4 * MAX_POSTINGS:
                continue
            start = max(bisect_left(numbers, oldest), len(numbers) - MAX_POSTINGS)
            touched += numbers[start:]
            told.append(weight)
            counts.append(len(numbers) - start)
        if not touched:
            return []
        # Those of the round before become negative, which counts from the end and is quicker than a remainder.
        places = np.frombuffer(touched, dtype=np.int64) - self._came // self._size * self._size
        np.add.at(self._sum, places, np.repeat(np.array(told, dtype=np.float32), counts))
        some = np.flatnonzero(self._sum > 0.0)
        sums = self._sum[some]
        if len(some) > limit:
            is_best = sums >= np.partition(sums, -limit)[-limit]
            some, sums = some[is_best], sums[is_best]
        best = some[np.argsort(-sums, kind="stable")[:limit]]
        self._sum[places] = 0.0
        return [int(clip) for clip in self._clips[best]]

    def near(self, vectors: NDArray[np.float32], limit: int) -> list[list[int]]:
        """For each vector the clips whose vectors are nearest to it, best first; none that are not near at all."""
        if self._vectors is None:
            return [[] for _ in vectors]
        kept = min(self._vectors_came, len(self._vector_clips))
        scores = vectors @ self._vectors[:kept].T
        found = []
        for row in scores:
            best = np.argsort(-row)[:limit] if kept <= limit else _largest(row, limit)
            found.append([int(self._vector_clips[place]) for place in best if row[place] >= _LEAST_ALIKE])
        return found


def _largest(row: NDArray[np.float32], limit: int) -> NDArray[np.int64]:
    best = np.argpartition(-row, limit)[:limit]
    return best[np.argsort(-row[best])]


def _bucket(stem: str) -> int:
    return zlib.crc32(stem.encode("utf-8", "replace")) & (_BUCKETS - 1)

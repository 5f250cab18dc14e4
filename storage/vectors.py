"""The vectors of clips: packed numbers whose nearness is nearness of meaning; packing them is the callers' matter."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import col, select

from storage.database import Tx
from storage.rows import upsert
from storage.tables import Clip, ClipVector

_TOGETHER = 5_000


async def keep(tx: Tx, model: str, vectors: Mapping[int, bytes]) -> None:
    """Keep the vectors of some clips, in place of those that they had."""
    rows = [{"clip_id": clip_id, "model": model, "vector": vector} for clip_id, vector in vectors.items()]
    await upsert(tx, ClipVector, rows, key=("clip_id",), change=("model", "vector"))


async def of_clips(tx: Tx, model: str, clip_ids: Sequence[int]) -> dict[int, bytes]:
    """The vectors that a model made of some clips; those without one are left out."""
    found: dict[int, bytes] = {}
    for start in range(0, len(clip_ids), _TOGETHER):
        query = select(ClipVector.clip_id, ClipVector.vector).where(
            ClipVector.model == model, col(ClipVector.clip_id).in_(clip_ids[start : start + _TOGETHER])
        )
        found |= dict((await tx.exec(query)).all())
    return found


async def newest(tx: Tx, model: str, *, since: datetime, limit: int) -> dict[int, bytes]:
    """The vectors of the newest clips that were published since an instant: clip → vector."""
    query = (
        select(ClipVector.clip_id, ClipVector.vector)
        .join(Clip, col(Clip.id) == col(ClipVector.clip_id))
        .where(ClipVector.model == model, Clip.published_at >= since)
        .order_by(col(Clip.published_at).desc())
        .limit(limit)
    )
    return dict((await tx.exec(query)).all())


async def after(tx: Tx, model: str, clip_id: int, limit: int) -> list[tuple[int, bytes]]:
    """The vectors of the clips behind a number, rising; of too many those of the newest."""
    query = select(ClipVector.clip_id, ClipVector.vector).where(ClipVector.model == model, ClipVector.clip_id > clip_id)
    found = (await tx.exec(query.order_by(col(ClipVector.clip_id).desc()).limit(limit))).all()
    return [(row[0], row[1]) for row in reversed(found)]

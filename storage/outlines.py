"""Clips as far as likeness needs them: what related items, stories and digests compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from storage.database import Tx
from storage.tables import Clip


@dataclass(frozen=True, slots=True)
class Outline:
    """A clip without its text."""

    clip_id: int
    story_id: int | None
    source_id: int
    language: str
    published_at: datetime
    terms: dict[str, float]
    signature: int
    title: str


async def outlines(tx: Tx, clip_ids: Sequence[int]) -> list[Outline]:
    """The outlines of some clips, in no particular order."""
    query = select(
        col(Clip.id),
        Clip.story_id,
        Clip.source_id,
        Clip.language,
        Clip.published_at,
        Clip.terms,
        Clip.signature,
        Clip.title,
    ).where(col(Clip.id).in_(list(clip_ids)))  # type: ignore[call-overload]
    return [Outline(*row) for row in (await tx.exec(query)).all()]

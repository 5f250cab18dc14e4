"""Clips as far as likeness needs them: what related items, stories and digests compare."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
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


def _shared(terms: dict[str, float]) -> dict[str, float]:
    """The same with stems that are kept once, since thousands of outlines have most of them in common."""
    return {sys.intern(stem): weight for stem, weight in terms.items()}


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
    rows = (await tx.exec(query)).all()
    return [replace(Outline(*row), terms=_shared(row[5])) for row in rows]


async def after(tx: Tx, clip_id: int, since: datetime, limit: int) -> list[int]:
    """Numbers of the clips behind a number that were published since an instant, rising; the newest of too many."""
    query = select(col(Clip.id)).where(col(Clip.id) > clip_id, Clip.published_at >= since)
    found = (await tx.exec(query.order_by(col(Clip.id).desc()).limit(limit))).all()
    return [number for number in reversed(found) if number is not None]


async def between(tx: Tx, since: datetime, until: datetime, limit: int) -> list[int]:
    """Numbers of the clips that were published from one instant to another, rising; the newest of too many."""
    query = select(col(Clip.id)).where(Clip.published_at >= since, Clip.published_at <= until)
    found = (await tx.exec(query.order_by(col(Clip.id).desc()).limit(limit))).all()
    return [number for number in reversed(found) if number is not None]


async def of_story(tx: Tx, story_id: int, limit: int) -> list[int]:
    """Numbers of the clips of a story, the newest first."""
    query = select(col(Clip.id)).where(Clip.story_id == story_id).order_by(col(Clip.published_at).desc())
    return [number for number in (await tx.exec(query.limit(limit))).all() if number is not None]

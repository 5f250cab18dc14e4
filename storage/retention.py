"""Forgets old clips: what hangs on them goes with them, what people keep stays, and their names stay as tombstones."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, delete, exists, select, update

from storage.database import Tx
from storage.intake import recount_stories, term_counts
from storage.rows import insert_missing, upsert
from storage.tables import (
    Bookmark,
    Clip,
    ClipKey,
    ClipSearch,
    EditionEntry,
    MessageClip,
    Story,
    TermCount,
    Tombstone,
)

_TOGETHER = 5_000


async def forget_clips(tx: Tx, *, added_before: datetime, now: datetime, limit: int) -> int:
    """Drop at most some clips that were taken in before an instant, the oldest first.

    Clips that somebody saved stay, as do those that a sent message or an edition in the ledger still shows.

    Returns:
        How many went.
    """
    old = select(col(Clip.id), Clip.story_id).where(
        Clip.added_at < added_before,
        ~exists(select(Bookmark.clip_id).where(col(Bookmark.clip_id) == Clip.id)),
        ~exists(select(MessageClip.clip_id).where(col(MessageClip.clip_id) == Clip.id)),
        ~exists(select(EditionEntry.clip_id).where(col(EditionEntry.clip_id) == Clip.id)),
    )
    found = (await tx.exec(old.order_by(col(Clip.added_at)).limit(limit))).all()
    clip_ids = [clip_id for clip_id, _ in found if clip_id is not None]
    if not clip_ids:
        return 0
    await _bury(tx, clip_ids, now)
    await _uncount_terms(tx, clip_ids)
    await tx.exec(delete(Clip).where(col(Clip.id).in_(clip_ids)))
    stories = sorted({story_id for _, story_id in found if story_id is not None})
    await recount_stories(tx, stories)
    is_told = select(Clip.id).where(col(Clip.story_id) == col(Story.id)).exists()
    await tx.exec(delete(Story).where(col(Story.id).in_(stories), ~is_told))
    return len(clip_ids)


async def _bury(tx: Tx, clip_ids: Sequence[int], now: datetime) -> None:
    keys = (await tx.exec(select(ClipKey.key).where(col(ClipKey.clip_id).in_(clip_ids)))).all()
    await insert_missing(tx, Tombstone, [{"key": key, "seen_at": now} for key in keys])


async def _uncount_terms(tx: Tx, clip_ids: Sequence[int]) -> None:
    """Take the stems of clips out of the counts; those that no clip has any more go from the vocabulary."""
    texts = (
        await tx.exec(select(ClipSearch.title, ClipSearch.body).where(col(ClipSearch.clip_id).in_(clip_ids)))
    ).all()
    counts: Counter[str] = Counter()
    for title, body in texts:
        counts.update({*title.split(), *body.split(), ""})
    known = await term_counts(tx, counts)
    rows = [{"term": term, "documents": max(0, number - counts[term])} for term, number in sorted(known.items())]
    await upsert(tx, TermCount, rows, key=("term",), change=("documents",))
    gone = [row["term"] for row in rows if row["documents"] == 0 and row["term"]]
    for start in range(0, len(gone), _TOGETHER):
        await tx.exec(delete(TermCount).where(col(TermCount.term).in_(gone[start : start + _TOGETHER])))


async def buried(tx: Tx, keys: Iterable[str]) -> dict[str, datetime]:
    """Which of some identity keys belonged to clips that were forgotten: key → when a feed last had it."""
    wanted = list(keys)
    found: dict[str, datetime] = {}
    for start in range(0, len(wanted), _TOGETHER):
        query = select(Tombstone.key, Tombstone.seen_at).where(
            col(Tombstone.key).in_(wanted[start : start + _TOGETHER])
        )
        found |= dict((await tx.exec(query)).all())
    return found


async def see_again(tx: Tx, keys: Sequence[str], now: datetime) -> None:
    """Write down that feeds still have what was forgotten."""
    for start in range(0, len(keys), _TOGETHER):
        part = keys[start : start + _TOGETHER]
        await tx.exec(update(Tombstone).where(col(Tombstone.key).in_(part)).values(seen_at=now))


async def forget_tombstones(tx: Tx, *, seen_before: datetime, limit: int) -> int:
    """Drop at most some tombstones that no feed has shown since an instant.

    Returns:
        How many went.
    """
    old = select(Tombstone.key).where(Tombstone.seen_at < seen_before).limit(limit)
    return (await tx.exec(delete(Tombstone).where(col(Tombstone.key).in_(old)))).rowcount

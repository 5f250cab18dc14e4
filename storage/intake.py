"""Keeps what was taken in: new clips, revisions, and what they teach about a source. One transaction a batch."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, delete, func, select, update

from storage.clips import by_keys
from storage.database import Tx
from storage.rows import among, insert_missing, insert_numbered, raw_write, update_rows
from storage.tables import (
    Clip,
    ClipKey,
    ClipNotice,
    ClipRevision,
    ClipSearch,
    ClipTopic,
    Notice,
    Reference,
    SeenParagraph,
    Story,
    TermCount,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipParts:
    """What hangs on a clip and is written with it.

    Attributes:
        keys: identity keys, the primary one first.
        topics: (topic id, score).
        references: in order; clip and position are filled in when they are written.
        notices: (fingerprint, text) in order.
        paragraphs: fingerprints of the paragraphs that may turn out to be notices.
        search: folded stems of title and of body.
    """

    keys: tuple[str, ...]
    topics: tuple[tuple[str, float], ...]
    references: tuple[Reference, ...]
    notices: tuple[tuple[str, str], ...]
    paragraphs: tuple[str, ...]
    search: tuple[str, str]


async def add(tx: Tx, items: Sequence[tuple[Clip, ClipParts]]) -> list[int | None]:
    """Keep new clips.

    Returns:
        For each its number; None where one of its keys belongs to another clip already, which is left as it is.
    """
    taken = {key for key in await by_keys(tx, {key for _, parts in items for key in parts.keys})}
    fresh: list[tuple[Clip, ClipParts]] = []
    for clip, parts in items:
        if taken.isdisjoint(parts.keys):
            taken.update(parts.keys)
            fresh.append((clip, parts))
    numbers = await insert_numbered(tx, Clip, [clip.model_dump(exclude={"id"}) for clip, _ in fresh])
    for (clip, _), number in zip(fresh, numbers, strict=True):
        clip.id = number
    written = [(clip.id or 0, clip, parts) for clip, parts in fresh]
    keys = [{"key": key, "clip_id": clip_id} for clip_id, _, parts in written for key in dict.fromkeys(parts.keys)]
    await insert_missing(tx, ClipKey, keys)
    await _write_parts(tx, written)
    return [clip.id for clip, _ in items]


async def revise(tx: Tx, clip_id: int, values: Mapping[str, Any], parts: ClipParts, now: datetime) -> None:
    """Replace what a clip says, keeping the text that it had as a revision."""
    old = await tx.get(Clip, clip_id, populate_existing=True)
    assert old is not None  # noqa: S101 - the caller read it in this transaction
    kept = ClipRevision(
        clip_id=clip_id, revision=old.revision, title=old.title, paragraphs=old.paragraphs, replaced_at=now
    )
    await insert_missing(tx, ClipRevision, [kept.model_dump()])
    await recompute(tx, clip_id, {**values, "revision": old.revision + 1, "updated_at": now}, parts)


async def recompute(tx: Tx, clip_id: int, values: Mapping[str, Any], parts: ClipParts) -> None:
    """Replace what was computed of a clip, without a revision: its source said nothing new."""
    await tx.exec(update(Clip).where(col(Clip.id) == clip_id).values(**values))
    clip = await tx.get(Clip, clip_id, populate_existing=True)
    assert clip is not None  # noqa: S101 - updated above
    await add_keys(tx, clip_id, parts.keys)
    for table in (ClipTopic, Reference, ClipNotice, ClipSearch):
        await tx.exec(delete(table).where(col(table.clip_id) == clip_id))
    await _write_parts(tx, [(clip_id, clip, parts)])


async def _write_parts(tx: Tx, written: Sequence[tuple[int, Clip, ClipParts]]) -> None:
    topics = [
        {"clip_id": clip_id, "topic_id": topic, "score": score, "published_at": clip.published_at}
        for clip_id, clip, parts in written
        for topic, score in parts.topics
    ]
    await insert_missing(tx, ClipTopic, topics)
    references = [
        {**reference.model_dump(exclude={"id"}), "clip_id": clip_id, "position": position}
        for clip_id, _, parts in written
        for position, reference in enumerate(parts.references)
    ]
    await insert_missing(tx, Reference, references)
    seen = [
        {"source_id": clip.source_id, "fingerprint": fingerprint, "clip_id": clip_id}
        for clip_id, clip, parts in written
        for fingerprint in dict.fromkeys(parts.paragraphs)
    ]
    await insert_missing(tx, SeenParagraph, seen)
    texts = [{"clip_id": clip_id, "title": parts.search[0], "body": parts.search[1]} for clip_id, _, parts in written]
    await insert_missing(tx, ClipSearch, texts)
    for clip_id, clip, parts in written:
        await _write_notices(tx, clip_id, clip, parts.notices)


async def _write_notices(tx: Tx, clip_id: int, clip: Clip, notices: Sequence[tuple[str, str]]) -> None:
    if not notices:
        return
    rows = [
        {"source_id": clip.source_id, "fingerprint": fingerprint, "text": text, "first_seen_at": clip.added_at}
        for fingerprint, text in dict(notices).items()
    ]
    await insert_missing(tx, Notice, rows)
    wanted = [fingerprint for fingerprint, _ in notices]
    query = select(Notice.fingerprint, Notice.id).where(
        Notice.source_id == clip.source_id, col(Notice.fingerprint).in_(wanted)
    )
    ids = dict((await tx.exec(query)).all())
    links = [
        {"clip_id": clip_id, "notice_id": ids[fingerprint], "position": position}
        for position, fingerprint in enumerate(dict.fromkeys(wanted))
    ]
    await insert_missing(tx, ClipNotice, links)


async def add_keys(tx: Tx, clip_id: int, keys: Iterable[str]) -> None:
    """Let a clip be recognised by further names; those that belong to a clip already stay where they are."""
    await insert_missing(tx, ClipKey, [{"key": key, "clip_id": clip_id} for key in dict.fromkeys(keys)])


async def known_notices(tx: Tx, source_ids: Sequence[int]) -> dict[int, set[str]]:
    """Fingerprints of the paragraphs that some sources are known to repeat: source → fingerprints."""
    found: dict[int, set[str]] = {source_id: set() for source_id in source_ids}
    query = select(Notice.source_id, Notice.fingerprint).where(col(Notice.source_id).in_(source_ids))
    for source_id, fingerprint in (await tx.exec(query)).all():
        found[source_id].add(fingerprint)
    return found


async def seen_paragraphs(tx: Tx, source_ids: Sequence[int], fingerprints: Iterable[str]) -> dict[int, dict[str, int]]:
    """Which paragraphs some sources used before: source → fingerprint → the first clip that has it."""
    wanted = list(fingerprints)
    found: dict[int, dict[str, int]] = {source_id: {} for source_id in source_ids}
    for start in range(0, len(wanted), 5000):
        query = select(SeenParagraph.source_id, SeenParagraph.fingerprint, SeenParagraph.clip_id).where(
            col(SeenParagraph.source_id).in_(source_ids),
            col(SeenParagraph.fingerprint).in_(wanted[start : start + 5000]),
        )
        for source_id, fingerprint, clip_id in (await tx.exec(query)).all():
            found[source_id][fingerprint] = clip_id
    return found


async def resolve_references(tx: Tx, clip_ids: Iterable[int]) -> None:
    """Point the references of new clips at clips, and older references at the new clips: by address, then by title."""
    new = list(clip_ids)
    own = select(Reference).where(col(Reference.clip_id).in_(new), col(Reference.target_id).is_(None))
    waiting = list((await tx.exec(own)).all())
    by_url = await by_keys(tx, [row.url_key for row in waiting if row.url_key])
    by_title = await _by_title(tx, [row.title_key for row in waiting])
    for row in waiting:
        await _point(tx, row, by_url.get(row.url_key) or by_title.get(row.title_key))
    titles = dict((await tx.exec(select(Clip.title_key, Clip.id).where(col(Clip.id).in_(new)))).all())
    older = select(Reference).where(col(Reference.title_key).in_(list(titles)), col(Reference.target_id).is_(None))
    for row in (await tx.exec(older)).all():
        await _point(tx, row, titles.get(row.title_key))


async def _by_title(tx: Tx, title_keys: Sequence[str]) -> dict[str, int]:
    query = select(Clip.title_key, Clip.id).where(col(Clip.title_key).in_([key for key in title_keys if key]))
    found = (await tx.exec(query.order_by(col(Clip.id)))).all()
    return {key: clip_id for key, clip_id in found if clip_id is not None}


async def _point(tx: Tx, reference: Reference, target_id: int | None) -> None:
    if target_id is not None and target_id != reference.clip_id:
        chosen = update(Reference).where(col(Reference.id) == reference.id)
        await tx.exec(chosen.values(target_id=target_id))


async def count_terms(tx: Tx, counts: Mapping[str, int]) -> None:
    """Add to the number of clips that contain a stem; the stem "" counts the clips themselves."""
    if not counts:
        return
    # Thousands of stems in one parameter: a row of parameters for each costs more than all the rest of the statement.
    pairs = "json_each(:counts)" if tx.get_bind().dialect.name == "sqlite" else "json_each_text(CAST(:counts AS json))"
    await raw_write(
        tx,
        "INSERT INTO term_counts (term, documents)"  # noqa: S608 - only names of functions are put in
        f" SELECT key, CAST(value AS integer) FROM {pairs} WHERE true ORDER BY key"
        " ON CONFLICT (term) DO UPDATE SET documents = term_counts.documents + excluded.documents",
        counts=json.dumps(counts),
    )


async def term_counts(tx: Tx, terms: Iterable[str]) -> dict[str, int]:
    """In how many clips some stems occur; the stem "" counts the clips themselves."""
    wanted = list(terms)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), 5000):
        part = wanted[start : start + 5000]
        query = select(TermCount.term, TermCount.documents).where(among(tx, col(TermCount.term), part))
        found |= dict((await tx.exec(query)).all())
    return found


async def add_stories(tx: Tx, stories: Sequence[Story]) -> list[int]:
    """Keep new stories.

    Returns:
        Their numbers in the same order.
    """
    return await insert_numbered(tx, Story, [story.model_dump(exclude={"id"}) for story in stories])


async def known_stories(tx: Tx, story_ids: Collection[int]) -> set[int]:
    """Which of some stories there are; a batch has some hundreds at most."""
    rows = await tx.exec(select(col(Story.id)).where(col(Story.id).in_(story_ids)))
    return {story_id for story_id in rows.all() if story_id is not None}


async def assign_stories(tx: Tx, story_of: Mapping[int, int]) -> None:
    """Put clips into stories: clip number → story number."""
    await update_rows(tx, Clip, [{"id": clip, "story_id": story} for clip, story in story_of.items()])


async def drop_untold(tx: Tx, story_ids: Sequence[int]) -> None:
    """Forget the stories among some that no clip tells any more."""
    is_told = select(Clip.id).where(col(Clip.story_id) == col(Story.id)).exists()
    if story_ids:
        await tx.exec(delete(Story).where(col(Story.id).in_(story_ids), ~is_told))


async def recount_stories(tx: Tx, story_ids: Iterable[int]) -> None:
    """Bring the counts and times of stories in line with their clips; a story has moved when a source joined it."""
    wanted = list(story_ids)
    if not wanted:
        return
    by_source = (
        select(
            Clip.story_id,
            func.count().label("clips"),
            func.min(Clip.published_at).label("first_at"),
            func.max(Clip.published_at).label("last_at"),
        )
        .where(col(Clip.story_id).in_(wanted))
        .group_by(col(Clip.story_id), col(Clip.source_id))
        .subquery()
    )
    columns = by_source.c
    sums = select(columns.story_id, func.sum(columns.clips), func.count()).add_columns(
        func.min(columns.first_at), func.max(columns.last_at), func.max(columns.first_at)
    )
    sums = sums.group_by(columns.story_id)
    names = ("id", "clip_count", "source_count", "first_at", "last_at", "moved_at")
    rows = [dict(zip(names, row, strict=True)) for row in (await (await tx.connection()).execute(sums)).all()]
    await update_rows(tx, Story, rows)


async def content_hashes(tx: Tx, clip_ids: Iterable[int]) -> dict[int, str]:
    """What was last seen of some clips: clip number → content hash."""
    query = select(Clip.id, Clip.content_hash).where(col(Clip.id).in_(list(clip_ids)))
    return {clip_id: seen for clip_id, seen in (await tx.exec(query)).all() if clip_id is not None}

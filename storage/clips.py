"""Clips and stories to read: single ones, newest ones, and the views that answers are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, exists, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.database import Tx
from storage.tables import Clip, ClipKey, ClipNotice, ClipTopic, Notice, Reference, Source, Story, Topic


@dataclass(frozen=True, slots=True)
class ClipView:
    """A clip with what an answer about it needs.

    Attributes:
        topics: (topic, score), best first.
        source_count: how many sources tell its story, 1 where it stands alone.
    """

    id: int
    clip: Clip
    source: Source
    topics: tuple[tuple[Topic, float], ...] = ()
    source_count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFilter:
    """Which clips are meant; empty parts mean no restriction.

    Attributes:
        one_a_story: of a story that several sources tell, only what was said last; a source's own clips all stay.
    """

    topic_id: str = ""
    source_id: int | None = None
    language: str = ""
    without_sources: frozenset[int] = field(default_factory=frozenset)
    without_topics: frozenset[str] = field(default_factory=frozenset)
    since: datetime | None = None
    until: datetime | None = None
    one_a_story: bool = False


async def get(tx: Tx, clip_id: int) -> Clip | None:
    """The clip of a number."""
    return await tx.get(Clip, clip_id)


async def views(tx: Tx, clip_ids: Sequence[int]) -> list[ClipView]:
    """The clips of some numbers in that order, in three statements; numbers without a clip are passed over."""
    if not clip_ids:
        return []
    rows = (await tx.exec(select(Clip, Source).join(Source).where(col(Clip.id).in_(clip_ids)))).all()
    by_id = {clip.id: (clip, source) for clip, source in rows}
    topics: dict[int, list[tuple[Topic, float]]] = {}
    scored = select(ClipTopic, Topic).join(Topic).where(col(ClipTopic.clip_id).in_(clip_ids))
    for scoring, topic in (await tx.exec(scored.order_by(col(ClipTopic.score).desc()))).all():
        topics.setdefault(scoring.clip_id, []).append((topic, scoring.score))
    story_ids = {clip.story_id for clip, _ in rows if clip.story_id is not None}
    told = select(Story.id, Story.source_count).where(col(Story.id).in_(story_ids))
    counts = dict((await tx.exec(told)).all()) if story_ids else {}
    return [
        ClipView(
            clip_id,
            by_id[clip_id][0],
            by_id[clip_id][1],
            tuple(topics.get(clip_id, ())),
            counts.get(by_id[clip_id][0].story_id, 1),
        )
        for clip_id in clip_ids
        if clip_id in by_id
    ]


async def latest(tx: Tx, wanted: ClipFilter, limit: int, offset: int = 0) -> list[int]:
    """Numbers of the newest clips that pass the filter."""
    query = select(col(Clip.id))
    order = col(Clip.published_at)
    if wanted.topic_id:
        # The time that stands beside the topic is the clip's own; by it one index gives the newest of a topic.
        query = query.join(ClipTopic, col(Clip.id) == col(ClipTopic.clip_id))
        query = query.where(ClipTopic.topic_id == wanted.topic_id)
        order = col(ClipTopic.published_at)
    if wanted.since is not None:
        query = query.where(order >= wanted.since)
    if wanted.until is not None:
        query = query.where(order <= wanted.until)
    query = _passing(query, wanted).order_by(order.desc(), col(Clip.id).desc()).limit(limit).offset(offset)
    return [clip_id for clip_id in (await tx.exec(query)).all() if clip_id is not None]


async def passing(tx: Tx, clip_ids: Sequence[int], wanted: ClipFilter) -> list[int]:
    """Those of some clips that pass the filter, in their order."""
    if not clip_ids:
        return []
    query = select(col(Clip.id)).where(col(Clip.id).in_(clip_ids))
    if wanted.topic_id:
        query = query.join(ClipTopic, col(Clip.id) == col(ClipTopic.clip_id))
        query = query.where(ClipTopic.topic_id == wanted.topic_id)
    if wanted.since is not None:
        query = query.where(Clip.published_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Clip.published_at <= wanted.until)
    found = set((await tx.exec(_passing(query, wanted))).all())
    return [clip_id for clip_id in clip_ids if clip_id in found]


def _passing(query: SelectOfScalar[int | None], wanted: ClipFilter) -> SelectOfScalar[int | None]:
    if wanted.source_id is not None:
        query = query.where(Clip.source_id == wanted.source_id)
    if wanted.language:
        query = query.where(Clip.language == wanted.language)
    if wanted.without_sources:
        query = query.where(col(Clip.source_id).not_in(wanted.without_sources))
    if wanted.without_topics:
        muted = select(ClipTopic.clip_id).where(col(ClipTopic.topic_id).in_(wanted.without_topics))
        query = query.where(col(Clip.id).not_in(muted))
    return query.where(~_told_later(wanted)) if wanted.one_a_story else query


def _told_later(wanted: ClipFilter) -> ColumnElement[bool]:
    """Whether another source told the clip's story later, in a clip that would be listed itself."""
    later = aliased(Clip)
    moment = or_(
        col(later.published_at) > col(Clip.published_at),
        and_(col(later.published_at) == col(Clip.published_at), col(later.id) > col(Clip.id)),
    )
    tests = [col(later.story_id) == col(Clip.story_id), col(later.source_id) != col(Clip.source_id), moment]
    if wanted.until is not None:
        tests.append(col(later.published_at) <= wanted.until)
    if wanted.language:
        tests.append(col(later.language) == wanted.language)
    if wanted.without_sources:
        tests.append(col(later.source_id).not_in(wanted.without_sources))
    carries = select(ClipTopic.clip_id).where(ClipTopic.clip_id == later.id)
    if wanted.topic_id:
        tests.append(exists(carries.where(ClipTopic.topic_id == wanted.topic_id)))
    if wanted.without_topics:
        tests.append(~exists(carries.where(col(ClipTopic.topic_id).in_(wanted.without_topics))))
    return exists(select(later.id).where(*tests))


async def of_story(tx: Tx, story_id: int, limit: int = 20) -> list[int]:
    """Numbers of a story's clips, newest first."""
    query = select(Clip.id).where(Clip.story_id == story_id)
    found = await tx.exec(query.order_by(col(Clip.published_at).desc(), col(Clip.id).desc()).limit(limit))
    return [clip_id for clip_id in found.all() if clip_id is not None]


async def story_title(tx: Tx, story_id: int | None) -> str:
    """What a story is called, "" where there is none."""
    story = await tx.get(Story, story_id) if story_id is not None else None
    return story.title if story is not None else ""


async def by_keys(tx: Tx, keys: Iterable[str]) -> dict[str, int]:
    """Which of these identity keys are known: key → clip number."""
    found: dict[str, int] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), 5000):
        part = wanted[start : start + 5000]
        found |= dict((await tx.exec(select(ClipKey.key, ClipKey.clip_id).where(col(ClipKey.key).in_(part)))).all())
    return found


async def references(tx: Tx, clip_id: int) -> Sequence[Reference]:
    """The "read more" links of a clip in order."""
    query = select(Reference).where(Reference.clip_id == clip_id)
    return (await tx.exec(query.order_by(col(Reference.position)))).all()


async def notices(tx: Tx, clip_id: int) -> list[str]:
    """The repeated paragraphs that stood under a clip, in order."""
    query = select(Notice.text).join(ClipNotice).where(ClipNotice.clip_id == clip_id)
    return list((await tx.exec(query.order_by(col(ClipNotice.position)))).all())


async def span(tx: Tx) -> tuple[datetime, datetime] | None:
    """When the oldest and the newest clip were published, None where there is none."""
    if not await count(tx):
        return None
    first, last = (await tx.exec(select(func.min(Clip.published_at), func.max(Clip.published_at)))).one()
    return first, last


async def count(tx: Tx) -> int:
    """How many clips there are."""
    return (await tx.exec(select(func.count()).select_from(Clip))).one()


async def topic_counts(tx: Tx, since: datetime) -> dict[str, int]:
    """How many clips each topic has had since an instant."""
    query = select(ClipTopic.topic_id, func.count()).where(ClipTopic.published_at >= since)
    return dict((await tx.exec(query.group_by(col(ClipTopic.topic_id)))).all())


async def titled(tx: Tx, source_id: int, title_keys: Sequence[str]) -> dict[str, int]:
    """The clips of a source with some titles: title key → clip; titles that several of its clips have are left out."""
    query = (
        select(Clip.title_key, func.min(Clip.id))
        .where(Clip.source_id == source_id, col(Clip.title_key).in_(title_keys))
        .group_by(Clip.title_key)
        .having(func.count() == 1)
    )
    return {title: clip_id for title, clip_id in (await tx.exec(query)).all() if clip_id is not None}


async def topics(tx: Tx) -> Sequence[Topic]:
    """All topics: the operator's own first, then IPTC's, each in its given order."""
    return (await tx.exec(select(Topic).order_by(col(Topic.kind), col(Topic.position), col(Topic.id)))).all()


async def after(tx: Tx, clip_id: int, limit: int) -> list[int]:
    """The next clip numbers above one, ascending; for walking through all clips."""
    found = await tx.exec(select(col(Clip.id)).where(col(Clip.id) > clip_id).order_by(col(Clip.id)).limit(limit))
    return [number for number in found.all() if number is not None]

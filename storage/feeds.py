"""Sources and their feeds: labels, what is due to be polled, and what a poll taught."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, delete, func, select, update

from storage.database import Tx
from storage.intake import recount_stories
from storage.rows import insert_missing, update_rows, upsert
from storage.states import FeedState
from storage.tables import Clip, Feed, Source, Story, Topic


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source with its feeds and how many clips it has given."""

    source: Source
    feeds: tuple[Feed, ...]
    clip_count: int


async def sources(tx: Tx) -> list[SourceView]:
    """All sources by name."""
    rows = (await tx.exec(select(Source).order_by(func.lower(Source.name)))).all()
    feeds: dict[int, list[Feed]] = {}
    for feed in (await tx.exec(select(Feed).order_by(col(Feed.id)))).all():
        feeds.setdefault(feed.source_id, []).append(feed)
    counted = select(Clip.source_id, func.count()).group_by(col(Clip.source_id))
    counts = dict((await tx.exec(counted)).all())
    return [SourceView(row, tuple(feeds.get(row.id or 0, ())), counts.get(row.id or 0, 0)) for row in rows]


async def find_source(tx: Tx, words: str) -> Source | None:
    """The source of a slug or name, whatever its case."""
    folded = words.casefold().strip()
    for row in (await tx.exec(select(Source))).all():
        if folded in (row.slug.casefold(), row.name.casefold()):
            return row
    return None


async def get_source(tx: Tx, source_id: int) -> Source | None:
    """The source of a number."""
    return await tx.get(Source, source_id)


async def ensure_source(tx: Tx, source: Source) -> Source:
    """Keep a source; where its slug is known, that row wins."""
    await insert_missing(tx, Source, [source.model_dump(exclude={"id"})])
    return (await tx.exec(select(Source).where(Source.slug == source.slug))).one()


async def label_source(tx: Tx, source: Source) -> None:
    """Keep a source, or bring the labels of the known one up to date."""
    row = source.model_dump(exclude={"id"})
    labels = ("name", "home_url", "language", "country", "owner", "ownership", "ownership_url", "is_demo")
    await upsert(tx, Source, [row], key=("slug",), change=labels)


async def change_source(tx: Tx, source_id: int, **values: Any) -> None:
    """Set columns of a source."""
    await tx.exec(update(Source).where(col(Source.id) == source_id).values(**values))


async def remove_source(tx: Tx, source_id: int) -> None:
    """Forget a source with its feeds and clips; stories that others tell too go on without it."""
    told = select(Clip.story_id).where(Clip.source_id == source_id, col(Clip.story_id).is_not(None)).distinct()
    stories = [story_id for story_id in (await tx.exec(told)).all() if story_id is not None]
    await tx.exec(delete(Source).where(col(Source.id) == source_id))
    for start in range(0, len(stories), 5000):
        part = stories[start : start + 5000]
        await recount_stories(tx, part)
        is_told = select(Clip.id).where(col(Clip.story_id) == col(Story.id)).exists()
        await tx.exec(delete(Story).where(col(Story.id).in_(part), ~is_told))


async def clip_count(tx: Tx, source_id: int) -> int:
    """How many clips a source has given."""
    return (await tx.exec(select(func.count()).select_from(Clip).where(Clip.source_id == source_id))).one()


async def all_sources(tx: Tx) -> Sequence[Source]:
    """All sources alone, in the order they were added."""
    return (await tx.exec(select(Source).order_by(col(Source.id)))).all()


async def feed_sources(tx: Tx) -> dict[str, int]:
    """All feeds: address → number of the source."""
    return dict((await tx.exec(select(Feed.url, Feed.source_id))).all())


async def add_feed(tx: Tx, feed: Feed) -> bool:
    """Keep a feed; False where its address is known already."""
    return await insert_missing(tx, Feed, [feed.model_dump(exclude={"id"})]) == 1


async def find_feed(tx: Tx, url: str) -> Feed | None:
    """The feed of an address."""
    return (await tx.exec(select(Feed).where(Feed.url == url))).first()


async def due_addresses(tx: Tx, now: datetime) -> list[tuple[int, str]]:
    """Active feeds whose time has come as (number, address), longest waiting first; those of paused sources are not."""
    query = select(col(Feed.id), Feed.url).join(Source).where(Feed.state == FeedState.ACTIVE, Feed.next_due_at <= now)
    query = query.where(col(Source.is_paused).is_(False)).order_by(col(Feed.next_due_at), col(Feed.id))
    return [(feed_id, url) for feed_id, url in (await tx.exec(query)).all() if feed_id is not None]


async def claim(tx: Tx, feed_ids: Sequence[int], *, now: datetime, until: datetime) -> set[int]:
    """Take feeds that are due: until an instant they are due for nobody else.

    Returns:
        The numbers of those that are the caller's; others took the rest.
    """
    due = update(Feed).where(col(Feed.id).in_(feed_ids), col(Feed.next_due_at) <= now)
    taking = due.values(next_due_at=until).returning(col(Feed.id)).execution_options(synchronize_session=False)
    return {row[0] for row in (await tx.exec(taking)).all()}


async def give_back(tx: Tx, feed_ids: Sequence[int], *, claimed_until: datetime, now: datetime) -> None:
    """Let feeds be due again that were taken and not asked."""
    taken = update(Feed).where(col(Feed.id).in_(feed_ids), col(Feed.next_due_at) == claimed_until)
    await tx.exec(taken.values(next_due_at=now).execution_options(synchronize_session=False))


async def by_numbers(tx: Tx, feed_ids: Sequence[int]) -> dict[int, Feed]:
    """The feeds of some numbers, at most some thousands."""
    rows = (await tx.exec(select(Feed).where(col(Feed.id).in_(feed_ids)))).all()
    return {row.id or 0: row for row in rows}


async def write_polls(tx: Tx, polls: Sequence[dict[str, Any]]) -> None:
    """Write down what polls taught: "id" and columns of a feed, the same ones in each."""
    await update_rows(tx, Feed, polls)


async def move_feed(tx: Tx, feed_id: int, url: str) -> bool:
    """Ask a feed at another address from now on; False, and nothing done, where another feed has that address."""
    if await find_feed(tx, url) is not None:
        return False
    await change_feed(tx, feed_id, url=url)
    return True


async def change_feed(tx: Tx, feed_id: int, **values: Any) -> None:
    """Set columns of a feed."""
    await tx.exec(update(Feed).where(col(Feed.id) == feed_id).values(**values))


async def label_topics(tx: Tx, topics: Sequence[Topic]) -> None:
    """Keep topics, or bring the labels and terms of known ones up to date."""
    rows = [topic.model_dump() for topic in topics]
    if rows:
        await upsert(tx, Topic, rows, key=("id",), change=("kind", "position", "labels", "terms", "unless"))

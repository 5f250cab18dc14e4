"""Reads `seeds/` and the operator's topics: TOML in, rows and clips out. Demo clips get dates relative to now."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.errors import OperatorError
from handlers.intake import Intake, IntakeReport
from handlers.news.iptc import iptc_topics
from handlers.news.items import RawItem, RawMedia, RawReference
from storage import facts, feeds
from storage.database import Database
from storage.states import FeedState, Ownership, TopicKind
from storage.tables import Feed, Source, Topic

FOLDER = Path(__file__).resolve().parent.parent / "seeds"
_TOPICS_FACT = "topics_digest"


def _table(path: Path, name: str) -> list[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            entries = tomllib.load(file).get(name, [])
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"The file {path} cannot be read: {error}."
        raise OperatorError(msg) from error
    return list(entries)


async def ensure_topics(db: Database, folder: Path = FOLDER) -> None:
    """Keep IPTC's topics and those of `topics.toml`; writes only when they differ from what was kept last.

    Raises:
        OperatorError: `topics.toml` cannot be read.
    """
    path = folder / "topics.toml"
    topics = [
        Topic(id=topic.id, kind=TopicKind.IPTC, position=place, labels=topic.labels)
        for place, topic in enumerate(iptc_topics())
    ]
    topics += [
        Topic(
            id=str(entry["id"]),
            kind=TopicKind.CUSTOM,
            position=place,
            labels=entry["labels"],
            terms=entry["terms"],
            unless=entry.get("unless", []),
        )
        for place, entry in enumerate(_table(path, "topic") if path.is_file() else [])
    ]
    digest = hashlib.sha256("".join(topic.model_dump_json() for topic in topics).encode()).hexdigest()
    async with db.read() as tx:
        if await facts.get(tx, _TOPICS_FACT) == digest:
            return
    async with db.write() as tx:
        await feeds.label_topics(tx, topics)
        await facts.put(tx, _TOPICS_FACT, digest)


def _source(entry: Mapping[str, Any], now: datetime) -> Source:
    return Source(
        slug=entry["slug"],
        name=entry["name"],
        home_url=entry.get("home_url", ""),
        language=entry.get("language", ""),
        country=entry.get("country", ""),
        owner=entry.get("owner", ""),
        ownership=Ownership(entry.get("ownership", Ownership.UNKNOWN)),
        ownership_url=entry.get("ownership_url", ""),
        is_demo=entry.get("demo", False),
        added_at=now,
    )


async def load(
    db: Database, intake: Intake, now: datetime, folder: Path = FOLDER, *, with_feeds: bool = True
) -> IntakeReport:
    """Load sources, their feeds and the demo clips; loading twice adds nothing.

    Args:
        with_feeds: also the feeds of real publishers, which the next poll will read.

    Raises:
        OperatorError: a file cannot be read.
        StorageError: the database refused.
    """
    entries = _table(folder / "sources.toml", "source")
    async with db.write() as tx:
        for entry in entries:
            await feeds.label_source(tx, _source(entry, now))
        sources = {view.source.slug: view.source for view in await feeds.sources(tx)}
        for entry in entries:
            if entry.get("feed_url") and with_feeds:
                state = FeedState.PAUSED if entry.get("paused") else FeedState.ACTIVE
                source_id = sources[entry["slug"]].id or 0
                feed = Feed(source_id=source_id, url=entry["feed_url"], state=state, next_due_at=now, added_at=now)
                await feeds.add_feed(tx, feed)
    report = IntakeReport()
    for slug, items in _runs(_clips(folder, now)):
        report += await intake.take_in(items, source=sources[slug], now=now)
    return report


def _clips(folder: Path, now: datetime) -> Iterator[tuple[str, RawItem]]:
    entries = [entry for path in sorted((folder / "clips").glob("*.toml")) for entry in _table(path, "clip")]
    titles = {entry["id"]: (entry["title"], entry.get("url", "")) for entry in entries}
    for entry in entries:
        yield entry["source"], _item(entry, titles, now)


def _item(entry: Mapping[str, Any], titles: Mapping[str, tuple[str, str]], now: datetime) -> RawItem:
    media = []
    if entry.get("image_url"):
        media.append(RawMedia("image", entry["image_url"]))
    if entry.get("video_url"):
        media.append(RawMedia("video", entry["video_url"], duration_s=entry.get("video_seconds")))
    paragraphs = tuple(" ".join(part.split()) for part in entry["text"].strip().split("\n\n"))
    return RawItem(
        title=entry["title"],
        paragraphs=paragraphs,
        external_id=entry["id"],
        url=entry.get("url", ""),
        published_at=now - timedelta(hours=entry["age_hours"]),
        language=entry["language"],
        author=entry.get("author", ""),
        references=tuple(RawReference(*titles[ref["clip"]]) for ref in entry.get("references", [])),
        media=tuple(media),
    )


def _runs(clips: Iterator[tuple[str, RawItem]]) -> Iterator[tuple[str, list[RawItem]]]:
    """Clips in their order, neighbours of one source together: the first clip of the files gets the number 1."""
    run: list[RawItem] = []
    current = ""
    for slug, item in clips:
        if slug != current and run:
            yield current, run
            run = []
        current = slug
        run.append(item)
    if run:
        yield current, run

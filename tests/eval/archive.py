"""A real database that took in the gold through the real intake, and what the program says of it."""

import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from bot.app import Core, open_core
from bot.config import Settings
from handlers.news import query
from handlers.news.items import RawItem, RawReference
from handlers.news.related import ANYTHING
from handlers.reading import related_clips
from handlers.searching import Search, meaning_of
from storage import clips, feeds
from storage.database import Database
from storage.tables import Source
from tests.eval.gold import Gold, GoldClip
from tests.make import NOW


@dataclass(frozen=True)
class Record:
    """What the program made of a clip.

    Attributes:
        topics: ids, surest first; the operator's own among them.
        paragraphs: what it takes for the news.
    """

    number: int
    language: str
    story: int | None
    topics: tuple[str, ...]
    line: str
    short: str
    paragraphs: tuple[str, ...]
    notices: tuple[str, ...]


# Rare rounds keep the evaluation quick: each desk costs a transaction in each.
ROUND_HOURS = 12


# The program with and without its encoder; the first is what an installation without extras has.
WITHOUT_ENCODER: Mapping[str, Any] = {"embeddings": "off"}
WITH_ENCODER: Mapping[str, Any] = {"embeddings": "auto"}


@dataclass(frozen=True)
class Entry:
    """An item for the intake, and the desk that publishes it."""

    source: str
    item: RawItem


def item(clip: GoldClip, gold: Gold) -> RawItem:
    """A clip as a feed would give it: pointers and notices are paragraphs like others."""
    by_id = {each.id: each for each in gold.clips}
    return RawItem(
        title=clip.title,
        paragraphs=(*clip.paragraphs, *clip.pointers, *clip.notices),
        external_id=clip.id,
        url=clip.url,
        published_at=NOW - timedelta(hours=clip.age_hours),
        language=clip.language,
        references=tuple(RawReference(by_id[each].title, by_id[each].url) for each in clip.references),
    )


def entries(gold: Gold, round_hours: int = ROUND_HOURS) -> list[Entry]:
    """The clips in the order of their publication, as rounds of polling bring them: desk by desk."""
    ordered = sorted(gold.clips, key=lambda clip: (-(clip.age_hours // round_hours), clip.source, -clip.age_hours))
    return [Entry(clip.source, item(clip, gold)) for clip in ordered]


@dataclass(frozen=True)
class Archive:
    """The program with what it took in.

    Attributes:
        records: external id → what the program made of the clip.
    """

    core: Core
    records: Mapping[str, Record]

    @cached_property
    def _names(self) -> dict[int, str]:
        return {record.number: name for name, record in self.records.items()}

    async def related(self, external_id: str, limit: int = 25) -> list[str]:
        """The external ids of what /related names, in its order."""
        async with self.core.db.read() as tx:
            number, nearby = self.records[external_id].number, self.core.services.nearby
            found = await related_clips(tx, number, limit, nearby=nearby, least=ANYTHING)
        return [self._names[each.clip_id] for each in found]

    async def search(self, words: str, language: str, limit: int = 10) -> list[str]:
        """The external ids of what /search finds, in its order."""
        meaning = await meaning_of(self.core.services, words)
        engine = Search(self.core.services.desk, language, NOW, meaning)
        async with self.core.db.read() as tx:
            found = await engine.find(tx, query.read(words, now=NOW), limit=limit, may_loosen=True)
        return [self._names[clip_id] for clip_id in found.clip_ids]


@asynccontextmanager
async def filled(
    items: Sequence[Entry], gold: Gold, *, extra: Mapping[str, Any] = WITHOUT_ENCODER, states_language: bool = True
) -> AsyncIterator[Archive]:
    """A database in a temporary folder with these items, taken in in their order.

    Args:
        extra: settings beside the defaults.
        states_language: whether the desks say in which language they write.
    """
    with tempfile.TemporaryDirectory() as folder:
        values = {"database_url": f"sqlite:///{Path(folder) / 'gold.db'}", **extra}
        async with open_core(Settings.model_validate(values), lambda: NOW) as core:
            sources = await _sources(core, gold, states_language=states_language)
            for source, run in _runs(items):
                report = await core.intake.take_in(run, source=sources[source], now=NOW)
                assert report.new == len(run), f"the intake knew some of {[each.external_id for each in run]}"
            yield Archive(core, await _records(core.db))


async def _records(db: Database) -> dict[str, Record]:
    async with db.read() as tx:
        views = await clips.views(tx, await clips.after(tx, 0, 100_000))
        return {
            view.clip.external_id: Record(
                number=view.id,
                language=view.clip.language,
                story=view.clip.story_id,
                topics=tuple(topic.id for topic, _ in sorted(view.topics, key=lambda scored: -scored[1])),
                line=view.clip.summary_line,
                short=view.clip.summary_short,
                paragraphs=tuple(view.clip.paragraphs),
                notices=tuple(await clips.notices(tx, view.id)),
            )
            for view in views
        }


async def _sources(core: Core, gold: Gold, *, states_language: bool) -> dict[str, Source]:
    async with core.db.write() as tx:
        return {
            desk.slug: await feeds.ensure_source(
                tx,
                Source(slug=desk.slug, name=desk.name, language=desk.language if states_language else "", added_at=NOW),
            )
            for desk in gold.sources.values()
        }


def _runs(items: Iterable[Entry]) -> Iterator[tuple[str, list[RawItem]]]:
    for source, run in groupby(items, key=lambda entry: entry.source):
        yield source, [entry.item for entry in run]

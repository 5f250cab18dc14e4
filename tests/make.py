"""Builders of what tests need: rows, items, pages, a clock. They make things and check nothing.

async with db.write() as tx:
    dw = await make.source(tx, "dw", name="DW")
    clip_id = await make.clip(tx, dw, "Kühlturm gesprengt", "Der Turm fiel um zwölf.", topics={"energie": 0.8})
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.i18n import Plain
from handlers import registry
from handlers.context import Services
from handlers.intake import Intake
from handlers.news import duplicates, identity, terms
from handlers.news.items import RawItem
from handlers.ports import Desk, Page, PageError
from handlers.prepared import title_key
from storage import feeds, intake
from storage.chats import add as add_chat
from storage.database import Database, Tx
from storage.intake import ClipParts
from storage.tables import Chat, Clip, Reference, Source, Story

T = TypeVar("T")
NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)  # a Tuesday, 08:30 in Berlin


@dataclass
class MovableClock:
    """A clock that stands until it is moved."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def move(self, **span: float) -> datetime:
        """Go on by a span (`hours=2`)."""
        self.at += timedelta(**span)
        return self.at

    def move_to(self, at: datetime) -> datetime:
        """Go to an instant."""
        self.at = at
        return self.at


@dataclass
class PreparedPages:
    """The web as far as a test knows it: what is at an address, or why it can't be had; it keeps what was asked."""

    at: dict[str, bytes | PageError | Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def get(self, url: str) -> Page | PageError:
        """What was prepared; an unknown address cannot be reached."""
        self.asked.append(url)
        found = self.at.get(url, PageError.UNREACHABLE)
        return Page(url, found, "text/html; charset=utf-8") if isinstance(found, bytes) else found


async def at_once(function: Callable[[], T]) -> T:
    """Run a slow function without a thread."""
    await asyncio.sleep(0)
    return function()


def services(db: Database, *, pages: PreparedPages | None = None, desk: Desk | None = None) -> Services:
    """The parts that requests share, over a real database and a prepared web."""
    chosen = desk or Desk(version="0.0.0-test")
    return Services(
        db=db,
        desk=chosen,
        pages=pages or PreparedPages(),
        offload=at_once,
        registry=registry.load(),
        intake=Intake(db, chosen, at_once),
    )


async def source(tx: Tx, slug: str = "bote", *, now: datetime = NOW, **fields: Any) -> Source:
    """A source, German unless said otherwise; the one that is there where the slug is known."""
    values = {"name": slug.replace("-", " ").title(), "language": "de", **fields}
    return await feeds.ensure_source(tx, Source(slug=slug, added_at=now, **values))


def item(title: str, *paragraphs: str, hours: float = 1.0, now: datetime = NOW, **fields: Any) -> RawItem:
    """A raw item, an hour old unless said otherwise."""
    return RawItem(title=title, paragraphs=paragraphs, published_at=now - timedelta(hours=hours), **fields)


async def clip(
    tx: Tx,
    source: Source,
    title: str = "Brücke in Husum wieder offen",
    *paragraphs: str,
    hours: float = 1.0,
    now: datetime = NOW,
    topics: Mapping[str, float] | None = None,
    references: Sequence[Reference] = (),
    notices: Sequence[str] = (),
    **fields: Any,
) -> int:
    """A stored clip with real stems and the first paragraph as its summary; gives its number.

    It has no story and only the topics given; whatever else is said by columns of `Clip` (`image_url=…`).
    """
    language = str(fields.pop("language", source.language or "de"))
    told = paragraphs or (f"{title}. Das teilte die Stadt am Morgen mit.",)
    text = terms.search_text(title, told, language)
    lead = told[0]
    row = Clip(
        **{
            "source_id": source.id or 0,
            "title": title,
            "title_key": title_key(title),
            "paragraphs": list(told),
            "language": language,
            "published_at": now - timedelta(hours=hours),
            "added_at": now - timedelta(hours=hours),
            "updated_at": now,
            "content_hash": identity.content_hash(RawItem(title=title, paragraphs=told)),
            "summary_line": lead[:120],
            "summary_short": lead[:280],
            "summary_long": " ".join(told)[:700],
            "signature": duplicates.simhash(" ".join((title, *told))),
            "terms": terms.bag(title, told, language),
            **fields,
        }
    )
    raw = RawItem(title=title, paragraphs=told, url=row.url, external_id=row.external_id)
    parts = ClipParts(
        keys=identity.keys(raw, source_key=source.slug),
        topics=tuple((topics or {}).items()),
        references=tuple(references),
        notices=tuple((f"print-{text}"[:40], text) for text in notices),
        paragraphs=(),
        search=(text.title, text.body),
    )
    (clip_id,) = await intake.add(tx, [(row, parts)])
    await intake.count_terms(tx, dict.fromkeys({"", *text.title.split(), *text.body.split()}, 1))
    await intake.resolve_references(tx, [clip_id or 0])
    return clip_id or 0


def reference(title: str, url: str = "") -> Reference:
    """A "read more" link of a clip; it finds the clip of that title or address by itself."""
    address = identity.canonical_url(url) if url else ""
    key = identity.keys(RawItem(title="", url=address), source_key="")[0] if address else ""
    return Reference(clip_id=0, position=0, title=title, url=url, url_key=key, title_key=title_key(title))


async def story(tx: Tx, *clip_ids: int, title: str = "", now: datetime = NOW) -> int:
    """A story of some clips; gives its number."""
    row = Story(title=title, language="de", first_at=now, last_at=now, moved_at=now)
    (story_id,) = await intake.add_stories(tx, [row])
    await intake.assign_stories(tx, dict.fromkeys(clip_ids, story_id))
    await intake.recount_stories(tx, [story_id])
    return story_id


async def chat(tx: Tx, native_id: str = "1", *, now: datetime = NOW, **fields: Any) -> Chat:
    """A chat at the terminal in German and Berlin, unless said otherwise."""
    values = {"language": "de", "timezone": "Europe/Berlin", "created_at": now, "seen_at": now, **fields}
    return await add_chat(tx, Chat(native_id=native_id, **values))


class Lines(Plain):
    """The markup of tests: the words alone, and the address of a link behind them."""

    def link(self, inner: str, url: str) -> str:
        """The words with the address."""
        return f"{inner} <{url}>"

"""`python -m tests.bench.archive --clips 1000000 --database postgres`: how everything does in a large archive.

The archive: 4,000 generated clips (`corpus.py`) go through intake, and are written again and again with other times,
numbers, stories and addresses, over three years, rising; one in four has a name in its headline that no other has, so
that the vocabulary grows as it does in news. Common words are as common as in language. With --folder an SQLite archive
is made once and used again. Measured is the program itself: median and 95th percentile of what people wait for.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, func, select, text, update

from bot.app import Core, open_core
from bot.config import Settings
from handlers.inline import answer_inline
from handlers.planning import plan_due
from handlers.request import ChatAddress, Person, Request
from storage import feeds
from storage.database import Database, Tx
from storage.states import Platform
from storage.tables import Chat, Clip, ClipKey, ClipSearch, ClipTopic, Delivery, Source, Story, TermCount
from tests.bench import corpus, planning
from tests.bench.__main__ import machine, run, shown, telegram_start, timed
from tests.bench.inline import typed
from tests.bench.stories import item_of
from tests.fakes.postgres import PostgresServer

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
BASE = 4_000
YEARS = timedelta(days=3 * 365)
QUERIES = 200
PLANNED = 10_000
TOGETHER = 100
NAMED_EVERY = 4
CONSONANTS = "bdfghklmnprstvwz"
Rows = list[dict[str, Any]]


def _table(table: Any) -> Table:
    found: Table = table.__table__
    return found


async def make(url: str, clips: int) -> None:
    """Fill an empty database."""
    old = NOW - YEARS
    records = sorted(corpus.clips(BASE, now=old), key=lambda record: record["published_at"])
    async with open_core(Settings.model_validate({"database_url": url, "embeddings": "off"}), lambda: old) as core:
        names = sorted({record["source"] for record in records})
        async with core.db.write() as tx:
            rows = [
                Source(slug=f"s{place}", name=name, language="de", added_at=old) for place, name in enumerate(names)
            ]
            sources = {row.name: await feeds.ensure_source(tx, row) for row in rows}
        for start in range(0, BASE, TOGETHER):
            part = records[start : start + TOGETHER]
            brought = [(sources[name], [item_of(each) for each in part if each["source"] == name]) for name in names]
            await core.intake.take_in_all([each for each in brought if each[1]], now=old)
        await _multiply(core.db, clips)


async def _multiply(db: Database, clips: int) -> None:
    async with db.read() as tx:
        base = {each: await _read(tx, each) for each in (Story, Clip, ClipSearch, ClipTopic)}
        connection = await tx.connection()
        most = (await connection.execute(select(func.max(_table(Story).c.id)))).scalar_one()
        most_terms = (await connection.execute(select(func.max(_table(TermCount).c.id)))).scalar_one()
    copies = max(clips // BASE, 1)
    for number in range(1, copies):
        shift = YEARS * number / (copies - 1)
        async with db.write() as tx:
            await _copy(tx, base, number, number * most, shift)
    async with db.write() as tx:
        connection = await tx.connection()
        counts = _table(TermCount)
        # The names come last.
        await connection.execute(
            update(counts).where(counts.c.id <= most_terms).values(documents=counts.c.documents * copies)
        )
        if connection.dialect.name == "postgresql":
            for name in ("clips", "stories"):
                await connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))  # noqa: S608
        await connection.execute(text("ANALYZE"))


async def _read(tx: Tx, table: Any) -> Rows:
    connection = await tx.connection()
    return [dict(row) for row in (await connection.execute(select(_table(table)))).mappings()]


def _name(clip: int) -> str:
    """A word as names are, which no other clip has: syllables drawn by the number, then the number as letters."""
    random_ = random.Random(clip)  # noqa: S311 - repeatable, not secret
    drawn = "".join(random_.choice(CONSONANTS) + random_.choice("aeiou") for _ in range(random_.randint(2, 3)))
    return drawn + "".join(CONSONANTS[int(digit)] for digit in str(clip // NAMED_EVERY))


async def _copy(tx: Tx, base: dict[Any, Rows], number: int, stories: int, shift: timedelta) -> None:
    """One more time all that was taken in, `shift` later."""
    plus = number * BASE
    connection = await tx.connection()
    times = ("first_at", "last_at", "moved_at", "published_at", "added_at", "updated_at")

    def moved(row: dict[str, Any], **changed: Any) -> dict[str, Any]:
        return {**row, **{name: row[name] + shift for name in times if name in row}, **changed}

    def name(clip: int) -> str:
        return _name(clip) if clip % NAMED_EVERY == 0 else ""

    async def keep(table: Any, rows: Rows) -> None:
        await connection.execute(_table(table).insert(), rows)

    await keep(Story, [moved(row, id=row["id"] + stories) for row in base[Story]])
    await keep(
        Clip,
        [
            moved(
                row,
                id=row["id"] + plus,
                story_id=row["story_id"] + stories,
                external_id=f"g{row['id'] + plus}",
                title=f"{row['title']} {name(row['id'] + plus)}".strip(),
            )
            for row in base[Clip]
        ],
    )
    await keep(ClipKey, [{"key": f"bench:{row['id'] + plus}", "clip_id": row["id"] + plus} for row in base[Clip]])
    await keep(ClipTopic, [moved(row, clip_id=row["clip_id"] + plus) for row in base[ClipTopic]])
    searched = [
        {
            "clip_id": row["clip_id"] + plus,
            "title": f"{row['title']} {name(row['clip_id'] + plus)}".strip(),
            "body": row["body"],
        }
        for row in base[ClipSearch]
    ]
    await keep(ClipSearch, searched)
    own = [{"term": name(clip), "documents": 1} for clip in range(plus + 1, plus + BASE + 1) if name(clip)]
    await keep(TermCount, own)


async def measure(core: Core, clips: int) -> list[tuple[str, list[float]]]:
    """Milliseconds of what people wait for."""
    random_ = random.Random(5)  # noqa: S311 - repeatable, not secret
    pool = [record for record in corpus.clips(2000, now=NOW) if record["language"] == "de"]

    async def ask(words: str) -> None:
        person = Person("1", language="de", is_operator=True)
        request = Request(chat=ChatAddress(Platform.TELEGRAM, "1"), person=person, now=core.clock(), text=words)
        await core.dispatcher.answer(request)

    def told(count: int) -> str:
        words = [word.strip(".,;:„“«»\"'()") for word in random_.choice(pool)["text"].split()]
        return " ".join(random_.sample([word for word in words if len(word) > 3], count))

    def slip() -> str:
        word = told(1)
        return word[:1] + word[2:3] + word[1:2] + word[3:]

    def rare() -> str:
        return _name(random_.randrange(BASE, clips) // NAMED_EVERY * NAMED_EVERY + NAMED_EVERY)

    await ask("/start")
    asked: list[tuple[str, Callable[[], str]]] = [
        ("/latest", lambda: "/latest"),
        ("/latest of a topic", lambda: f"/latest {random_.choice(('Energie', 'Sport', 'Politik'))}"),
        ("/search, one word", lambda: f"/search {told(1)}"),
        ("/search, a name that one clip has", lambda: f"/search {rare()}"),
        ("/search, two words", lambda: f"/search {told(2)}"),
        ("/search, a slip", lambda: f"/search {slip()}"),
        ("/search, a question of six words", lambda: f"/search {told(6)}"),
        ("/related", lambda: f"/related {random_.randrange(1, clips)}"),
        ("/sources", lambda: "/sources"),
        ("/status", lambda: "/status"),
    ]
    rows = []
    for name, make_words in asked:
        wanted = [make_words() for _ in range(_times(name))]
        rows.append((name, [await timed(lambda words=words: ask(words)) for words in wanted]))
    inline = []
    for _, query, offset in typed(QUERIES):
        inline.append(await timed(lambda query=query, offset=offset: _inline(core, query, offset)))
    rows.append(("inline search", inline))
    return rows


def _times(name: str) -> int:
    return 10 if name in {"/sources", "/status"} else QUERIES // 2


async def _inline(core: Core, query: str, offset: str) -> None:
    await answer_inline(core.services, query=query, offset=offset, language="de", now=core.clock())


async def plan(core: Core) -> str:
    """Plan the digests of many chats that are due now, and take them away again."""
    numbers = range(1_000_001, 1_000_001 + PLANNED)
    wishes = [*planning.TOPICS, "Sonne", "Rechenzentrum", "Wahl", "Gletscher", "Zug", "Impfung"]
    async with core.db.write() as tx:
        for start in range(0, PLANNED, planning.PORTION):
            await planning._chats(tx, numbers[start : start + planning.PORTION], wishes)
    began = time.perf_counter()
    report = await plan_due(core.db, core.services.desk, NOW)
    seconds = time.perf_counter() - began
    async with core.db.write() as tx:
        connection = await tx.connection()
        await connection.execute(delete(_table(Delivery)))
        await connection.execute(delete(_table(Chat)).where(_table(Chat).c.id >= numbers[0]))
    return f"{seconds:.1f} s, {report.planned} planned from {report.editions} editions"


async def take_in(core: Core) -> str:
    """Seconds of taking in a hundred new clips, the first time and the next."""
    async with core.db.read() as tx:
        source = (await feeds.all_sources(tx))[0]
    said = []
    for seed in (101, 102):
        items = [item_of(record) for record in corpus.clips(TOGETHER, now=NOW, seed=seed)]
        took = await timed(lambda items=items: core.intake.take_in(items, source=source, now=NOW))
        said.append(f"{took / 1000:.1f} s")
    return ", then ".join(said)


@asynccontextmanager
async def database(kind: str, folder: Path, clips: int) -> AsyncIterator[str]:
    """The address of the archive, filled."""
    async with AsyncExitStack() as stack:
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'archive.db'}"
        else:
            # As an operator would: what is written is safe; a quarter of a gigabyte of memory is its own.
            server = stack.enter_context(PostgresServer(("shared_buffers=256MB", "max_wal_size=4GB"), is_safe=True))
            url = server.make_database()
        async with await Database.open(url) as db, db.read() as tx:
            is_there = (await (await tx.connection()).execute(select(_table(Clip).c.id).limit(1))).first()
        if is_there is None:
            began = time.perf_counter()
            await make(url, clips)
            _say("made in", f"{time.perf_counter() - began:.0f} s")
        yield url


async def size(db: Database) -> str:
    """How much the database takes."""
    if db.is_file:
        return f"{Path(db.address).stat().st_size / 1024 / 1024:,.0f} MB"  # noqa: ASYNC240
    async with db.read() as tx:
        found = await (await tx.connection()).execute(text("SELECT pg_database_size(current_database())"))
        return f"{found.scalar_one() / 1024 / 1024:,.0f} MB"


def _say(what: str, value: str) -> None:
    sys.stdout.write(f"| {what} | {value} |\n")
    sys.stdout.flush()


async def main(kind: str, folder: Path, clips: int) -> None:
    """Make the archive where it is not there, measure, and print a table."""
    _say(f"{clips:,} clips on {kind}", machine())
    async with database(kind, folder, clips) as url:
        settings = Settings.model_validate({"database_url": url, "embeddings": "off"})
        async with open_core(settings, lambda: NOW) as core:
            _say("size", await size(core.db))
            for name, times in await measure(core, clips):
                _say(f"{name}, median / p95", f"{shown(times)}, longest {max(times):.0f} ms")
            _say(f"planning {PLANNED:,} digests", await plan(core))
            _say(f"taking in {TOGETHER} clips", await take_in(core))
        os.environ["KURZCLIPS_DATABASE_URL"] = url
        starts = sorted(run(folder, "doctor", "--quick")[0] for _ in range(3))
        _say("start to the first output", f"{starts[1]:.2f} s")
        seconds, resting = await asyncio.to_thread(telegram_start, folder)
        _say("start to the first answer on Telegram", f"{seconds:.2f} s, {resting:.0f} MB at rest")


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.archive")
    parser.add_argument("--clips", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--folder", type=Path, default=None)
    return parser.parse_args(words)


def _in_a_folder(work: Callable[[Path], Awaitable[None]], folder: Path | None) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(work(folder))  # type: ignore[arg-type]
        return
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(work(Path(name)))  # type: ignore[arg-type]


if __name__ == "__main__":
    chosen = arguments()
    _in_a_folder(lambda folder: main(chosen.database, folder, chosen.clips), chosen.folder)

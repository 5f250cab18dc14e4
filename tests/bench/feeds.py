"""Thousands of feeds in one process on loopback: sweeps of new items and of 304s, and parsing beside feedparser alone.

`python -m tests.bench.feeds [number of feeds]`; the feeds lie on a quarter as many hosts, four on each. The server runs
in a process of its own, so that processor time and memory are those of the program.
"""

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from email.utils import format_datetime
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path

import fastfeedparser
import feedparser

from bot import seeds
from bot.app import NEWS_LANGUAGES, offload
from bot.fetch import Fetcher
from bot.jobs.poll import Poller
from bot.logs import set_up
from handlers.intake import Intake
from handlers.news.parse import parse
from handlers.ports import Desk
from storage import clips, feeds
from storage.database import Database
from storage.tables import Feed, Source
from tests.bench.__main__ import machine
from tests.make import NOW, MovableClock

FEEDS = 10_000
ITEMS = 20
ON_ONE_HOST = 4
USUAL_POLLS_A_DAY = 48  # every half hour, as long as nothing was learnt of a feed
PARSED = 300


def document(number: int, items: int, first: int = 0) -> bytes:
    """A feed as publishers make them; those with one item differ in their texts from feed to feed."""
    entries = "".join(
        f"<item><title>Meldung {first + each} aus Ort {number}: Brücke wieder offen</title>"
        f"<link>https://ort{number}.example/{first + each}</link><guid>ort{number}-{first + each}</guid>"
        f"<pubDate>{format_datetime(NOW - timedelta(hours=each + 1))}</pubDate><description>"
        f"&lt;p&gt;Nach der Sanierung ist die Brücke {first + each} in Ort {number} wieder offen, sagte Anna Beispiel "
        f"am Morgen. Die Kosten lagen bei {number % 90 + 3} Millionen Euro.&lt;/p&gt;</description></item>"
        for each in range(items)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>Ort {number}</title><link>https://ort{number}.example/</link>{entries}</channel></rss>"
    ).encode()


def serve(pipe: Connection) -> None:
    """Answer /<number>; a feed is empty at first and has an item more in each version.

    The pipe sets the version and reads the counts.
    """
    version = 1
    counts: Counter[str] = Counter()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
                etag = f'"{version}"'
                counts["all"] += 1
                counts[f"host {fields['host']}"] += 1
                counts["conditional"] += "if-none-match" in fields
                if fields.get("if-none-match") == etag:
                    counts["304"] += 1
                    writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode())
                    continue
                body = document(int(lines[0].split()[1].strip("/")), version - 1)
                said = f"HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Type: application/rss+xml\r\n"
                writer.write(f"{said}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def work() -> None:
        nonlocal version
        server = await asyncio.start_server(meet, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        while (word := await asyncio.to_thread(pipe.recv)) != "end":
            version = word
            pipe.send(dict(counts))
            counts.clear()

    asyncio.run(work())


async def on_loopback(host: str, port: int) -> list[str]:
    """Every name is this machine."""
    return ["127.0.0.1"]


async def sweep(poller: Poller, db: Database, clock: MovableClock) -> tuple[int, float, float]:
    """Poll all that is due: feeds asked, seconds, seconds of processor time."""
    began, worked = time.perf_counter(), time.process_time()
    asked = 0
    while number := await poller.tick():
        asked += number
    return asked, time.perf_counter() - began, time.process_time() - worked


def memory_mb() -> float:
    """The most memory that this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def sweeps(folder: Path, count: int, pipe: Connection) -> list[tuple[str, str]]:
    """Three sweeps over all feeds, which are known from before: none changed, one new item in each, none changed."""
    port = pipe.recv()
    clock = MovableClock()
    rows: list[tuple[str, str]] = []
    async with await Database.open(f"sqlite:///{folder / 'k.db'}") as db:
        await seeds.ensure_topics(db)
        async with db.write() as tx:
            for number in range(count):
                source = await feeds.ensure_source(tx, Source(slug=f"s{number}", name=f"Ort {number}", added_at=NOW))
                host = f"host{number % max(1, count // ON_ONE_HOST)}.test"
                url = f"http://{host}:{port}/{number}"
                known = {"etag": '"1"', "polled_at": NOW, "next_due_at": NOW, "added_at": NOW}
                await feeds.add_feed(tx, Feed(source_id=source.id or 0, url=url, **known))
        async with Fetcher(contact="", now=clock, allow_private=True, resolver=on_loopback) as fetcher:
            intake = Intake(db, Desk(news_languages=NEWS_LANGUAGES), offload)
            poller = Poller(db, fetcher, intake, offload, clock)
            rest = memory_mb()
            for name, following in (("none changed", 2), ("one new item each", 2), ("none changed again", 2)):
                asked, seconds, worked = await sweep(poller, db, clock)
                pipe.send(following)
                told = pipe.recv()
                most = max(number for name, number in told.items() if name.startswith("host "))
                share = told["conditional"] / told["all"]
                rows.append(
                    (
                        f"sweep of {asked:,} feeds, {name}",
                        f"{seconds:.1f} s ({asked / seconds:.0f} a second), {worked:.1f} s of processor time, peak "
                        f"{memory_mb():.0f} MB; {told['all']:,} requests, at most {most} to a host, "
                        f"{share:.0%} conditional",
                    )
                )
                if name == "none changed":
                    daily = worked / asked * USUAL_POLLS_A_DAY * count / 86_400
                    rows.append(
                        (f"a day of {count:,} unchanged feeds, each every half hour", f"{daily:.1%} of one core")
                    )
                clock.move(hours=30)
            rows.append(("memory before the first sweep", f"{rest:.0f} MB"))
        async with db.read() as tx:
            rows.append(("clips in the database afterwards", f"{await clips.count(tx):,}"))
    return rows


def parsing() -> list[tuple[str, str]]:
    """Entries per second of processor time through our door and through other parsers alone."""
    body = document(1, ITEMS)
    rows = []
    for name, read in (
        ("parsing to plain items", lambda: parse(body, now=NOW)),
        ("feedparser alone, markup left as it is", lambda: feedparser.parse(BytesIO(body), sanitize_html=False)),
        ("feedparser alone, as it comes", lambda: feedparser.parse(BytesIO(body))),
        ("fastfeedparser alone, markup left as it is", lambda: fastfeedparser.parse(body)),
    ):
        read()
        began = time.process_time()
        for _ in range(PARSED):
            read()
        rows.append((name, f"{PARSED * ITEMS / (time.process_time() - began):,.0f} entries/s"))
    return rows


def main() -> None:
    """Measure and print one table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FEEDS
    set_up("text", "WARNING")
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory() as name:
        rows = asyncio.run(sweeps(Path(name), count, ours))
    ours.send("end")
    server.join(5)
    rows += parsing()
    print(f"Measured on: {machine()}\n\n| what | figure |\n|---|---|")  # noqa: T201 - this is a report
    for what, value in rows:
        print(f"| {what} | {value} |")  # noqa: T201


if __name__ == "__main__":
    main()

"""`python -m tests.bench.planning [CHATS]`: what planning the digests of many due chats costs.

Prints, for equal wishes, for fifty different ones and for chats that have all been told different things: seconds,
database statements, memory, the longest that the writer was held, and how long an answer had to wait meanwhile.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bot import seeds
from handlers.planning import PlanReport, plan_due
from handlers.ports import Desk
from storage import subscriptions
from storage.database import Database, Tx
from storage.rows import insert_missing
from storage.states import DeliveryKind, DeliveryState, Platform, SubscriptionKind
from storage.tables import Chat, Delivery, Edition, EditionEntry, Schedule, Subscription
from tests import make

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
CLIPS = 1_000
TOPICS = ("energie", "ki", "klima", "raumfahrt")
WISHES = [f"wort{number:02}" for number in range(50)]
PORTION = 5_000


@dataclass
class Watch:
    """What is seen of a run from outside."""

    statements: int = 0
    longest_write_s: float = 0.0
    longest_wait_s: float = 0.0
    longest_pause_s: float = 0.0

    def count(self, *said: Any) -> None:
        """One statement more."""
        self.statements += not str(said[2]).startswith("BEGIN")


def memory_mb(name: str) -> float:
    """A figure of this process as Linux gives it ("VmHWM" is the most so far)."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name)) / 1024


async def fill(db: Database, chats: int, wishes: Sequence[str], *, is_each_told: bool) -> None:
    """Chats whose digest is due now, and news for them."""
    await seeds.ensure_topics(db)
    async with db.write() as tx:
        await _news(tx)
    for start in range(1, chats + 1, PORTION):
        numbers = range(start, min(start + PORTION, chats + 1))
        async with db.write() as tx:
            await _chats(tx, numbers, wishes)
            if is_each_told:
                await _told(tx, numbers)


async def _news(tx: Tx) -> None:
    source = await make.source(tx, "bote", now=NOW)
    for number in range(CLIPS):
        word = WISHES[number % len(WISHES)]
        topics = {TOPICS[number % len(TOPICS)]: 0.8}
        title = f"Meldung {number} über {word}"
        clip_id = await make.clip(tx, source, title, now=NOW, hours=1 + number % 30, topics=topics)
        if number % 3 == 0:
            await make.story(tx, clip_id, now=NOW)


async def _chats(tx: Tx, numbers: range, wishes: Sequence[str]) -> None:
    people = {"title": "", "kind": "private", "language": "de", "timezone": "Europe/Berlin", "options": {}}
    times = {"created_at": NOW, "seen_at": NOW}
    await insert_missing(
        tx, Chat, [{"id": n, "platform": Platform.TELEGRAM, "native_id": str(n), **people, **times} for n in numbers]
    )
    slot = {"at_local": "07:30", "days": "1111111", "next_due_at": NOW}
    await insert_missing(tx, Schedule, [{"id": n, "chat_id": n, **slot} for n in numbers])
    rows = []
    for n in numbers:
        wish = wishes[n % len(wishes)]
        kind = SubscriptionKind.TOPIC if wish in TOPICS else SubscriptionKind.KEYWORD
        rows.append({"chat_id": n, "schedule_id": n, "kind": kind, "value": wish, "created_at": NOW})
    await insert_missing(tx, Subscription, rows)


async def _told(tx: Tx, numbers: range) -> None:
    """Every chat was told something of its own yesterday, one story in ten of them still matters."""
    before = NOW - timedelta(days=1)
    await insert_missing(tx, Edition, [{"id": n, "key": f"old {n}", "composed_at": before} for n in numbers])
    entries = [
        {"edition_id": n, "position": place, "clip_id": 1 + (n * 7 + place) % CLIPS, "story_id": None}
        for n in numbers
        for place in range(7)
    ]
    await insert_missing(tx, EditionEntry, entries)
    sent = {"kind": DeliveryKind.DIGEST, "slot": "07:30", "local_date": before.date(), "state": DeliveryState.SENT}
    sent |= {"due_at": before, "ready_at": before, "created_at": before, "sent_at": before}
    await insert_missing(
        tx, Delivery, [{"chat_id": n, "edition_id": n, "body": {}, "parts": [], **sent} for n in numbers]
    )
    connection = await tx.connection()
    await connection.exec_driver_sql(
        "UPDATE chats SET history_key = 'h' || id WHERE id BETWEEN ? AND ?", (numbers[0], numbers[-1])
    )


@asynccontextmanager
async def watched(db: Database) -> AsyncIterator[Watch]:
    """Count statements; every 20 ms see how late the event loop is, and how long somebody waits for the writer."""
    watch = Watch()

    async def ask() -> None:
        while True:
            due = time.perf_counter() + 0.02
            await asyncio.sleep(0.02)
            watch.longest_pause_s = max(watch.longest_pause_s, time.perf_counter() - due)

    async def write() -> None:
        while True:
            began = time.perf_counter()
            async with db.write():
                watch.longest_wait_s = max(watch.longest_wait_s, time.perf_counter() - began)
            await asyncio.sleep(0.02)

    event.listen(Engine, "before_cursor_execute", watch.count)
    tasks = [asyncio.create_task(ask()), asyncio.create_task(write())]
    try:
        yield watch
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        event.remove(Engine, "before_cursor_execute", watch.count)


async def measure(name: str, chats: int, wishes: Sequence[str], *, is_each_told: bool = False) -> PlanReport:
    """Fill a database, plan it, print a line."""
    with tempfile.TemporaryDirectory() as folder:
        async with await Database.open(f"sqlite:///{folder}/k.db") as db:
            await fill(db, chats, wishes, is_each_told=is_each_told)
            async with db.read() as tx:
                assert await subscriptions.due(tx, NOW, 1)
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # noqa: ASYNC240 - the peak begins anew
            rest_mb = memory_mb("VmRSS")
            async with watched(db) as watch:
                began = time.perf_counter()
                report = await plan_due(db, Desk(), NOW)
                took_s = time.perf_counter() - began
    sys.stdout.write(
        f"{name}: {chats} chats, {report.planned} planned from {report.editions} editions in {took_s:.1f} s, "
        f"{watch.statements} statements, peak {memory_mb('VmHWM'):.0f} MB ({rest_mb:.0f} MB before), "
        f"writer awaited at most {watch.longest_wait_s:.2f} s, event loop late by {watch.longest_pause_s:.2f} s\n"
    )
    return report


async def main(chats: int) -> None:
    """The three cases."""
    await measure("equal wishes", chats, ["energie"])
    await measure("50 wishes", chats, WISHES)
    await measure("50 wishes, everybody was told something else", chats, WISHES, is_each_told=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))

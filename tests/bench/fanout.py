"""`python -m tests.bench.fanout [chats] [rate]`: a fan-out at the published limits while people go on chatting.

The real program in a process of its own, the strict Bot API server with its flood limits in another. Prints messages a
second as a share of the limit, 429s, and how long people waited for an answer meanwhile.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import httpx

from bot import clock, seeds
from bot.app import offload
from handlers.intake import Intake
from handlers.ports import Desk
from storage import chats, subscriptions
from storage.database import Database
from storage.states import Platform, SubscriptionKind
from storage.tables import Chat, Schedule, Subscription
from tests.bench.__main__ import ROOT, machine, shown

TALKERS = 5
ASK_EVERY_S = 1.5


async def prepare(folder: Path, people: list[int]) -> None:
    """Give every person a subscription that is due now."""
    now = clock.now()
    async with await Database.open(f"sqlite:///{folder / 'data' / 'kurzclips.db'}") as db:
        await seeds.ensure_topics(db)
        await seeds.load(db, Intake(db, Desk(), offload), now, with_feeds=False)
        async with db.write() as tx:
            for person in people:
                chat = Chat(
                    platform=Platform.TELEGRAM,
                    native_id=str(person),
                    language="de",
                    timezone="Europe/Berlin",
                    created_at=now - timedelta(days=2),
                    seen_at=now,
                )
                row = await chats.add(tx, chat)
                slot = Schedule(chat_id=row.id or 0, at_local="07:30", next_due_at=now - timedelta(seconds=1))
                kept = await subscriptions.ensure_schedule(tx, slot)
                wish = Subscription(
                    chat_id=row.id or 0,
                    schedule_id=kept.id,
                    kind=SubscriptionKind.TOPIC,
                    value="energie",
                    created_at=now,
                )
                await subscriptions.add(tx, wish)


async def talk(control: httpx.AsyncClient, person: int, waits: list[float], stop: asyncio.Event) -> None:
    """Ask for the news again and again, and note how long each answer takes."""
    asked = 0
    while not stop.is_set():
        began = time.perf_counter()
        await control.post("/says", json={"user": person, "text": "/latest"})
        asked += 1
        while len((await control.post("/messages", json={"chat": person})).json()) < asked:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        waits.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(ASK_EVERY_S)


async def measure(folder: Path, url: str, count: int, rate: int) -> None:
    """Run the fan-out and print what came of it."""
    async with httpx.AsyncClient(base_url=f"{url}/control", timeout=600) as control:
        people = (await control.post("/users", json={"count": count})).json()
        talkers = (await control.post("/users", json={"count": TALKERS})).json()
        await prepare(folder, people)
        settings = {"TELEGRAM_TOKEN": "1:A", "TELEGRAM_API_URL": url, "TELEGRAM_RATE_PER_SECOND": str(rate)}
        bot = subprocess.Popen(  # noqa: ASYNC220 - measured from outside
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **{f"KURZCLIPS_{k}": v for k, v in settings.items()}},
        )
        waits: list[float] = []
        stop = asyncio.Event()
        try:
            await control.post("/wait", json={"accepted": 30, "timeout_s": 60})
            chatting = [asyncio.create_task(talk(control, person, waits, stop)) for person in talkers]
            # Of another process, which is asked rarely, since its work is what is measured.
            while (await control.post("/state", json={})).json()["calls"].get("sendMessage", 0) < count + len(waits):  # noqa: ASYNC110
                await asyncio.sleep(1)
            stop.set()
            await asyncio.gather(*chatting)
        finally:
            bot.terminate()
            bot.wait(30)
        ledger = (await control.post("/ledger", json={})).json()
        everything = sorted(line["at"] for line in ledger if line["message_id"])
        wanted = set(people)
        sends = sorted(line["at"] for line in ledger if line["message_id"] and line["chat_id"] in wanted)
        state = (await control.post("/state", json={})).json()
    first, last = sends[0], sends[-1]
    within = sum(1 for at in everything if first <= at <= last)
    per_second = (within - 1) / (last - first)
    print(f"Measured on: {machine()}\n")  # noqa: T201 - this is a report
    print(f"digests sent: {len(sends)} in {last - first:.1f} s")  # noqa: T201
    print(f"messages a second, answers included: {per_second:.2f}, {per_second / rate:.1%} of the limit of {rate}")  # noqa: T201
    print(f"429s: {state.get('too_many_requests')}; refused: {json.dumps(state.get('rejected'))[:200]}")  # noqa: T201
    print(f"/latest meanwhile ({len(waits)} times), median / p95: {shown(waits)}")  # noqa: T201


def main() -> None:
    """Start the server, measure, and end it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    limits = ["--real-limits"] if rate == 30 else []
    server = subprocess.Popen(  # noqa: S603 - our own server
        [sys.executable, "-m", "tests.fakes.telegram", "--port", "0", "--control", *limits],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    url = server.stdout.readline().split()[-1].strip()
    try:
        with tempfile.TemporaryDirectory() as name:
            asyncio.run(measure(Path(name), url, count, rate))
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main()

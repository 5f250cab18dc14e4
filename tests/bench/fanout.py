"""`python -m tests.bench.fanout [chats] [rate]`: a fan-out at a limit while people go on chatting.

The real program in a process of its own, the strict Bot API server with its flood limits in another. Prints messages a
second as a share of the limit, 429s, how long people waited for an answer meanwhile, and what the bot took for it.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from bot import clock, seeds
from bot.app import offload
from handlers.intake import Intake
from handlers.ports import Desk
from storage.database import Database, Tx
from storage.states import Platform, SubscriptionKind
from storage.tables import Chat, Schedule, Subscription
from tests.bench.__main__ import ROOT, machine, shown

PREPARED_AT_ONCE = 5_000
TALKERS = 5
ASK_EVERY_S = 1.5


@dataclass(frozen=True, slots=True)
class Spent:
    """What a fan-out cost.

    Attributes:
        cpu: share of one core.
        each_ms: processor time of one message.
        peak_mb: the most memory at once.
        waits: milliseconds until each answer to people who asked meanwhile.
    """

    cpu: float
    each_ms: float
    peak_mb: float
    waits: list[float]


async def prepare(folder: Path, people: list[int]) -> None:
    """Give every person a subscription that is due now."""
    now = clock.now()
    async with await Database.open(f"sqlite:///{folder / 'data' / 'kurzclips.db'}") as db:
        await seeds.ensure_topics(db)
        await seeds.load(db, Intake(db, Desk(), offload), now, with_feeds=False)
        for start in range(0, len(people), PREPARED_AT_ONCE):
            async with db.write() as tx:
                await _subscribe(tx, people[start : start + PREPARED_AT_ONCE], now)


async def _subscribe(tx: Tx, people: list[int], now: datetime) -> None:
    at = {"created_at": now - timedelta(days=2), "seen_at": now}
    shared = {"platform": Platform.TELEGRAM, "language": "de", "timezone": "Europe/Berlin", **at}
    rows = [Chat(native_id=str(person), **shared) for person in people]
    tx.add_all(rows)
    await tx.flush()
    due = {"at_local": "07:30", "next_due_at": now - timedelta(seconds=1)}
    slots = [Schedule(chat_id=row.id or 0, **due) for row in rows]
    tx.add_all(slots)
    await tx.flush()
    wish = {"kind": SubscriptionKind.TOPIC, "value": "energie", "created_at": now}
    tx.add_all([Subscription(chat_id=slot.chat_id, schedule_id=slot.id, **wish) for slot in slots])


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


class Bot:
    """The real program as a process, and what it costs."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **{f"KURZCLIPS_{k}": v for k, v in settings.items()}},
        )

    def cpu_s(self) -> float:
        """Seconds of processor time so far, of all its threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mb(self) -> float:
        """The most memory that it held at once."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024

    def end(self) -> None:
        """Ask it to end, and wait."""
        self._process.terminate()
        self._process.wait(30)


async def called(control: httpx.AsyncClient) -> int:
    """How many messages the server took so far."""
    return int((await control.post("/state", json={})).json()["calls"].get("sendMessage", 0))


async def send_all(folder: Path, control: httpx.AsyncClient, settings: dict[str, str], count: int) -> Spent:
    """Start the bot, let people talk meanwhile, and end it when all digests were sent."""
    talkers = (await control.post("/users", json={"count": TALKERS})).json()
    bot = Bot(folder, settings)
    waits: list[float] = []
    stop = asyncio.Event()
    try:
        await control.post("/wait", json={"accepted": 30, "timeout_s": 120})
        began, cpu, calls = time.perf_counter(), bot.cpu_s(), await called(control)
        chatting = [asyncio.create_task(talk(control, person, waits, stop)) for person in talkers]
        # Of another process, which is asked rarely, since its work is what is measured.
        while await called(control) < count + len(waits):  # noqa: ASYNC110
            await asyncio.sleep(1)  # asked rarely, since the server shares the processor with the bot
        spent_s = bot.cpu_s() - cpu
        share, each_ms = spent_s / (time.perf_counter() - began), spent_s / (await called(control) - calls) * 1000
        stop.set()
        await asyncio.gather(*chatting)
        return Spent(share, each_ms, bot.peak_mb(), waits)
    finally:
        bot.end()


async def measure(folder: Path, url: str, count: int, rate: int) -> None:
    """Run the fan-out and print what came of it."""
    async with httpx.AsyncClient(base_url=f"{url}/control", timeout=600) as control:
        limits = {"per_second": rate, "per_private_chat_per_second": 1, "per_group_per_minute": 20}
        await control.post("/limits", json=limits)
        people = (await control.post("/users", json={"count": count})).json()
        await prepare(folder, people)
        settings = {"TELEGRAM_TOKEN": "1:A", "TELEGRAM_API_URL": url, "TELEGRAM_RATE_PER_SECOND": str(rate)}
        spent = await send_all(folder, control, settings, count)
        times = (await control.post("/times", json={})).json()
        state = (await control.post("/state", json={})).json()
    wanted = set(people)
    sends = sorted(at for at, chat in times if chat in wanted)
    first, last = sends[0], sends[-1]
    per_second = (sum(first <= at <= last for at, _ in times) - 1) / (last - first)
    lines = (
        f"Measured on: {machine()}\n",
        f"digests sent: {len(sends)} in {last - first:.1f} s, twice or more: {len(sends) - len(wanted)}",
        f"messages a second, answers included: {per_second:.2f}, {per_second / rate:.1%} of the limit of {rate}",
        f"429s: {state.get('too_many_requests')}; refused: {json.dumps(state.get('rejected'))[:200]}",
        f"/latest meanwhile ({len(spent.waits)} times), median / p95: {shown(spent.waits)}",
        f"the bot: {spent.cpu:.0%} of one core, {spent.each_ms:.2f} ms a message, {spent.peak_mb:.0f} MB at most",
    )
    print("\n".join(lines))  # noqa: T201 - this is a report


def main() -> None:
    """Start the server, measure, and end it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    rate = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.telegram", "--port", "0", "--control"],
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

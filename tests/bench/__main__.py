"""`make bench`: measures and prints a table; nothing here passes or fails.

Every figure comes from the real program on this machine: a fresh database in a temporary folder, generated clips
(`corpus.py`), and the strict Bot API server on loopback in a process of its own.
"""

import asyncio
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from bot import clock
from bot.app import Core, open_core
from bot.config import Settings
from handlers.inline import answer_inline
from handlers.request import ChatAddress, Person, Request
from storage.states import Platform
from tests.bench import corpus

ROOT = Path(__file__).resolve().parents[2]
COUNT = int(os.environ.get("BENCH_CLIPS", "10000"))
QUERIES = 200


def machine() -> str:
    """The machine in one line."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def run(folder: Path, *words: str) -> tuple[float, float, str]:
    """Run `kurzclips` as a process: seconds, peak memory in MB, what it said."""
    began = time.perf_counter()
    child = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    said = child.stdout.read()
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return time.perf_counter() - began, usage.ru_maxrss / 1024, said.strip()


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds of one call."""
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


def shown(times: list[float]) -> str:
    """Median and 95th percentile."""
    ordered = sorted(times)
    return f"{statistics.median(ordered):.1f} / {ordered[int(len(ordered) * 0.95)]:.1f} ms"


def words_of(folder: Path) -> list[str]:
    """Words that occur in the corpus, common and rare."""
    random_ = random.Random(7)  # noqa: S311 - repeatable, not secret
    found = [
        word for record in corpus.clips(300, now=datetime(2026, 11, 24, tzinfo=UTC)) for word in record["text"].split()
    ]
    return [word.strip(".,;:„“«»") for word in random_.sample(found, QUERIES)]


async def answers(core: Core, folder: Path) -> list[tuple[str, str]]:
    """What replies cost in the running program."""
    words = words_of(folder)

    async def ask(text: str) -> None:
        person = Person("1", language="de", is_operator=True)  # of whom as much is taken as there is
        request = Request(chat=ChatAddress(Platform.TELEGRAM, "1"), person=person, now=core.clock(), text=text)
        await core.dispatcher.answer(request)

    async def inline(text: str) -> None:
        await answer_inline(core.services, query=text, offset="", language="de", now=core.clock())

    await ask("/start")
    rows = []
    rows.append(("/latest", [await timed(lambda: ask("/latest")) for _ in range(50)]))
    rows.append(("/search, one word", [await timed(lambda word=word: ask(f"/search {word}")) for word in words]))
    rows.append(("inline, a word being typed", [await timed(lambda word=word: inline(word[:5])) for word in words]))
    rows.append(("inline, nothing typed", [await timed(lambda: inline("")) for _ in range(50)]))
    numbers = random.Random(3).sample(range(1, COUNT), 50)  # noqa: S311
    rows.append(("/related", [await timed(lambda n=n: ask(f"/related {n}")) for n in numbers]))
    return [(name, shown(times)) for name, times in rows]


def telegram_start(folder: Path) -> tuple[float, float]:
    """Seconds from the start of `kurzclips run` to its first answer, and its memory at rest in MB."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.telegram", "--port", "0", "--control"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    url = server.stdout.readline().split()[-1].strip()
    try:
        return asyncio.run(_first_answer(folder, url))
    finally:
        server.terminate()
        server.wait(10)


async def _first_answer(folder: Path, url: str) -> tuple[float, float]:
    async with httpx.AsyncClient(base_url=f"{url}/control", timeout=60) as control:
        anna = (await control.post("/user", json={"is_started": True})).json()["id"]
        await control.post("/says", json={"user": anna, "text": "/latest"})
        began = time.perf_counter()
        bot = subprocess.Popen(  # noqa: ASYNC220 - measured from outside
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "KURZCLIPS_TELEGRAM_TOKEN": "1:A",
                "KURZCLIPS_TELEGRAM_API_URL": url,
            },
        )
        try:
            while not (await control.post("/messages", json={"chat": anna})).json():  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.02)
            seconds = time.perf_counter() - began
            await asyncio.sleep(5)  # memory at rest is what is measured
            status = Path(f"/proc/{bot.pid}/status").read_text(encoding="utf-8")  # noqa: ASYNC240
            memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024
            return seconds, memory
        finally:
            bot.terminate()
            bot.wait(20)


def main() -> None:
    """Measure everything and print one table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows: list[tuple[str, str]] = []
        corpus.write(folder / "clips.jsonl", COUNT, now=clock.now() - timedelta(minutes=1))
        seconds, memory, said = run(folder, "ingest", "clips.jsonl")
        rows.append(
            (f"ingest of {COUNT:,} clips (JSONL): {said}", f"{COUNT / seconds:.0f} clips/s, peak {memory:.0f} MB")
        )
        seconds, _, said = run(folder, "ingest", "clips.jsonl")
        rows.append((f"the same again: {said}", f"{COUNT / seconds:.0f} clips/s"))
        size = (folder / "data" / "kurzclips.db").stat().st_size / 1024 / 1024
        rows.append(("database file", f"{size:.0f} MB"))

        async def measure() -> list[tuple[str, str]]:
            url = f"sqlite:///{folder / 'data' / 'kurzclips.db'}"
            async with open_core(Settings.model_validate({"database_url": url})) as core:
                return await answers(core, folder)

        rows += [(f"{what} at {COUNT:,} clips (median / p95)", value) for what, value in asyncio.run(measure())]
        small = folder / "small"
        small.mkdir()
        run(small, "db", "info")
        starts = sorted(run(small, "db", "info")[0] for _ in range(5))
        rows.append(("start of the program to its first output (median of 5)", f"{starts[2]:.2f} s"))
        started, resting = telegram_start(small)
        rows.append(("start to the first answered update on Telegram", f"{started:.2f} s, {resting:.0f} MB at rest"))
    print(f"Measured on: {machine()}\n\n| what | figure |\n|---|---|")  # noqa: T201 - this is a report
    for what, value in rows:
        print(f"| {what} | {value} |")  # noqa: T201


if __name__ == "__main__":
    main()

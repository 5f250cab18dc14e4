"""`python -m tests.bench.inline [clips] [database]`: how long inline search takes in a large archive.

A thousand queries as people type them: words half typed, compounds, slips, operators, phrases, later pages, nothing at
all. First the search alone; then through the Bot API, the program in a process of its own in the middle of a fan-out.
A database is filled first where none is given; one that is given is left as it is.
"""

import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx

from bot import clock
from bot.app import Core, open_core
from bot.config import Settings
from handlers.inline import answer_inline
from tests.bench import corpus
from tests.bench.__main__ import ROOT, machine, run, shown, timed
from tests.bench.fanout import prepare

QUERIES = 1000
SHARES = {
    "one word half typed": 34,
    "two words": 18,
    "a slip in the last word": 10,
    "three words and more": 8,
    "nothing": 8,
    "a word and operators": 8,
    "a later page": 6,
    "one or two letters": 5,
    "a phrase": 2,
    "no word of the archive": 1,
}
OPERATORS = ("topic:energie", "lang:de", "since:7d", "source:quelle-7", "topic:technology lang:en", "since:3d lang:ru")
Typed = tuple[str, str, str]


def typed(count: int, *, seed: int = 11) -> Iterator[Typed]:
    """Shape, query and offset of what people type."""
    random_ = random.Random(seed)  # noqa: S311 - repeatable, not secret
    pool = [record for record in corpus.clips(2000, now=clock.now(), seed=1)]
    for shape in random_.choices(list(SHARES), weights=SHARES.values(), k=count):
        words = [word.strip(".,;:„“«»\"'()") for word in random_.choice(pool)["text"].split()]
        told = [word for word in words if len(word) > 3]
        yield shape, *_query(shape, words, told, random_)


def _query(shape: str, words: list[str], told: list[str], random_: random.Random) -> tuple[str, str]:
    word = random_.choice(told)
    half = word[: random_.randint(3, len(word))]
    place = random_.randrange(1, len(word) - 1)
    start = random_.randrange(len(words) - 4)
    match shape:
        case "one word half typed":
            return half, ""
        case "two words":
            return f"{random_.choice(told)} {half}", ""
        case "a slip in the last word":
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :], ""
        case "three words and more":
            return " ".join(random_.sample(told, min(len(told), random_.randint(3, 6)))), ""
        case "nothing":
            return random_.choice(("", "", " ")), ""
        case "a word and operators":
            return f"{random_.choice(OPERATORS)} {half}", ""
        case "a later page":
            return half, str(random_.randint(1, 40))
        case "one or two letters":
            return half[: random_.randint(1, 2)], ""
        case "a phrase":
            return '"' + " ".join(words[start : start + 3]) + '"', ""
    return "".join(random_.choices("qwxyzjk", k=random_.randint(6, 12))), ""


async def alone(core: Core) -> None:
    """Print what the search itself takes, shape by shape."""
    times: dict[str, list[float]] = defaultdict(list)
    for shape, query, offset in typed(QUERIES):
        took_ms = await timed(
            lambda query=query, offset=offset: answer_inline(
                core.services, query=query, offset=offset, language="de", now=core.clock()
            )
        )
        times[shape].append(took_ms)
    for shape, each in sorted(times.items()):
        print(f"  {shape} ({len(each)}): {shown(each)}, longest {max(each):.0f} ms")  # noqa: T201
    everything = [took_ms for each in times.values() for took_ms in each]
    print(f"search alone, {QUERIES} queries, median / p95: {shown(everything)}, longest {max(everything):.0f} ms")  # noqa: T201


async def through_the_api(folder: Path, api_url: str, fan_out: int) -> None:
    """Print how long a person waits for results while digests go out."""
    async with httpx.AsyncClient(base_url=f"{api_url}/control", timeout=60) as control:
        people = (await control.post("/users", json={"count": fan_out})).json()
        anna = (await control.post("/user", json={"is_started": True})).json()["id"]
        await prepare(folder, people)
        bot = subprocess.Popen(  # noqa: ASYNC220 - measured from outside
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "KURZCLIPS_TELEGRAM_TOKEN": "1:A",
                "KURZCLIPS_TELEGRAM_API_URL": api_url,
            },
        )
        times: list[float] = []
        try:
            await control.post("/wait", json={"accepted": 60, "timeout_s": 60})
            began = time.perf_counter()
            for _, query, offset in typed(QUERIES):
                asked = time.perf_counter()
                number = (await control.post("/inline", json={"user": anna, "text": query, "offset": offset})).json()
                answer = await control.post("/answer", json={"query": number["id"], "timeout_s": 10})
                assert answer.json()["answer"] is not None, f"no answer to {query!r}"
                times.append((time.perf_counter() - asked) * 1000)
            seconds = time.perf_counter() - began
            state = (await control.post("/state", json={})).json()
        finally:
            bot.terminate()
            bot.wait(30)
    calls = state["calls"]
    print(  # noqa: T201
        f"through the Bot API, {QUERIES} queries one after the other in {seconds:.0f} s, median / p95: {shown(times)}, "
        f"longest {max(times):.0f} ms; digests sent by then: {calls.get('sendMessage', 0)} of {fan_out}; "
        f"refused calls: {len(state.get('rejected', []))}"
    )


async def measure(folder: Path) -> None:
    """Measure both ways and print what they took."""
    database = f"sqlite:///{folder / 'data' / 'kurzclips.db'}"
    async with open_core(Settings.model_validate({"database_url": database})) as core:
        await alone(core)
    server = subprocess.Popen(  # noqa: ASYNC220 - our own server
        [sys.executable, "-m", "tests.fakes.telegram", "--port", "0", "--control", "--real-limits"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    url = server.stdout.readline().split()[-1].strip()
    try:
        await through_the_api(folder, url, fan_out=5000)
    finally:
        server.terminate()
        server.wait(10)


def main() -> None:
    """Fill an archive or copy the given one, and measure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if len(sys.argv) > 2:
            (folder / "data").mkdir()
            shutil.copy(sys.argv[2], folder / "data" / "kurzclips.db")
        else:
            corpus.write(folder / "clips.jsonl", count, now=clock.now() - timedelta(minutes=1))
            print(run(folder, "ingest", "clips.jsonl")[2])  # noqa: T201
        print(f"Measured on: {machine()}; {count:,} clips")  # noqa: T201 - this is a report
        asyncio.run(measure(folder))


if __name__ == "__main__":
    main()

"""One process that takes in generated clips and prints what it cost: `python -m tests.eval.speed '{}'`.

Its argument holds settings beside the defaults, as JSON. It prints clips, seconds of processor time and peak megabytes.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.app import open_core
from bot.config import Settings
from handlers.news.items import RawItem
from storage import feeds
from storage.tables import Source
from tests.bench import corpus
from tests.eval.table import Row
from tests.make import NOW

COUNT = 2_000
# What the poller keeps together.
ROUND = 100


def rows(extra: Mapping[str, Any]) -> list[Row]:
    """Speed and memory, measured in a fresh process."""
    words = [sys.executable, "-m", "tests.eval.speed", json.dumps(extra)]
    # As `bot.cli.main` has it: threads of linear algebra burn time for numbers as small as ours.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    said = subprocess.run(words, check=True, capture_output=True, text=True, env=environment).stdout  # noqa: S603
    count, seconds, megabytes = (float(each) for each in said.split())
    return [
        Row("intake", f"speed on one core, {COUNT:,} clips", count / seconds, unit="clips/s"),
        Row("intake", "peak memory", megabytes, unit="MB"),
    ]


def _item(record: Mapping[str, Any]) -> RawItem:
    return RawItem(
        title=record["title"],
        paragraphs=tuple(record["text"].split("\n\n")),
        external_id=record["id"],
        url=record.get("url", ""),
        published_at=datetime.fromisoformat(record["published_at"]),
        language=record.get("language", ""),
    )


async def _measure(extra: Mapping[str, Any]) -> tuple[int, float]:
    records = sorted(corpus.clips(COUNT, now=NOW), key=lambda record: record["published_at"])
    with tempfile.TemporaryDirectory() as folder:
        values = {"database_url": f"sqlite:///{Path(folder) / 'speed.db'}", **extra}
        async with open_core(Settings.model_validate(values), lambda: NOW) as core:
            names = sorted({record["source"] for record in records})
            async with core.db.write() as tx:
                rows = [Source(slug=f"s{place}", name=name, added_at=NOW) for place, name in enumerate(names)]
                sources = {row.name: await feeds.ensure_source(tx, row) for row in rows}
            began = time.process_time()
            for start in range(0, COUNT, ROUND):
                # As the poller does: what several feeds brought goes together.
                brought = [
                    (
                        sources[name],
                        [_item(record) for record in records[start : start + ROUND] if record["source"] == name],
                    )
                    for name in names
                ]
                await core.intake.take_in_all([each for each in brought if each[1]], now=NOW)
            return len(records), time.process_time() - began


def main() -> None:
    """Measure and print."""
    count, seconds = asyncio.run(_measure(json.loads(sys.argv[1])))
    # Not ru_maxrss: that begins with the peak of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    memory = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
    print(count, f"{seconds:.2f}", f"{memory:.0f}")  # noqa: T201 - what the parent reads


if __name__ == "__main__":
    main()

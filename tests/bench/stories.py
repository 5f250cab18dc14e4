"""A stream of generated clips through intake: what each costs at the start and at the end, and the largest story.

`python -m tests.bench.stories [number of clips]`; without an encoder, in rounds of fifty clips, oldest first.
"""

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlmodel import func, select

from bot.app import open_core
from bot.config import Settings
from handlers.news.items import RawItem
from storage import feeds
from storage.tables import Clip, Source
from tests.bench import corpus
from tests.bench.__main__ import machine
from tests.make import NOW

COUNT = 20_000
TOGETHER = 50
SHARE = 10


def items(count: int) -> Iterator[tuple[str, RawItem]]:
    """(source, item), the oldest first."""
    for record in sorted(corpus.clips(count, now=NOW), key=lambda each: each["published_at"]):
        yield record["source"], item_of(record)


def item_of(record: dict[str, Any]) -> RawItem:
    """A generated record as a feed would bring it."""
    return RawItem(
        title=record["title"],
        paragraphs=tuple(record["text"].split("\n\n")),
        external_id=record["id"],
        published_at=datetime.fromisoformat(record["published_at"]),
        language=record.get("language", ""),
    )


async def measure(count: int) -> list[tuple[str, str]]:
    """Take everything in and look at the stories."""
    costs: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'k.db'}"
        settings = Settings(_env_file=None, database_url=address, embeddings="off")  # type: ignore[call-arg]
        async with open_core(settings, lambda: NOW) as core:
            sources: dict[str, Source] = {}
            stream = items(count)
            while part := list(islice(stream, TOGETHER)):
                for name in {name for name, _ in part} - sources.keys():
                    async with core.db.write() as tx:
                        row = Source(slug=f"s{len(sources)}", name=name, added_at=NOW)
                        sources[name] = await feeds.ensure_source(tx, row)
                began = time.process_time()
                await core.intake.take_in_all([(sources[name], [item]) for name, item in part], now=NOW)
                costs.append((time.process_time() - began) / len(part) * 1000)
            async with core.db.read() as tx:
                sizes = select(func.count()).select_from(Clip).group_by(Clip.story_id)  # type: ignore[arg-type]
                stories: Sequence[int] = (await tx.exec(sizes)).all()
    tenth = max(1, len(costs) // SHARE)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        (f"{count:,} clips, the first tenth", f"{sum(costs[:tenth]) / tenth:.1f} ms of processor time a clip"),
        ("the last tenth", f"{sum(costs[-tenth:]) / tenth:.1f} ms a clip"),
        ("all", f"{1000 / (sum(costs) / len(costs)):,.0f} clips a second"),
        ("stories, largest", f"{len(stories):,}, {max(stories)} clips"),
        ("peak memory", f"{peak:.0f} MB"),
    ]


def main() -> None:
    """Measure and print one table."""
    rows = asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
    print(f"Measured on: {machine()}\n\n| what | figure |\n|---|---|")  # noqa: T201 - this is a report
    for what, value in rows:
        print(f"| {what} | {value} |")  # noqa: T201


if __name__ == "__main__":
    main()

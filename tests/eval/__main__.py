"""`make eval`: what the engine understands, as one table beside what simpler means would get; nothing passes or fails.

`--errors` lists below the table what it got wrong; `--quick` leaves speed out.
"""

import asyncio
import inspect
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bot.encoders import is_local_there
from tests.bench.__main__ import machine
from tests.eval import (
    gold,
    speed,
    tasks_language,
    tasks_notices,
    tasks_related,
    tasks_search,
    tasks_stories,
    tasks_summary,
    tasks_topics,
    tasks_twins,
)
from tests.eval.archive import WITH_ENCODER, WITHOUT_ENCODER, entries, filled
from tests.eval.table import Row, printed


async def measured(extra: Mapping[str, Any] = WITHOUT_ENCODER) -> list[Row]:
    """Every task on the gold, in one database each.

    Args:
        extra: settings beside the defaults.
    """
    news = gold.load()
    async with filled(entries(news), news, extra=extra) as archive:
        rows = [
            *tasks_topics.rows(archive, news),
            *tasks_stories.rows(archive, news),
            *await tasks_related.rows(archive, news),
            *tasks_summary.rows(archive, news),
            *await tasks_search.rows(archive, news),
            *tasks_notices.rows(archive, news),
        ]
    return [*rows, *await tasks_twins.rows(news, extra), *await tasks_language.rows(news)]


async def mistakes(extra: Mapping[str, Any] = WITHOUT_ENCODER) -> dict[str, list[str]]:
    """Task → what the program got wrong."""
    news = gold.load()
    async with filled(entries(news), news, extra=extra) as archive:
        found = {
            "topics": tasks_topics.errors(archive, news),
            "stories": tasks_stories.errors(archive, news),
            "related": await tasks_related.errors(archive, news),
            "summary": tasks_summary.errors(archive, news),
            "search": await tasks_search.errors(archive, news),
            "notices": tasks_notices.errors(archive, news),
            "twins": await tasks_twins.errors(news),
        }
    async with filled(tasks_language.unmarked(news), news, states_language=False) as archive:
        return {**found, "language": tasks_language.errors(archive, news)}


def further(name: str) -> list[tuple[object, ...]]:
    """The rows of a module that measures on other material, where it is there."""
    if find_spec(f"tests.eval.{name}") is None:
        return []
    rows = import_module(f"tests.eval.{name}").rows()
    return list(asyncio.run(rows) if inspect.iscoroutine(rows) else rows)


def main(words: list[str]) -> None:
    """Measure everything and print one table."""
    rows = asyncio.run(measured())
    other = asyncio.run(measured(WITH_ENCODER)) if is_local_there() else []
    if "--quick" not in words:
        rows += speed.rows(WITHOUT_ENCODER)
        other += speed.rows(WITH_ENCODER) if other else []
    print(f"Measured on: {machine()}\n\n{printed(rows, other)}")  # noqa: T201 - this is a report
    for name in ("summaries", "language", "topics", "search_xquad"):
        for row in further(name):
            what = ", ".join(str(cell) for cell in row[:-1])
            print(f"| {name} | {what} | {row[-1]} | – | – |")  # noqa: T201
    if "--errors" in words:
        for task, found in asyncio.run(mistakes()).items():
            print(f"\n## {task}: {len(found)}\n", *(f"- {each}" for each in found), sep="\n")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])

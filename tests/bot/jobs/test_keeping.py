"""Many feeds in few transactions: all come together, and one that cannot be kept costs nobody else."""

import asyncio

import pytest

from bot.jobs.keeping import Keeper
from handlers.intake import Intake
from handlers.news.items import RawItem
from handlers.ports import Desk
from storage import clips
from storage.clips import ClipFilter
from storage.database import Database, Tx
from storage.tables import Source
from tests import make
from tests.make import NOW, MovableClock


def item(number: int) -> RawItem:
    return make.item(f"Brücke {number} wieder offen", f"Das teilte die Stadt {number} am Morgen mit.")


async def sources(tx: Tx, number: int) -> list[Source]:
    return [await make.source(tx, f"bote{each}") for each in range(number)]


class Counted(Intake):
    """An intake that counts its portions."""

    portions = 0

    async def _take_batch(self, items, now):  # type: ignore[no-untyped-def]
        self.portions += 1
        return await super()._take_batch(items, now)


async def test_what_many_bring_at_once_goes_in_few_portions_and_each_hears_of_its_own(
    db: Database, clock: MovableClock
) -> None:
    async with db.write() as tx:
        rows = await sources(tx, 30)
    intake = Counted(db, Desk(), make.at_once)
    keeper = Keeper(intake, clock)
    reports = await asyncio.gather(*(keeper.keep([item(n), item(n + 100)], row) for n, row in enumerate(rows)))
    assert [report.new for report in reports] == [2] * 30
    assert intake.portions <= 4
    again = await asyncio.gather(*(keeper.keep([item(n)], row) for n, row in enumerate(rows)))
    assert [(report.new, report.known) for report in again] == [(0, 1)] * 30


async def test_a_feed_whose_source_is_gone_costs_nobody_else_anything(db: Database, clock: MovableClock) -> None:
    async with db.write() as tx:
        rows = await sources(tx, 3)
    gone = Source(id=9_999, slug="weg", name="Weg", language="de", added_at=NOW)
    keeper = Keeper(Intake(db, Desk(), make.at_once), clock)
    found = await asyncio.gather(
        *(keeper.keep([item(n)], row) for n, row in enumerate([rows[0], gone, *rows[1:]])), return_exceptions=True
    )
    assert [isinstance(each, Exception) for each in found] == [False, True, False, False]
    async with db.read() as tx:
        assert len(await clips.latest(tx, ClipFilter(), 9)) == 3


async def test_who_is_stopped_takes_nobody_along(db: Database, clock: MovableClock) -> None:
    async with db.write() as tx:
        rows = await sources(tx, 3)
    begun, gate = asyncio.Event(), asyncio.Event()

    class Slow(Intake):
        async def _take_batch(self, items, now):  # type: ignore[no-untyped-def]
            begun.set()
            await gate.wait()
            return await super()._take_batch(items, now)

    keeper = Keeper(Slow(db, Desk(), make.at_once), clock)
    tasks = [asyncio.create_task(keeper.keep([item(n)], row)) for n, row in enumerate(rows)]
    await begun.wait()
    tasks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    gate.set()
    assert [(await task).new for task in tasks[1:]] == [1, 1]

"""Claims and records of many sends in few transactions, each told what became of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.jobs.ledger import Ledger
from storage import deliveries
from storage.database import Database, Tx
from storage.deliveries import Claimer
from storage.errors import DatabaseFull
from storage.states import DeliveryState
from storage.tables import Delivery
from tests import make
from tests.make import NOW, MovableClock


class Counting(Database):
    """A database that counts its transactions, and can be full."""

    written = 0
    is_full = False

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        if self.is_full:
            raise DatabaseFull("The disk is full.")
        self.written += 1
        async with super().write() as tx:
            yield tx


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Counting]:
    async with await Counting.open(f"sqlite:///{tmp_path / 'k.db'}") as opened:
        assert isinstance(opened, Counting)
        yield opened


async def owe(db: Database, count: int) -> list[int]:
    async with db.write() as tx:
        chat = await make.chat(tx)
        at = {"local_date": NOW.date(), "due_at": NOW, "ready_at": NOW, "created_at": NOW}
        await deliveries.plan(tx, [Delivery(chat_id=chat.id or 0, slot=str(number), **at) for number in range(count)])
        return sorted(row.id or 0 for row in await deliveries.of_chat(tx, chat.id or 0, count))


async def rows(db: Database, ids: list[int]) -> list[Delivery]:
    async with db.read() as tx:
        found = [await deliveries.get(tx, each) for each in ids]
    return [each[0] for each in found if each is not None]


async def test_who_asks_at_once_shares_a_transaction_and_each_is_told_its_own(db: Counting) -> None:
    ids = await owe(db, 20)
    ledger = Ledger(db, MovableClock())
    await ledger.claim(ids[0], Claimer("somebody"))
    before = db.written
    mine = await asyncio.gather(*(ledger.claim(each, Claimer("me")) for each in ids))
    assert mine == [False] + [True] * 19
    await asyncio.gather(
        *(ledger.sent(each, (f"m{each}",)) for each in ids[1:10]),
        *(ledger.part_sent(each, ("1",)) for each in ids[10:]),
    )
    assert db.written - before == 2
    found = await rows(db, ids)
    assert [row.state for row in found] == [DeliveryState.SENDING] + [DeliveryState.SENT] * 9 + [
        DeliveryState.SENDING
    ] * 10
    assert [row.parts for row in found[1:]] == [[f"m{each}"] for each in ids[1:10]] + [["1"]] * 10


async def test_what_the_database_refuses_is_told_to_all_of_that_transaction_and_to_no_other(db: Counting) -> None:
    ids = await owe(db, 4)
    ledger = Ledger(db, MovableClock())
    db.is_full = True
    told = await asyncio.gather(*(ledger.claim(each, Claimer("me")) for each in ids[:3]), return_exceptions=True)
    assert {type(each) for each in told} == {DatabaseFull}
    db.is_full = False
    assert await ledger.claim(ids[0], Claimer("me"))
    assert [row.state for row in await rows(db, ids)] == [DeliveryState.SENDING] + [DeliveryState.PLANNED] * 3


async def test_who_is_cancelled_leaves_the_transaction_of_the_others_alone(db: Counting) -> None:
    ids = await owe(db, 2)
    ledger = Ledger(db, MovableClock())
    gone, stays = (asyncio.create_task(ledger.claim(each, Claimer("me"))) for each in ids)
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays
    assert [row.state for row in await rows(db, ids)] == [DeliveryState.SENDING] * 2

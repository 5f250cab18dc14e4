"""What the next sender knows of the one before: dead ones are succeeded at once, living ones keep what is theirs."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.alone import Alone
from bot.jobs.deliver import LOOK_AGAIN_S, PLACES, SIGNED_ALONE, Deliverer
from bot.jobs.leases import Leases
from bot.jobs.ledger import LEASE
from bot.platforms.outgoing import Outgoing, Progress
from storage import deliveries
from storage.database import Database, Tx
from storage.deliveries import Claimer
from storage.errors import DatabaseBusy, DatabaseFull
from storage.states import DeliveryKind, Platform
from storage.tables import Delivery, EditionEntry
from tests import make
from tests.make import NOW, MovableClock

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys
from bot.jobs.alone import Alone
alone = Alone(sys.argv[1])
print(alone.take("telegram"), flush=True)
sys.stdin.read()
"""


class Gate:
    """A sender that sends when it is let."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.open = asyncio.Event()
        self.begun = asyncio.Event()
        self.sent: list[str] = []
        if is_open:
            self.open.set()

    async def send(self, outgoing: Outgoing, progress: Progress) -> tuple[str, ...]:
        await progress.begin()
        self.begun.set()
        await self.open.wait()
        self.sent.append(outgoing.key)
        return ("1",)


class Refusing(Database):
    """A database that can be full, or not there."""

    is_full = False
    is_gone = False

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        if self.is_gone:
            raise DatabaseBusy("The database cannot be reached at the moment.")
        async with super().read() as tx:
            yield tx

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        if self.is_full:
            raise DatabaseFull("The disk is full.")
        async with super().write() as tx:
            yield tx


async def owe(db: Database, count: int, platform: Platform = Platform.TELEGRAM) -> list[int]:
    async with db.write() as tx:
        clip_id = await make.clip(tx, await make.source(tx))
        entries = [EditionEntry(edition_id=0, position=0, clip_id=clip_id, heading="topic:energie")]
        edition_id = await deliveries.save_edition(tx, "k", entries, NOW)
        fields: dict[str, Any] = {
            "kind": DeliveryKind.DIGEST,
            "slot": "08:30",
            "edition_id": edition_id,
            "local_date": NOW.date(),
        }
        ids = []
        for number in range(count):
            chat = await make.chat(tx, f"{platform} {number}", platform=platform)
            row = Delivery(chat_id=chat.id or 0, due_at=NOW, ready_at=NOW, created_at=NOW, **fields)
            await deliveries.plan(tx, [row])
            ids += [kept.id or 0 for kept in await deliveries.of_chat(tx, chat.id or 0, 1)]
    return ids


async def states(db: Database, ids: list[int]) -> list[tuple[str, int]]:
    async with db.read() as tx:
        found = [await deliveries.get(tx, each) for each in ids]
    return [(each[0].state, each[0].uncertain_count) for each in found if each is not None]


async def claim(db: Database, owner: str, ids: list[int]) -> set[int]:
    async with db.write() as tx:
        return await deliveries.claim(tx, ids, Claimer(owner), now=NOW, lease=LEASE)


async def deliverer(db: Database, sender: Gate, clock: MovableClock | None = None) -> Deliverer:
    sole = None if db.is_file else Leases(db, [Platform.TELEGRAM])
    if sole is not None:
        await sole.look()
    return Deliverer(db, {Platform.TELEGRAM: sender}, clock or MovableClock(), sole=sole)


async def test_what_a_dead_sender_had_begun_is_sent_at_once_and_counted_and_the_rest_only_sent(db: Database) -> None:
    ids = await owe(db, 3)
    begun = ids[1:2]
    await claim(db, f"{SIGNED_ALONE}dead", begun)
    sender = Gate()
    assert await (await deliverer(db, sender)).tick() == 3
    assert sorted(await states(db, ids)) == [("sent", 0), ("sent", 0), ("sent", 1)]
    assert await states(db, begun) == [("sent", 1)]


async def test_sender_that_never_had_the_lock_keeps_its_rows_until_its_lease_ends(db: Database) -> None:
    ids = await owe(db, 1)
    await claim(db, "somebody", ids)
    assert await (await deliverer(db, Gate())).tick() == 0
    assert await states(db, ids) == [("sending", 0)]


async def test_rows_of_another_platform_stay_with_their_sender(db: Database) -> None:
    ids = await owe(db, 1, Platform.TERMINAL)
    await claim(db, f"{SIGNED_ALONE}other", ids)
    await (await deliverer(db, Gate())).tick()
    assert await states(db, ids) == [("sending", 0)]


async def test_second_sender_takes_nothing_from_one_that_lives(db: Database) -> None:
    ids = await owe(db, PLACES + 2)
    slow, quick = Gate(is_open=False), Gate()
    first, second = await deliverer(db, slow), await deliverer(db, quick)
    sending = asyncio.create_task(first.tick())
    await slow.begun.wait()
    await second.tick()
    slow.open.set()
    await sending
    assert {*await states(db, ids)} == {("sent", 0)}
    assert sorted(slow.sent + quick.sent) == sorted(f"delivery-{each}-{NOW:%Y%m%dT%H%M%S}" for each in ids)
    assert slow.sent


async def test_what_a_sender_is_sending_is_not_read_again_however_long_that_takes(db: Database) -> None:
    slow_id, other_id = await owe(db, 2)
    await claim(db, "a", [slow_id, other_id])
    async with db.read() as tx:
        found = await deliveries.ready(tx, platform=Platform.TELEGRAM, now=NOW + 2 * LEASE, limit=9, holding=[slow_id])
    assert [row.id for row, _ in found] == [other_id]


async def test_send_that_outlasts_its_lease_is_not_begun_twice_by_the_same_sender(db: Database) -> None:
    clock = MovableClock()
    ids = await owe(db, PLACES + 1)
    sender = Gate(is_open=False)
    sending = asyncio.create_task((await deliverer(db, sender, clock)).tick())
    await sender.begun.wait()
    clock.move(minutes=LEASE / timedelta(minutes=1) + 1)
    sender.open.set()
    await sending
    assert sorted(sender.sent) == sorted(f"delivery-{each}-{NOW:%Y%m%dT%H%M%S}" for each in ids)
    assert {*await states(db, ids)} == {("sent", 0)}


async def test_what_arrived_while_the_database_refused_is_written_down_later_and_not_sent_again(tmp_path: Path) -> None:
    async with await Refusing.open(f"sqlite:///{tmp_path / 'k.db'}") as db:
        assert isinstance(db, Refusing)
        ids = await owe(db, PLACES + 1)
        sender, clock = Gate(is_open=False), MovableClock()
        sends = await deliverer(db, sender, clock)
        sending = asyncio.create_task(sends.tick())
        await sender.begun.wait()
        db.is_full = True
        sender.open.set()
        with pytest.raises(DatabaseFull):
            await sending
        with pytest.raises(DatabaseFull):
            await sends.tick()
        assert 0 < len(sender.sent) < PLACES
        db.is_full = False
        clock.move(minutes=LEASE / timedelta(minutes=1) + 1)
        await sends.tick()
        ended = await states(db, ids)
    assert sorted(sender.sent) == sorted(f"delivery-{each}-{NOW:%Y%m%dT%H%M%S}" for each in ids)
    assert {*ended} == {("sent", 0)}


async def test_what_is_on_its_way_when_the_database_goes_is_not_cut_off(tmp_path: Path) -> None:
    async with await Refusing.open(f"sqlite:///{tmp_path / 'k.db'}") as db:
        assert isinstance(db, Refusing)
        ids = await owe(db, 1)
        sender = Gate(is_open=False)
        sends = await deliverer(db, sender)
        sending = asyncio.create_task(sends.tick())
        await sender.begun.wait()
        db.is_gone = True
        done, _ = await asyncio.wait([sending], timeout=2 * LOOK_AGAIN_S)
        assert not done
        sender.open.set()
        with pytest.raises(DatabaseBusy):
            await sending
        db.is_gone = False
        assert await states(db, ids) == [("sent", 0)]
        assert await sends.tick() == 0


async def test_lock_of_a_living_process_is_refused_and_that_of_a_killed_one_is_free(tmp_path: Path) -> None:
    database = str(tmp_path / "k.db")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, database),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        held = (await process.stdout.readline()).decode().strip()
        alone = Alone(database)
        while_alive = (alone.take("telegram"), alone.term("telegram"), alone.take("matrix"))
    finally:
        process.kill()
        await process.wait()
    assert (held, while_alive) == ("True", (False, 0, True))
    assert (alone.take("telegram"), alone.term("telegram")) == (True, 1)


def test_where_no_lock_can_be_kept_nobody_is_alone(tmp_path: Path) -> None:
    assert not Alone(str(tmp_path / "no folder" / "k.db")).take("telegram")

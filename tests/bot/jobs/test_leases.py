"""One of several processes does a thing; who lost the right to it does nothing more, whether or not it knows."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import func, update

from bot.errors import ConfigError, PlatformRefused
from bot.jobs.deliver import Deliverer
from bot.jobs.leases import LEASE, UPKEEP, Leases
from bot.platforms.outgoing import Outgoing, Progress
from bot.standby import Standby
from storage import deliveries, leases
from storage.database import Database
from storage.deliveries import Claimer
from storage.errors import DatabaseBusy
from storage.states import DeliveryState, Platform
from storage.tables import Delivery, EditionEntry, Lease
from tests import make
from tests.make import NOW, MovableClock

pytestmark = pytest.mark.databases("postgres")
NAME = Platform.TELEGRAM


@dataclass
class Steady:
    """Seconds that pass when they are told to."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


async def run_out(db: Database) -> None:
    """Let the time of all leases be over by the clock of the database."""
    async with db.write() as tx:
        await tx.exec(update(Lease).values(until=func.now() - timedelta(seconds=1)))


async def owe(db: Database, owner: str = "") -> int:
    """A digest that is owed, or is being sent by somebody."""
    async with db.write() as tx:
        chat = await make.chat(tx, "1", platform=NAME)
        clip_id = await make.clip(tx, await make.source(tx))
        entries = [EditionEntry(edition_id=0, position=0, clip_id=clip_id, heading="topic:energie")]
        edition_id = await deliveries.save_edition(tx, "k", entries, NOW)
        fields: dict[str, Any] = {"edition_id": edition_id, "slot": "08:30", "local_date": NOW.date()}
        times = {"due_at": NOW, "ready_at": NOW, "created_at": NOW}
        await deliveries.plan(tx, [Delivery(chat_id=chat.id or 0, kind="digest", **fields, **times)])
        row = (await deliveries.of_chat(tx, chat.id or 0, 1))[0]
        if owner:
            await deliveries.claim(tx, [row.id or 0], Claimer(owner), now=NOW, lease=timedelta(minutes=5))
    return row.id or 0


async def test_one_holds_it_until_its_time_is_over_and_then_another_may(db: Database) -> None:
    first, second = Leases(db, [NAME]), Leases(db, [NAME])
    await first.look()
    await second.look()
    assert (first.term(NAME), second.term(NAME)) == (1, 0)
    await run_out(db)
    await second.look()
    await first.look()
    assert (first.term(NAME), second.term(NAME)) == (0, 1)


async def test_who_slept_through_the_end_of_its_lease_knows_it_by_its_own_clock(db: Database) -> None:
    steady = Steady()
    sleeper = Leases(db, [NAME], steady=steady)
    await sleeper.look()
    lost = asyncio.create_task(sleeper.until_lost(NAME))
    steady.at = LEASE.total_seconds() - 3
    assert sleeper.holds(NAME)
    steady.at = LEASE.total_seconds() - 1
    assert not sleeper.holds(NAME)
    await sleeper.look()
    await lost
    assert sleeper.term(NAME) == 2, "somebody else may have held it between"


async def test_who_does_not_know_yet_that_another_took_over_claims_nothing(db: Database) -> None:
    delivery_id = await owe(db)
    first, second = Leases(db, [NAME]), Leases(db, [NAME])
    await first.look()
    await run_out(db)
    await second.look()
    assert first.holds(NAME)
    for each, expected in ((first, set()), (second, {delivery_id})):
        async with db.write() as tx:
            claimer = Claimer(each.sign(NAME), NAME)
            taken = await deliveries.claim(tx, [delivery_id], claimer, now=NOW, lease=timedelta(minutes=5))
        assert taken == expected


async def test_nobody_takes_a_lease_by_right_of_which_something_is_being_claimed(db: Database) -> None:
    first, second = Leases(db, [NAME]), Leases(db, [NAME])
    await first.look()
    await run_out(db)
    async with db.write() as tx:
        assert await leases.is_held(tx, NAME, first.owner)
        taking = asyncio.create_task(second.look())
        done, _ = await asyncio.wait([taking], timeout=0.2)
        assert not done
    await taking
    assert second.holds(NAME)


async def test_what_is_given_back_is_free_at_once(db: Database) -> None:
    first, second = Leases(db, [NAME, UPKEEP]), Leases(db, [NAME, UPKEEP])
    async with first.kept():
        await second.look()
        assert not second.holds(UPKEEP)
    assert not first.holds(NAME)
    await second.look()
    assert second.holds(NAME)
    assert second.holds(UPKEEP)
    async with db.read() as tx:
        assert await leases.holders(tx) == {NAME: second.owner, UPKEEP: second.owner}


@dataclass
class Account:
    """An account that keeps a record of itself."""

    record: list[str]
    trouble: str = ""
    sent: list[str] = field(default_factory=list)

    @property
    def sender(self) -> "Account":
        return self

    async def send(self, outgoing: Outgoing, progress: Progress) -> tuple[str, ...]:
        await progress.begin()
        self.record.append(outgoing.key.rpartition("-")[0])
        return ("1",)

    async def __aenter__(self) -> "Account":
        self.record.append("in")
        return self

    async def __aexit__(self, *error: object) -> None:
        self.record.append("out")


async def test_who_stands_by_sends_nothing_and_sends_what_the_other_left_when_it_takes_over(db: Database) -> None:
    first, second = Leases(db, [NAME]), Leases(db, [NAME])
    await first.look()
    delivery_id = await owe(db, first.owner)
    record: list[str] = []
    async with Standby(second, NAME, lambda: Account(record)) as standby:
        deliverer = Deliverer(db, {NAME: standby}, MovableClock(), sole=second)
        await second.look()
        assert await deliverer.tick() == 0
        assert record == []
        await run_out(db)
        await second.look()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert record == ["in"]
        await deliverer.tick()
    async with db.read() as tx:
        found = await deliveries.get(tx, delivery_id)
    assert found is not None
    assert (found[0].state, found[0].uncertain_count) == (DeliveryState.SENT, 1)
    assert record == ["in", f"delivery-{delivery_id}", "out"]


async def test_an_account_is_left_when_its_lease_is_lost_and_entered_anew_when_it_comes_back(db: Database) -> None:
    ours, other = Leases(db, [NAME]), Leases(db, [NAME])
    record: list[str] = []
    await ours.look()
    async with Standby(ours, NAME, lambda: Account(record)):
        for each in (other, ours):
            await run_out(db)
            await each.look()
            await ours.look()
            for _ in range(5):
                await asyncio.sleep(0)
    assert record == ["in", "out", "in", "out"]


@pytest.mark.parametrize("kind", [PlatformRefused, ConfigError, DatabaseBusy])
async def test_an_account_that_is_refused_at_a_takeover_is_an_operators_trouble_and_tried_again(
    db: Database, kind: type[Exception]
) -> None:
    ours = Leases(db, [NAME])
    tried = asyncio.Event()
    pauses: asyncio.Queue[float] = asyncio.Queue()

    async def pause(seconds: float) -> None:
        tried.clear()
        await pauses.put(seconds)
        await asyncio.sleep(0)

    class Refused(Account):
        async def __aenter__(self) -> Account:
            tried.set()
            msg = "Telegram does not know this bot token."
            raise kind(msg)

    async with Standby(ours, NAME, lambda: Refused([])) as standby:
        assert (standby.trouble, standby.hindrance) == ("", "")
        await ours.look()
        await tried.wait()
        await asyncio.sleep(0)
        assert standby.trouble == standby.hindrance == "Telegram does not know this bot token."

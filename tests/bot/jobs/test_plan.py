"""The planner's tick, and old rows that go."""

from datetime import datetime, timedelta

import pytest

from bot.jobs.clean import LEDGER_FOR, SHOWN_FOR, Cleaner
from bot.jobs.plan import Planner
from handlers.ports import Desk
from storage import chats, deliveries, intake, subscriptions
from storage.database import Database
from storage.intake import ClipParts
from storage.states import DeliveryState, Platform
from storage.tables import Delivery, EditionEntry, Schedule, Subscription
from tests import make
from tests.make import NOW, MovableClock

HOUR = timedelta(hours=1)


async def test_tick_plans_digests_and_alerts_that_are_due(db: Database, clock: MovableClock) -> None:
    planner = Planner(db, Desk(), clock)
    async with db.write() as tx:
        chat = await make.chat(tx)
        slot = Schedule(chat_id=chat.id or 0, at_local="09:00", next_due_at=NOW + timedelta(minutes=30))
        slot = await subscriptions.ensure_schedule(tx, slot)
        for schedule_id, value in ((slot.id, "energie"), (None, "klima")):
            row = Subscription(chat_id=chat.id or 0, schedule_id=schedule_id, value=value, created_at=NOW)
            await subscriptions.add(tx, row)
    assert await planner.tick() == 0
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), topics={"klima": 0.9})
    assert await planner.tick() == 1
    clock.move(minutes=30)
    assert await planner.tick() == 1
    async with db.read() as tx:
        assert [row.kind for row in await deliveries.of_chat(tx, chat.id or 0, 5)] == ["digest", "alert"]


@pytest.mark.parametrize("right", range(1, 6))
async def test_a_digest_found_too_late_by_a_clock_that_jumped_within_a_look_comes_on_its_day(
    db: Database, right: int
) -> None:
    """Whatever is decided on belongs to the instant that timekeeping noted."""
    async with db.write() as tx:
        chat = await make.chat(tx)
        await make.clip(tx, await make.source(tx), topics={"energie": 0.9})
        at = NOW + 2 * HOUR
        slot = await subscriptions.ensure_schedule(
            tx, Schedule(chat_id=chat.id or 0, at_local=f"{at.hour + 1}:30", next_due_at=at)
        )
        row = Subscription(chat_id=chat.id or 0, schedule_id=slot.id, value="energie", created_at=NOW)
        await subscriptions.add(tx, row)
    ahead = [0 * HOUR] * right + [9 * HOUR] * 6
    readings = [NOW + error + timedelta(seconds=second) for second, error in enumerate(ahead)]
    planner = Planner(db, Desk(), lambda: readings.pop(0) if len(readings) > 1 else readings[0])
    while len(readings) > 1:
        await planner.tick()
    readings[0] = NOW + HOUR
    await planner.tick()
    readings[0] = at
    await planner.tick()
    async with db.read() as tx:
        assert [each.state for each in await deliveries.of_chat(tx, chat.id or 0, 5)] == [DeliveryState.PLANNED]


async def changed_message(db: Database, number: int, at: datetime) -> None:
    """A digest that arrived an hour ago, of which a headline was changed now."""
    async with db.write() as tx:
        chat = await make.chat(tx, str(number), platform=Platform.TELEGRAM)
        clip_id = await make.clip(tx, await make.source(tx), f"Kühlturm {number} gesprengt", now=at)
        entry = EditionEntry(edition_id=0, position=0, clip_id=clip_id)
        row = Delivery(
            chat_id=chat.id or 0,
            slot="07:30",
            local_date=at.date(),
            edition_id=await deliveries.save_edition(tx, f"k{number}", [entry], at - HOUR),
            state=DeliveryState.SENT,
            parts=["7"],
            due_at=at - HOUR,
            ready_at=at - HOUR,
            sent_at=at - HOUR,
            created_at=at - HOUR,
        )
        await deliveries.plan(tx, [row])
        parts = ClipParts(keys=(), topics=(), references=(), notices=(), paragraphs=(), search=("", ""))
        await intake.revise(tx, clip_id, {"title": f"Kühlturm {number} steht"}, parts, at)


async def test_corrections_are_planned_at_most_once_a_minute(db: Database, clock: MovableClock) -> None:
    planner = Planner(db, Desk(), clock)
    counts = []
    for number, seconds in enumerate((0, 5, 54, 1)):
        clock.move(seconds=seconds)
        await changed_message(db, number, clock())
        counts.append(await planner.tick())
    assert counts == [1, 0, 0, 3]


async def test_clock_that_went_back_does_not_hold_corrections_up(db: Database, clock: MovableClock) -> None:
    planner = Planner(db, Desk(), clock)
    clock.move(days=5)
    await planner.tick()
    clock.move(days=-5)
    await changed_message(db, 1, clock())
    assert await planner.tick() == 1


async def test_clock_that_went_back_is_put_right_and_told_to_the_operator(
    db: Database, clock: MovableClock, caplog: pytest.LogCaptureFixture
) -> None:
    planner = Planner(db, Desk(), clock)
    async with db.write() as tx:
        chat = await make.chat(tx)
        row = Schedule(chat_id=chat.id or 0, at_local="09:00", next_due_at=NOW + timedelta(minutes=30))
        await subscriptions.ensure_schedule(tx, row)
    for days in (0, 5, -5):
        clock.move(days=days)
        await planner.tick()
    assert "the clock of this machine went back by 5 days, 0:00:00: 1 slots counted anew" in caplog.text
    clock.move(minutes=30)
    assert await planner.tick() == 1


async def test_cleaner_drops_what_is_old_and_keeps_the_rest(db: Database, clock: MovableClock) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        clip_id = await make.clip(tx, await make.source(tx))
        await chats.remember_message(tx, chat.id or 0, "m", [clip_id], NOW)
        row = Delivery(
            chat_id=chat.id or 0, slot="07:30", local_date=NOW.date(), due_at=NOW, ready_at=NOW, created_at=NOW
        )
        await deliveries.plan(tx, [row])
    cleaner = Cleaner(db, clock)
    gone = [await cleaner.tick()]
    for age in (SHOWN_FOR, LEDGER_FOR):
        clock.move_to(NOW + age)
        gone.append(await cleaner.tick())
        clock.move(hours=25)  # a clock that leapt is not trusted for a day
        gone.append(await cleaner.tick())
    assert gone == [0, 0, 1, 0, 1]

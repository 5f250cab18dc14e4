"""The planner's tick, and old rows that go."""

from datetime import timedelta

from bot.jobs.clean import LEDGER_FOR, SHOWN_FOR, Cleaner
from bot.jobs.plan import Planner
from handlers.ports import Desk
from storage import chats, deliveries, subscriptions
from storage.database import Database
from storage.tables import Delivery, Schedule, Subscription
from tests import make
from tests.make import NOW, MovableClock


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
        clock.move_to(NOW + age + timedelta(seconds=1))
        gone.append(await cleaner.tick())
    assert gone == [0, 1, 1]

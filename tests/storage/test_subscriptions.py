"""What chats follow and when it is due."""

from datetime import timedelta

from storage import chats, subscriptions
from storage.database import Database, Tx
from storage.states import ChatState
from storage.tables import Chat, Schedule, Subscription
from tests import make
from tests.make import NOW

HOUR = timedelta(hours=1)


async def slot(tx: Tx, chat: Chat, at_local: str = "07:30", days: str = "1111111", *, hours: float = -1) -> Schedule:
    row = Schedule(chat_id=chat.id or 0, at_local=at_local, days=days, next_due_at=NOW + timedelta(hours=hours))
    return await subscriptions.ensure_schedule(tx, row)


async def follow(tx: Tx, chat: Chat, value: str, schedule: Schedule | None) -> bool:
    row = Subscription(chat_id=chat.id or 0, schedule_id=schedule.id if schedule else None, value=value, created_at=NOW)
    return await subscriptions.add(tx, row)


async def test_same_subscription_at_the_same_slot_is_kept_once_and_at_another_slot_again(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        morning, evening = await slot(tx, chat), await slot(tx, chat, "18:00")
        assert [await follow(tx, chat, "ki", each) for each in (morning, morning, evening)] == [True, False, True]


async def test_same_alert_is_kept_once(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        assert [await follow(tx, chat, "ki", None) for _ in range(2)] == [True, False]


async def test_chat_lists_its_slots_by_time_of_day_with_alerts_last(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        await follow(tx, chat, "alert", None)
        await follow(tx, chat, "late", await slot(tx, chat, "18:00"))
        await follow(tx, chat, "early", await slot(tx, chat, "07:30"))
        assert [row.value for row, _ in await subscriptions.of_chat(tx, chat.id or 0)] == ["early", "late", "alert"]


async def test_slot_goes_with_its_last_subscription_and_not_before(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        morning = await slot(tx, chat)
        for value in ("ki", "klima"):
            await follow(tx, chat, value, morning)
        first, second = [row.id or 0 for row, _ in await subscriptions.of_chat(tx, chat.id or 0)]
        assert await subscriptions.remove(tx, chat.id or 0, [first]) == 1
        assert len(await subscriptions.schedules(tx, chat.id or 0)) == 1
        assert await subscriptions.remove(tx, chat.id or 0, [second]) == 1
        assert await subscriptions.schedules(tx, chat.id or 0) == []


async def test_subscription_of_another_chat_is_not_removed(db: Database) -> None:
    async with db.write() as tx:
        mine, other = await make.chat(tx, "1"), await make.chat(tx, "2")
        await follow(tx, other, "ki", await slot(tx, other))
        ((row, _),) = await subscriptions.of_chat(tx, other.id or 0)
        assert await subscriptions.remove(tx, mine.id or 0, [row.id or 0]) == 0
        assert len(await subscriptions.of_chat(tx, other.id or 0)) == 1


async def test_due_slots_come_longest_waiting_first_and_a_chat_is_never_torn_apart(db: Database) -> None:
    async with db.write() as tx:
        first, second = await make.chat(tx, "1"), await make.chat(tx, "2")
        await slot(tx, first, "07:00", hours=-3)
        await slot(tx, second, "08:00", hours=-2)
        await slot(tx, first, "09:00", hours=-1)
        await slot(tx, second, "10:00", hours=1)
        one = await subscriptions.due(tx, NOW, 1)
        every = await subscriptions.due(tx, NOW, 10)
    assert [(chat.id, row.at_local) for row, chat in one] == [(first.id, "07:00"), (first.id, "09:00")]
    assert [row.at_local for row, _ in every] == ["07:00", "08:00", "09:00"]


async def test_due_slots_of_blocked_chats_are_given_too(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        await slot(tx, chat)
        await chats.set_state(tx, chat.id or 0, ChatState.BLOCKED)
    async with db.read() as tx:
        ((_, found),) = await subscriptions.due(tx, NOW, 10)
    assert found.state == ChatState.BLOCKED


async def test_advance_moves_a_slot_only_where_nobody_moved_it_meanwhile(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        await slot(tx, chat, "07:00")
        await slot(tx, chat, "08:00")
    async with db.read() as tx:
        quiet, moved = await subscriptions.schedules(tx, chat.id or 0)
    async with db.write() as tx:
        await subscriptions.set_next_due(tx, moved.id or 0, NOW + HOUR)
        await subscriptions.advance(tx, [(quiet, NOW + 5 * HOUR), (moved, NOW + 5 * HOUR)])
    async with db.read() as tx:
        found = await subscriptions.schedules(tx, chat.id or 0)
    assert [row.next_due_at for row in found] == [NOW + 5 * HOUR, NOW + HOUR]


async def test_slot_moved_onto_another_becomes_one_with_it(db: Database) -> None:
    async with db.write() as tx:
        chat = await make.chat(tx)
        morning, evening = await slot(tx, chat, "07:30"), await slot(tx, chat, "18:00")
        await follow(tx, chat, "ki", morning)
        await follow(tx, chat, "ki", evening)
        await follow(tx, chat, "klima", evening)
        await subscriptions.move_schedule(tx, evening, "07:30", evening.days, NOW + HOUR)
    async with db.read() as tx:
        rows = await subscriptions.of_chat(tx, chat.id or 0)
    assert [(row.value, schedule.at_local if schedule else "") for row, schedule in rows] == [
        ("ki", "07:30"),
        ("klima", "07:30"),
    ]


async def test_alerts_are_those_without_a_slot_of_chats_that_can_be_written_to(db: Database) -> None:
    async with db.write() as tx:
        active, blocked = await make.chat(tx, "1"), await make.chat(tx, "2", state=ChatState.BLOCKED)
        await follow(tx, active, "daily", await slot(tx, active))
        await follow(tx, active, "at once", None)
        await follow(tx, blocked, "at once", None)
        found = [(chat.native_id, row.value) for row, chat in await subscriptions.alerts(tx)]
    assert found == [("1", "at once")]

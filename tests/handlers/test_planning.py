"""What is owed now: once a local day and slot, late within the grace, shared by equal chats, never told twice."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, event

from handlers.planning import GRACE, PlanReport, plan_due, preview, remember_shown
from handlers.ports import Desk
from storage import chats, deliveries, intake, subscriptions
from storage.database import Database
from storage.deliveries import Claimer
from storage.states import ChatState, DeliveryState, MuteKind, SubscriptionKind
from storage.tables import Chat, Delivery, Mute, Schedule, Subscription
from tests import make
from tests.make import NOW, MovableClock

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class World:
    """Chats that follow things, and what they are owed."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = MovableClock()

    async def chat(self, native_id: str = "1", *wishes: str, **fields: object) -> Chat:
        """A chat that follows topics ("energie"), keywords ("?kernkraft") or sources ("@dw") at 08:30 (now)."""
        async with self.db.write() as tx:
            chat = await make.chat(tx, native_id, **fields)
        for wish in wishes or ("energie",):
            await self.follow(chat, wish)
        return chat

    async def follow(self, chat: Chat, wish: str, at: str = "08:30", days: str = "1111111", hours: float = 0) -> None:
        kinds: Mapping[str, str] = {"?": SubscriptionKind.KEYWORD, "@": SubscriptionKind.SOURCE}
        kind = kinds.get(wish[0], SubscriptionKind.TOPIC)
        due_at = self.clock() + timedelta(hours=hours)
        async with self.db.write() as tx:
            slot = Schedule(chat_id=chat.id or 0, at_local=at, days=days, next_due_at=due_at)
            slot = await subscriptions.ensure_schedule(tx, slot)
            row = Subscription(
                chat_id=chat.id or 0, schedule_id=slot.id, kind=kind, value=wish.strip("?@"), created_at=NOW
            )
            await subscriptions.add(tx, row)

    async def news(self, title: str, *, source: str = "bote", story: int | None = None, **fields: object) -> int:
        """A clip on energy; gives its number."""
        async with self.db.write() as tx:
            teller = await make.source(tx, source)
            values = {"topics": {"energie": 0.8}, "story_id": story, "now": self.clock(), **fields}
            return await make.clip(tx, teller, title, **values)  # type: ignore[arg-type]

    async def story(self, *clip_ids: int) -> int:
        async with self.db.write() as tx:
            return await make.story(tx, *clip_ids)

    async def plan(self, **fields: object) -> PlanReport:
        return await plan_due(self.db, Desk(), self.clock(), **fields)  # type: ignore[arg-type]

    async def owed(self, chat: Chat) -> list[Delivery]:
        """What a chat is or was owed, oldest first."""
        async with self.db.read() as tx:
            return list(await deliveries.of_chat(tx, chat.id or 0, 50))[::-1]

    async def told(self, row: Delivery) -> list[int]:
        """The clips of a delivery in order."""
        assert row.edition_id is not None
        async with self.db.read() as tx:
            return [entry.clip_id for entry in await deliveries.entries(tx, row.edition_id)]

    async def next_due(self, chat: Chat) -> list[datetime]:
        async with self.db.read() as tx:
            return [row.next_due_at for row in await subscriptions.schedules(tx, chat.id or 0)]


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


async def test_due_digest_is_owed_once_with_its_stories_and_is_due_again_tomorrow(world: World) -> None:
    chat = await world.chat()
    clip_id = await world.news("Kühlturm gesprengt")
    assert (await world.plan()).planned == 1
    assert (await world.plan()).planned == 0
    (row,) = await world.owed(chat)
    assert (row.state, row.slot, row.local_date.isoformat()) == (DeliveryState.PLANNED, "08:30", "2026-11-24")
    assert await world.told(row) == [clip_id]
    assert await world.next_due(chat) == [NOW + DAY]


async def test_digest_that_is_not_due_yet_is_not_owed(world: World) -> None:
    chat = await world.chat()
    world.clock.move(minutes=-1)
    assert await world.plan() == PlanReport()
    assert await world.owed(chat) == []


async def test_told_story_does_not_come_again_the_next_day_and_a_moved_one_does_as_an_update(world: World) -> None:
    chat = await world.chat()
    first, second = await world.news("Kühlturm gesprengt"), await world.news("Netz wird ausgebaut", source="netz")
    towers, nets = await world.story(first), await world.story(second)
    await world.plan()
    world.clock.move(days=1)
    third = await world.news("Neues vom Kühlturm", source="funk", story=towers)
    async with world.db.write() as tx:
        await intake.recount_stories(tx, [towers, nets])
    await world.plan()
    row = (await world.owed(chat))[-1]
    assert await world.told(row) == [third]
    async with world.db.read() as tx:
        assert [entry.is_update for entry in await deliveries.entries(tx, row.edition_id or 0)] == [True]


async def test_nothing_new_is_said_in_one_line_or_not_at_all_as_the_chat_wishes(world: World) -> None:
    talkative = await world.chat("1")
    silent = await world.chat("2", options={"empty": "silent"})
    report = await world.plan()
    assert (report.planned, report.nothing_new) == (1, 1)
    (row,) = await world.owed(talkative)
    assert await world.told(row) == []
    assert await world.owed(silent) == []
    assert await world.next_due(silent) == [NOW + DAY]


async def test_slots_of_a_chat_at_one_wall_time_make_one_digest_whatever_their_days(world: World) -> None:
    chat = await world.chat("1", "energie")
    await world.follow(chat, "?hafen", days="1111100")
    energy = await world.news("Kühlturm gesprengt")
    harbour = await world.news("Der Hafen ist voll", topics={}, source="hafen")
    await world.plan()
    (row,) = await world.owed(chat)
    assert set(await world.told(row)) == {energy, harbour}
    assert all(due > NOW for due in await world.next_due(chat))


async def test_two_slots_that_are_due_after_downtime_do_not_tell_the_same(world: World) -> None:
    chat = await world.chat("1", "energie")
    await world.follow(chat, "energie", at="06:30", hours=-2)
    await world.news("Kühlturm gesprengt")
    report = await world.plan()
    assert report.planned == 2
    early, late = await world.owed(chat)
    assert (early.slot, late.slot) == ("06:30", "08:30")
    assert (len(await world.told(early)), await world.told(late)) == (1, [])


async def test_digest_missed_within_the_grace_comes_late_once(world: World) -> None:
    chat = await world.chat()
    world.clock.move(hours=5.9)
    assert (await world.plan()).planned == 1
    (row,) = await world.owed(chat)
    assert (row.due_at, row.ready_at) == (NOW, world.clock())
    assert await world.next_due(chat) == [NOW + DAY]


async def test_digest_missed_beyond_the_grace_is_left_out_and_counted(world: World) -> None:
    chat = await world.chat()
    world.clock.move(hours=6.1)
    report = await world.plan()
    assert (report.planned, report.too_late) == (0, 1)
    assert [row.state for row in await world.owed(chat)] == [DeliveryState.SKIPPED]


async def test_after_days_of_downtime_only_the_last_digest_within_the_grace_comes(world: World) -> None:
    chat = await world.chat()
    await world.news("Kühlturm gesprengt")
    world.clock.move(days=3, hours=1)
    report = await world.plan()
    assert (report.planned, report.too_late) == (1, 3)
    (row,) = await world.owed(chat)
    assert row.due_at == NOW + 3 * DAY
    assert await world.next_due(chat) == [NOW + 4 * DAY]


async def test_grace_is_the_operators(world: World) -> None:
    await world.chat()
    world.clock.move(hours=2)
    assert (await world.plan(grace=HOUR)).too_late == 1


async def test_paused_chat_is_owed_nothing_until_the_pause_ends(world: World) -> None:
    chat = await world.chat("1", paused_until=NOW + 12 * HOUR)
    assert await world.plan() == PlanReport()
    assert await world.next_due(chat) == [NOW + DAY]
    world.clock.move(days=1)
    assert (await world.plan()).planned == 1


async def test_blocked_chat_is_owed_nothing_and_gets_its_digests_again_when_it_is_back(world: World) -> None:
    chat = await world.chat("1", state=ChatState.BLOCKED)
    assert await world.plan() == PlanReport()
    async with world.db.write() as tx:
        await chats.set_state(tx, chat.id or 0, ChatState.ACTIVE)
    world.clock.move(days=1)
    assert (await world.plan()).planned == 1


async def test_quiet_hours_hold_the_digest_back_until_their_end(world: World) -> None:
    chat = await world.chat("1", options={"quiet": "08:00-09:15"})
    await world.plan()
    (row,) = await world.owed(chat)
    assert row.ready_at == NOW + timedelta(minutes=45)


async def test_equal_chats_share_one_edition_for_as_long_as_they_are_told_the_same(world: World) -> None:
    await world.news("Kühlturm gesprengt")
    rows = [await world.chat(str(number)) for number in range(5)]
    assert (await world.plan()).editions == 1
    async with world.db.write() as tx:
        owed = (await world.owed(rows[0]))[0]
        await deliveries.claim(tx, [owed.id or 0], Claimer("a"), now=NOW, lease=HOUR)
        await deliveries.record_end(tx, owed.id or 0, "a", DeliveryState.GIVEN_UP, "x", "")
    world.clock.move(days=1)
    fresh = await world.news("Netz wird ausgebaut", source="netz")
    assert (await world.plan()).editions == 2
    last = [(await world.owed(chat))[-1] for chat in rows]
    assert len(await world.told(last[0])) == 2
    assert {row.edition_id for row in last[1:]} == {last[1].edition_id}
    assert await world.told(last[1]) == [fresh]


async def test_chats_with_other_wishes_lengths_languages_or_mutes_do_not_share(world: World) -> None:
    await world.chat("1")
    await world.chat("2", "ki")
    await world.chat("3", options={"length": "short"})
    await world.chat("4", language="en")
    chat = await world.chat("5")
    async with world.db.write() as tx:
        row = Mute(chat_id=chat.id or 0, kind=MuteKind.KEYWORD, value="kohle", created_at=NOW)
        await chats.mute(tx, row)
    assert (await world.plan()).editions == 5


async def statements_of_planning(world: World, chats_each_wish: int, prefix: str) -> int:
    for number in range(chats_each_wish):
        await world.chat(f"{prefix}a{number}", "energie")
        await world.chat(f"{prefix}b{number}", "?hafen")
    count = 0

    def one_more(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(Engine, "before_cursor_execute", one_more)
    try:
        assert (await world.plan()).planned == 2 * chats_each_wish
    finally:
        event.remove(Engine, "before_cursor_execute", one_more)
    return count


async def test_planning_many_chats_takes_no_more_statements_than_planning_few(world: World) -> None:
    await world.news("Kühlturm gesprengt")
    few = await statements_of_planning(world, 1, "few")
    many = await statements_of_planning(world, 40, "many")
    # The editions are there already the second time, and nothing else depends on the number of chats.
    assert many <= few


async def test_chats_with_other_memories_share_an_edition_where_the_difference_does_not_matter(world: World) -> None:
    rows = [await world.chat(str(number)) for number in range(3)]
    old = await world.news("Alter Hafen", topics={"ki": 0.8}, source="hafen")
    _, entries = await preview(world.db, Desk(), await world.chat("9", "ki"), NOW)
    assert [entry.clip_id for entry in entries] == [old]
    await remember_shown(world.db, rows[0], entries, NOW)
    clip_id = await world.news("Kühlturm gesprengt")
    assert (await world.plan()).editions == 2
    last = [(await world.owed(chat))[-1] for chat in rows]
    assert len({row.edition_id for row in last}) == 1
    assert await world.told(last[0]) == [clip_id]


async def test_portions_end_only_when_nothing_is_due(world: World) -> None:
    rows = [await world.chat(str(number)) for number in range(7)]
    assert (await world.plan(limit=2)).planned == 7
    assert [len(await world.owed(chat)) for chat in rows] == [1] * 7


@pytest.mark.parametrize(
    ("kind", "value", "hidden"),
    [
        (MuteKind.SOURCE, "bote", True),
        (MuteKind.SOURCE, "funk", False),
        (MuteKind.TOPIC, "energie", True),
        (MuteKind.KEYWORD, "kühlturm", True),
        (MuteKind.KEYWORD, "kühltürme", True),
        (MuteKind.KEYWORD, "gesprengt kühlturm", True),
        # Short words are no parts of longer ones: "ki" is not in "Kirche".
        (MuteKind.KEYWORD, "ki", False),
        (MuteKind.KEYWORD, "???", False),
        (MuteKind.STORY, "4711", False),
    ],
)
async def test_muted_matter_stays_out_of_digests(world: World, kind: MuteKind, value: str, hidden: bool) -> None:
    chat = await world.chat()
    async with world.db.write() as tx:
        await chats.mute(tx, Mute(chat_id=chat.id or 0, kind=kind, value=value, created_at=NOW))
    clip_id = await world.news("Kirche: Kühlturm gesprengt")
    await world.plan()
    (row,) = await world.owed(chat)
    assert await world.told(row) == ([] if hidden else [clip_id])


async def test_keyword_is_found_in_other_forms_and_inside_of_longer_words(world: World) -> None:
    chat = await world.chat("1", "?kernkraft")
    inside = await world.news("Das Kernkraftwerk ist fertig", topics={})
    await world.news("Der Hafen ist voll", topics={}, source="hafen")
    await world.plan()
    (row,) = await world.owed(chat)
    assert await world.told(row) == [inside]


@pytest.mark.parametrize("wish", ["?topic:gone", "?source:gone kohle", "?lang:xx", "?!!!", "@gone", "gone"])
async def test_wish_that_leads_nowhere_gives_nothing_and_keeps_nobody_from_a_digest(world: World, wish: str) -> None:
    await world.news("Kühlturm gesprengt")
    lost, other = await world.chat("1", wish), await world.chat("2")
    assert (await world.plan()).planned == 2
    ((mine,), (theirs,)) = await world.owed(lost), await world.owed(other)
    assert (len(await world.told(mine)), len(await world.told(theirs))) == (0, 1)


async def test_same_local_day_and_slot_after_a_change_of_zone_is_not_owed_again(world: World) -> None:
    chat = await world.chat()
    await world.plan()
    async with world.db.write() as tx:
        await chats.change(tx, chat.id or 0, timezone="America/New_York")
        (slot,) = await subscriptions.schedules(tx, chat.id or 0)
        await subscriptions.set_next_due(tx, slot.id or 0, NOW + 6 * HOUR)
    world.clock.move(hours=6)
    assert (await world.plan()).planned == 0
    assert len(await world.owed(chat)) == 1


async def test_preview_writes_nothing_and_what_is_shown_is_not_repeated(world: World) -> None:
    chat = await world.chat("1")
    clip_id = await world.news("Kühlturm gesprengt")
    for _ in range(2):
        reply, entries = await preview(world.db, Desk(), chat, NOW)
        assert reply.clips == (clip_id,)
    await remember_shown(world.db, chat, entries, NOW)
    await world.plan()
    shown, morning = await world.owed(chat)
    assert (shown.state, morning.state) == (DeliveryState.SENT, DeliveryState.PLANNED)
    assert await world.told(morning) == []


async def test_preview_of_a_chat_that_follows_nothing_gives_the_news_of_the_day(world: World) -> None:
    clip_id = await world.news("Kühlturm gesprengt")
    async with world.db.write() as tx:
        chat = await make.chat(tx)
    reply, _ = await preview(world.db, Desk(), chat, NOW)
    assert reply.clips == (clip_id,)


async def test_weekday_digest_on_monday_looks_back_over_the_weekend(world: World) -> None:
    chat = await world.chat("1", "ki")
    await world.follow(chat, "energie", at="09:30", days="1111100", hours=1)
    clip_id = await world.news("Kühlturm gesprengt", hours=70)
    world.clock.move(hours=1)
    await world.plan()
    assert [await world.told(row) for row in await world.owed(chat)] == [[], [clip_id]]


def test_grace_is_six_hours_by_default() -> None:
    assert timedelta(hours=6) == GRACE

"""A clock that goes wrong and right again: every local day and slot has one digest, and nothing waits for ever.

Long, since the machine with the wrong clock, its model and its cases belong together.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers import alerting
from handlers.news.due import EVERY_DAY, next_due, slot_day
from handlers.planning import GRACE, plan_due
from handlers.ports import Desk
from handlers.timekeeping import AGAIN_WITHIN, KEPT_SPANS, Step, keep_time
from storage import chats, deliveries, facts, feeds, subscriptions
from storage.database import Database
from storage.deliveries import Claimer
from storage.states import DeliveryKind, DeliveryState, SubscriptionKind
from storage.tables import Chat, Delivery, Feed, Schedule, Subscription
from tests import make
from tests.make import NOW, MovableClock

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONGEST = 24 * HOUR
SLOTS = (
    ("Europe/Berlin", "07:30"),
    ("Europe/Berlin", "18:00"),
    ("Asia/Kolkata", "00:15"),
    ("America/New_York", "23:50"),
)
Sent = tuple[int, date, str]


class Machine:
    """A bot whose clock may be wrong: `clock` is what it shows, `real` is what it should show."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = MovableClock()
        self.real = NOW
        self.sent: Counter[Sent] = Counter()
        self.right_at: list[datetime] = []

    async def chat(self, native_id: str = "1", at: str = "07:30", days: str = EVERY_DAY, **fields: object) -> Chat:
        async with self.db.write() as tx:
            chat = await make.chat(tx, native_id, **fields)
            due_at = next_due(at, days, chat.timezone, self.clock())
            row = Schedule(chat_id=chat.id or 0, at_local=at, days=days, next_due_at=due_at)
            slot = await subscriptions.ensure_schedule(tx, row)
            wish = Subscription(chat_id=chat.id or 0, schedule_id=slot.id, value="energie", created_at=self.clock())
            await subscriptions.add(tx, wish)
        return chat

    def show(self, ahead: timedelta) -> None:
        """Set the clock this far ahead of what it should show."""
        self.clock.move_to(self.real + ahead)

    async def keep(self) -> Step | None:
        return await keep_time(self.db, self.clock(), grace=GRACE, longest=LONGEST)

    async def tick(self, *, sends: bool = True) -> None:
        """What the jobs do once."""
        await self.keep()
        await plan_due(self.db, Desk(), self.clock())
        if sends:
            await self.send()
        if self.clock() == self.real:
            self.right_at.append(self.real)

    async def send(self) -> None:
        now = self.clock()
        async with self.db.write() as tx:
            rows = [row for row, _ in await deliveries.ready(tx, platform="terminal", now=now, limit=100)]
            await deliveries.claim(tx, [row.id or 0 for row in rows], Claimer("a"), now=now, lease=5 * MINUTE)
            for row in rows:
                if now - row.due_at > LONGEST:
                    await deliveries.record_end(tx, row.id or 0, "a", DeliveryState.SKIPPED, "too_late", "")
                else:
                    await deliveries.record_sent(tx, {row.id or 0: ["1"]}, now)
                    self.sent[row.chat_id, row.local_date, row.slot] += 1

    async def run(self, span: timedelta, *, every: timedelta = HOUR, sends: bool = True) -> None:
        """Go on for a time, with a tick at its begin and at its end."""
        end = self.real + span
        while True:
            await self.tick(sends=sends)
            if self.real >= end:
                return
            step = min(every, end - self.real)
            self.real += step
            self.clock.at += step

    def days(self, chat: Chat) -> list[str]:
        """The local days on which a chat was sent its digests."""
        return sorted(f"{day:%d.%m.}" for chat_id, day, _ in self.sent.elements() if chat_id == chat.id)

    async def rows(self, chat: Chat) -> Sequence[Delivery]:
        async with self.db.read() as tx:
            return await deliveries.of_chat(tx, chat.id or 0, 50)

    async def next_due(self, chat: Chat) -> list[datetime]:
        async with self.db.read() as tx:
            return [row.next_due_at for row in await subscriptions.schedules(tx, chat.id or 0)]


@pytest.fixture
def machine(db: Database) -> Machine:
    return Machine(db)


async def test_days_that_a_clock_jumped_over_have_their_digests_when_it_is_right_again(machine: Machine) -> None:
    chat = await machine.chat()
    await machine.run(3 * HOUR)
    machine.show(ahead=5 * DAY)
    await machine.run(10 * MINUTE)
    machine.show(ahead=timedelta())
    await machine.run(4 * DAY)
    # That of the 29th was sent by the wrong clock.
    assert machine.days(chat) == ["25.11.", "26.11.", "27.11.", "28.11.", "29.11."]


async def test_digest_that_was_sent_early_is_that_of_the_day_it_named(machine: Machine) -> None:
    chat = await machine.chat()
    await machine.tick()
    machine.show(ahead=2 * DAY)
    await machine.run(DAY)
    assert machine.days(chat) == ["26.11.", "27.11."]
    machine.show(ahead=timedelta())
    await machine.run(3 * DAY)
    assert machine.days(chat) == ["25.11.", "26.11.", "27.11.", "28.11."]


async def test_digest_that_was_due_while_the_clock_ran_ahead_comes_late_within_the_grace(machine: Machine) -> None:
    chat = await machine.chat(at="09:00")
    await machine.run(10 * MINUTE)
    machine.show(ahead=5 * DAY)
    await machine.run(2 * HOUR)
    assert (NOW.date(), "09:00") not in {(day, slot) for _, day, slot in machine.sent}
    machine.show(ahead=timedelta())
    await machine.tick()
    assert machine.sent[chat.id or 0, NOW.date(), "09:00"] == 1


@pytest.mark.parametrize("back", [3 * HOUR, 30 * MINUTE, 30 * DAY])
async def test_clock_that_is_behind_for_a_while_neither_loses_nor_doubles(machine: Machine, back: timedelta) -> None:
    chat = await machine.chat(at="09:00")
    await machine.run(HOUR)
    machine.show(ahead=-back)
    await machine.run(2 * HOUR, every=20 * MINUTE)
    machine.show(ahead=timedelta())
    await machine.run(2 * DAY)
    assert machine.days(chat) == ["24.11.", "25.11.", "26.11."]


async def test_digest_left_out_as_too_late_by_a_clock_ahead_comes_on_its_day(machine: Machine) -> None:
    chat = await machine.chat(at="07:30")
    await machine.tick()
    machine.show(ahead=3 * DAY + 8 * HOUR)
    await machine.tick()
    assert [row.state for row in await machine.rows(chat)] == [DeliveryState.SKIPPED]
    machine.show(ahead=timedelta())
    await machine.run(4 * DAY)
    assert machine.days(chat) == ["25.11.", "26.11.", "27.11.", "28.11."]


async def test_digest_composed_too_early_and_not_begun_is_composed_anew_when_it_is_due(machine: Machine) -> None:
    chat = await machine.chat()
    await machine.tick()
    machine.show(ahead=2 * DAY)
    machine.clock.move(hours=23)
    await machine.tick(sends=False)
    (early,) = await machine.rows(chat)
    machine.show(ahead=timedelta())
    step = await machine.keep()
    assert step is not None
    assert (step.by, step.slots, step.unmade) == (2 * DAY + 23 * HOUR, 1, 1)
    assert await machine.rows(chat) == []
    async with machine.db.read() as tx:
        found = await chats.get(tx, chat.id or 0)
        assert found is not None
        assert found.history_key.endswith(f"-{chat.id}")
        assert await deliveries.get(tx, early.id or 0) is None


@pytest.mark.parametrize("was_begun", [False, True])
async def test_digest_on_its_way_that_a_clock_ahead_found_too_late_is_sent(
    machine: Machine, *, was_begun: bool
) -> None:
    chat = await machine.chat(at="08:30")
    machine.real += DAY
    machine.show(ahead=timedelta())
    await machine.tick(sends=False)
    if was_begun:  # by a sender that died; nobody knows whether the message arrived, and it counts as uncertain
        async with machine.db.write() as tx:
            ids = [row.id or 0 for row in await machine.rows(chat) if row.due_at == NOW + DAY]
            await deliveries.claim(tx, ids, Claimer("dead"), now=machine.clock(), lease=5 * MINUTE)
    machine.show(ahead=5 * DAY)
    await machine.tick()
    (row, *_) = [row for row in await machine.rows(chat) if row.due_at == NOW + DAY]
    assert (row.state, row.error_code) == (DeliveryState.SKIPPED, "too_late")
    machine.show(ahead=timedelta())
    await machine.tick()
    assert machine.sent[chat.id or 0, row.local_date, "08:30"] == 1


async def test_restart_between_the_jump_and_the_return_changes_nothing(machine: Machine, empty_url: str) -> None:
    chat = await machine.chat()
    await machine.tick()
    machine.show(ahead=5 * DAY)
    await machine.tick()
    async with await Database.open(empty_url) as db:
        machine.db = db
        machine.show(ahead=timedelta())
        await machine.run(2 * DAY)
    # That of the 29th was sent by the wrong clock.
    assert machine.days(chat) == ["25.11.", "26.11.", "29.11."]


async def test_slots_of_a_database_that_knows_nothing_of_the_clock_are_counted_once(machine: Machine) -> None:
    chat = await machine.chat("1", "08:30")
    async with machine.db.write() as tx:
        (slot,) = await subscriptions.schedules(tx, chat.id or 0)
        await subscriptions.set_next_due(tx, slot.id or 0, NOW + 3650 * DAY)
    machine.clock.move(minutes=-10)
    assert await machine.keep() is None
    assert await machine.next_due(chat) == [NOW]


async def test_time_that_a_person_chose_under_a_wrong_clock_is_counted_anew(machine: Machine) -> None:
    await machine.tick()
    machine.show(ahead=8 * HOUR)
    await machine.tick()
    chat = await machine.chat(at="10:00", days="1111111")
    machine.show(ahead=timedelta())
    await machine.tick()
    assert await machine.next_due(chat) == [NOW + 1.5 * HOUR]


async def test_step_of_some_seconds_is_none(machine: Machine) -> None:
    await machine.chat()
    await machine.tick()
    machine.clock.move(seconds=50)
    assert await machine.keep() is None
    machine.clock.move(seconds=-20)
    assert await machine.keep() is None


async def test_what_is_kept_of_the_clock_does_not_grow(machine: Machine) -> None:
    for _ in range(3 * KEPT_SPANS):
        machine.clock.move(hours=5)
        await machine.keep()
    async with machine.db.read() as tx:
        assert (await facts.get(tx, "clock.spans")).count("[") == KEPT_SPANS + 1


async def owe(machine: Machine, chat: Chat, **fields: object) -> int:
    """A delivery of now; gives its number."""
    now = machine.clock()
    values = {"kind": DeliveryKind.ALERT, "due_at": now, "ready_at": now, "created_at": now, **fields}
    async with machine.db.write() as tx:
        row = Delivery(chat_id=chat.id or 0, slot=f"{fields}"[:60], local_date=now.date(), **values)  # type: ignore[arg-type]
        await deliveries.plan(tx, [row])
        return (await deliveries.of_chat(tx, chat.id or 0, 1))[0].id or 0


async def test_retry_and_lease_of_a_clock_ahead_end_within_minutes(machine: Machine) -> None:
    chat = await machine.chat()
    await machine.tick()
    machine.show(ahead=5 * DAY)
    await machine.keep()
    later = machine.clock() + HOUR
    retried = await owe(machine, chat, attempts=2, ready_at=later)
    left = await owe(machine, chat, state=DeliveryState.SENDING, lease_until=later)
    machine.show(ahead=timedelta())
    await machine.keep()
    async with machine.db.read() as tx:
        rows = [await deliveries.get(tx, number) for number in (retried, left)]
    assert [row and row[0].ready_at for row in rows[:1]] == [NOW + AGAIN_WITHIN]
    assert [row and row[0].lease_until for row in rows[1:]] == [NOW + AGAIN_WITHIN]


@pytest.mark.parametrize(("quiet", "minutes"), [("off", 0), ("08:00-09:00", 30)])
async def test_alert_made_by_a_clock_ahead_goes_now_unless_it_is_quiet(
    machine: Machine, quiet: str, minutes: int
) -> None:
    chat = await machine.chat(options={"quiet": quiet})
    await machine.tick()
    machine.show(ahead=5 * DAY + 3 * HOUR)
    await machine.keep()
    await owe(machine, chat)
    machine.show(ahead=timedelta())
    await machine.keep()
    (row,) = await machine.rows(chat)
    assert row.ready_at == NOW + minutes * MINUTE
    assert row.created_at == NOW


async def waits_for_tsunamis(machine: Machine) -> Chat:
    async with machine.db.write() as tx:
        chat = await make.chat(tx)
        row = Subscription(chat_id=chat.id or 0, kind=SubscriptionKind.KEYWORD, value="Tsunami", created_at=NOW)
        await subscriptions.add(tx, row)
        await make.clip(tx, await make.source(tx), "Nichts Neues")
    await machine.tick()
    await alerting.plan_alerts(machine.db, machine.clock())
    return chat


async def test_alerts_sent_under_a_clock_ahead_do_not_use_up_the_hours_to_come(machine: Machine) -> None:
    await waits_for_tsunamis(machine)
    machine.show(ahead=5 * DAY)
    await machine.keep()
    counts = []
    for number in range(6):
        async with machine.db.write() as tx:
            source = await make.source(tx)
            await make.clip(tx, source, f"Tsunami Nummer {number}", now=machine.clock(), hours=0)
        if number == 3:
            machine.real += 2 * HOUR
            machine.show(ahead=timedelta())
            await machine.keep()
            machine.clock.move(minutes=61)
        counts.append(await alerting.plan_alerts(machine.db, machine.clock()))
    assert counts == [1, 1, 1, 1, 1, 1]


async def test_news_that_seemed_old_to_a_clock_ahead_alert_when_it_is_right(machine: Machine) -> None:
    await waits_for_tsunamis(machine)
    machine.show(ahead=5 * DAY)
    await machine.keep()
    async with machine.db.write() as tx:
        source = await make.source(tx)
        await make.clip(tx, source, "Tsunami vor Japan", published_at=machine.real, added_at=machine.clock())
    assert await alerting.plan_alerts(machine.db, machine.clock()) == 0
    machine.show(ahead=timedelta())
    await machine.keep()
    assert await alerting.plan_alerts(machine.db, machine.clock()) == 1
    assert await alerting.plan_alerts(machine.db, machine.clock()) == 0


async def test_feed_polled_under_a_clock_ahead_is_due_at_once(machine: Machine) -> None:
    await machine.tick()
    machine.show(ahead=5 * DAY)
    await machine.keep()
    async with machine.db.write() as tx:
        source = await make.source(tx)
        url, due_at = "https://bote.example/feed", machine.clock() + HOUR
        feed = Feed(source_id=source.id or 0, url=url, next_due_at=due_at, polled_at=machine.clock(), added_at=NOW)
        tx.add(feed)
    machine.show(ahead=timedelta())
    await machine.keep()
    async with machine.db.read() as tx:
        assert [found for _, found in await feeds.due_addresses(tx, NOW)] == [url]


async def test_pause_ends_on_the_day_that_was_told(machine: Machine) -> None:
    chat = await machine.chat("1", "09:00", paused_until=NOW + 2 * DAY)
    await machine.tick()
    machine.show(ahead=5 * DAY)
    await machine.run(10 * MINUTE)
    machine.show(ahead=timedelta())
    await machine.run(3 * DAY + HOUR)
    assert machine.days(chat) == ["26.11.", "27.11."]


class Stretch(NamedTuple):
    """A time in which the clock is wrong by the same span; the bot may be off before it."""

    off: timedelta
    ahead: timedelta
    runs: timedelta


SPANS_OFF = st.sampled_from([timedelta()] * 4 + [10 * MINUTE, 5 * HOUR, 30 * HOUR])
AHEAD = st.one_of(
    st.just(timedelta()),
    st.sampled_from([s * MINUTE for s in (-600, -180, -25, -5, 5, 25, 180, 600)]),
    st.sampled_from([s * DAY for s in (-400, -5, -1, 1, 2, 5, 400)]),
    st.timedeltas(-3 * DAY, 3 * DAY),
)
RUNS = st.integers(0, 24).map(lambda hours: hours * HOUR)
STRETCHES = st.lists(st.builds(Stretch, SPANS_OFF, AHEAD, RUNS), min_size=1, max_size=4)


async def live(path: Path, stretches: Sequence[Stretch]) -> None:
    address = f"sqlite:///{path}"
    async with await Database.open(address) as db:
        machine = Machine(db)
        people = [(await machine.chat(str(n), at, timezone=zone), zone, at) for n, (zone, at) in enumerate(SLOTS)]
        await machine.tick()
        for off, ahead, runs in (*stretches, Stretch(timedelta(), timedelta(), 30 * HOUR)):
            machine.real += off
            machine.show(ahead)
            await machine.run(runs, every=2 * HOUR)
        assert max(machine.sent.values()) == 1
        for chat, zone, at in people:
            due_at = NOW
            while (due_at := next_due(at, EVERY_DAY, zone, due_at)) <= machine.real:
                if any(due_at <= looked <= due_at + GRACE for looked in machine.right_at):
                    assert machine.sent[chat.id or 0, slot_day(at, due_at, zone), at] == 1, (zone, at, due_at)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STRETCHES)
def test_whatever_the_clock_did_each_day_that_it_was_right_has_one_digest_a_slot(
    empty_file: Path, stretches: list[Stretch]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "k.db"
        shutil.copy(empty_file, path)
        asyncio.run(live(path, stretches))

"""Deliveries → messages: sent once, resumed where they broke off, settled by what the platform answers."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlmodel import col, delete

from bot.jobs.deliver import LONGEST, PLACES, Deliverer
from bot.platforms.outgoing import Failure, Outgoing, Progress, SendError
from handlers import timekeeping
from storage import chats, deliveries
from storage.database import Database
from storage.deliveries import Claimer
from storage.states import ChatState, DeliveryKind, DeliveryState, Platform
from storage.tables import Chat, Delivery, EditionEntry
from tests import make
from tests.make import NOW, MovableClock

MINUTE = timedelta(minutes=1)
Answer = Callable[[Outgoing], BaseException | None]


@dataclass
class FakeSender:
    """Sends in two parts, and answers as a test wishes."""

    answer: Answer = lambda outgoing: None
    sent: list[Outgoing] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    breaks_after: int = 9
    at_once: int = 0
    most_at_once: int = 0

    async def send(self, outgoing: Outgoing, progress: Progress) -> tuple[str, ...]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        try:
            return await self._send(outgoing, progress)
        finally:
            self.at_once -= 1

    async def _send(self, outgoing: Outgoing, progress: Progress) -> tuple[str, ...]:
        await progress.begin()
        self.sent.append(outgoing)
        failure = self.answer(outgoing)
        if failure is not None:
            raise failure
        parts = list(outgoing.sent_parts)
        for number in range(len(parts), 2):
            if number >= self.breaks_after:
                self.breaks_after = 9
                raise SendError(Failure.RETRY, "network", parts=parts)
            parts.append(f"{outgoing.key}/{number}")
            self.parts.append(parts[-1])
            await progress.part_sent(tuple(parts))
        return tuple(parts)


class World:
    """Chats to which things are owed, and a deliverer."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = MovableClock()
        self.sender = FakeSender()
        self.deliverer = self.new_deliverer()

    def new_deliverer(self) -> Deliverer:
        return Deliverer(self.db, {Platform.TELEGRAM: self.sender}, self.clock)

    async def owe(self, native_id: str = "1", **fields: object) -> int:
        async with self.db.write() as tx:
            chat = await make.chat(tx, native_id, platform=Platform.TELEGRAM)
            clip_id = await make.clip(tx, await make.source(tx))
            entries = [EditionEntry(edition_id=0, position=0, clip_id=clip_id, heading="topic:energie")]
            edition_id = await deliveries.save_edition(tx, "k", entries, NOW)
            values = {"kind": DeliveryKind.DIGEST, "slot": "08:30", "edition_id": edition_id, "due_at": NOW, **fields}
            row = Delivery(
                chat_id=chat.id or 0, local_date=NOW.date(), ready_at=NOW, created_at=NOW, **values,
            )  # fmt: skip
            await deliveries.plan(tx, [row])
            (kept,) = await deliveries.of_chat(tx, chat.id or 0, 1)
        return kept.id or 0

    async def row(self, delivery_id: int) -> tuple[Delivery, Chat]:
        async with self.db.read() as tx:
            found = await deliveries.get(tx, delivery_id)
        assert found is not None
        return found

    async def after(self, minutes: float) -> int:
        self.clock.move(minutes=minutes)
        return await self.deliverer.tick()


def key_of(delivery_id: int) -> str:
    return f"delivery-{delivery_id}-{NOW:%Y%m%dT%H%M%S}"


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


def fails(failure: Failure, code: str = "code", **fields: object) -> Answer:
    return lambda outgoing: SendError(failure, code, **fields)  # type: ignore[arg-type]


async def test_owed_digest_is_sent_once_and_its_clips_are_remembered_for_each_message(world: World) -> None:
    delivery_id = await world.owe("42")
    assert await world.deliverer.tick() == 1
    assert await world.deliverer.tick() == 0
    (outgoing,) = world.sender.sent
    assert (outgoing.address.native_id, outgoing.language, outgoing.key) == ("42", "de", key_of(delivery_id))
    row, chat = await world.row(delivery_id)
    assert (row.state, row.sent_at, row.parts) == (DeliveryState.SENT, NOW, world.sender.parts)
    async with world.db.read() as tx:
        for part in row.parts:
            assert await chats.clips_of_message(tx, chat.id or 0, part) == list(outgoing.reply.clips) != []


async def test_digest_that_waits_for_quiet_hours_to_end_is_not_sent_before(world: World) -> None:
    delivery_id = await world.owe()
    async with world.db.write() as tx:
        await deliveries.claim(tx, [delivery_id], Claimer("a"), now=NOW, lease=MINUTE)
        await deliveries.record_retry(tx, delivery_id, "a", NOW + 30 * MINUTE, "", "")
    assert [await world.after(29), await world.after(1)] == [0, 1]


async def test_long_digest_goes_on_with_the_part_that_is_missing(world: World) -> None:
    delivery_id = await world.owe()
    world.sender.breaks_after = 1
    await world.deliverer.tick()
    row, _ = await world.row(delivery_id)
    assert (row.state, row.parts) == (DeliveryState.PLANNED, [f"{key_of(delivery_id)}/0"])
    await world.after(1)
    assert world.sender.parts == [f"{key_of(delivery_id)}/0", f"{key_of(delivery_id)}/1"]
    assert (await world.row(delivery_id))[0].state == DeliveryState.SENT


async def test_failure_that_passes_is_tried_again_after_longer_and_longer_pauses(world: World) -> None:
    delivery_id = await world.owe()
    world.sender.answer = fails(Failure.RETRY, "network")
    await world.deliverer.tick()
    pauses = []
    for _ in range(6):
        row, _ = await world.row(delivery_id)
        pauses.append((row.ready_at - world.clock()) // MINUTE)
        world.clock.move_to(row.ready_at)
        await world.deliverer.tick()
    assert pauses == [1, 2, 5, 15, 60, 60]
    assert (await world.row(delivery_id))[0].error_code == "network"


async def test_pause_that_the_platform_asks_for_is_kept(world: World) -> None:
    delivery_id = await world.owe()
    world.sender.answer = fails(Failure.RETRY, "flood", retry_at=NOW + 7 * MINUTE)
    await world.deliverer.tick()
    assert (await world.row(delivery_id))[0].ready_at == NOW + 7 * MINUTE


async def test_pause_of_the_whole_account_holds_the_other_deliveries_back_unharmed(world: World) -> None:
    ids = [await world.owe(str(number)) for number in range(20)]
    world.sender.answer = fails(Failure.RETRY, "flood", retry_at=NOW + 3 * MINUTE, lane_wide=True)
    await world.deliverer.tick()
    assert len(world.sender.sent) < 20
    assert await world.after(1) == 0
    world.sender.answer = lambda outgoing: None
    await world.after(2)
    rows = [(await world.row(each))[0] for each in ids]
    assert {row.state for row in rows} == {DeliveryState.SENT}
    assert {row.uncertain_count for row in rows} == {0}


async def test_answer_that_was_lost_is_counted_as_uncertain_and_tried_again(world: World) -> None:
    delivery_id = await world.owe()
    world.sender.answer = fails(Failure.UNCERTAIN, "timeout")
    await world.deliverer.tick()
    row, _ = await world.row(delivery_id)
    assert (row.state, row.uncertain_count) == (DeliveryState.PLANNED, 1)


@pytest.mark.parametrize(
    ("code", "state"), [("blocked", ChatState.BLOCKED), ("kicked", ChatState.LEFT), ("deactivated", ChatState.GONE)]
)
async def test_chat_that_cannot_be_written_to_is_marked_and_its_delivery_ends(
    world: World, code: str, state: ChatState
) -> None:
    delivery_id = await world.owe()
    world.sender.answer = fails(Failure.GONE, code)
    await world.deliverer.tick()
    row, chat = await world.row(delivery_id)
    assert (row.state, row.error_code, chat.state, chat.state_reason) == (DeliveryState.GONE, code, state, code)


async def test_unknown_chat_is_given_up_after_three_tries_and_not_before(world: World) -> None:
    delivery_id = await world.owe()
    world.sender.answer = fails(Failure.MISSING, "not_found")
    await world.deliverer.tick()
    await world.after(1)
    row, chat = await world.row(delivery_id)
    assert (row.state, chat.state) == (DeliveryState.PLANNED, ChatState.ACTIVE)
    await world.after(2)
    row, chat = await world.row(delivery_id)
    assert (row.state, chat.state) == (DeliveryState.GIVEN_UP, ChatState.GONE)


async def test_chat_that_moved_gets_its_digest_at_its_new_id(world: World) -> None:
    delivery_id = await world.owe("-5")
    world.sender.answer = lambda outgoing: (
        SendError(Failure.MOVED, "moved", moved_to="-1005") if outgoing.address.native_id == "-5" else None
    )
    await world.deliverer.tick()
    await world.deliverer.tick()
    row, chat = await world.row(delivery_id)
    assert (row.state, chat.native_id) == (DeliveryState.SENT, "-1005")
    assert [each.address.native_id for each in world.sender.sent] == ["-5", "-1005"]


async def test_message_that_the_platform_refuses_is_given_up_and_the_chat_stays(world: World) -> None:
    delivery_id = await world.owe()
    world.sender.answer = fails(Failure.REJECTED, "cant_parse")
    await world.deliverer.tick()
    row, chat = await world.row(delivery_id)
    assert (row.state, row.error_code, chat.state) == (DeliveryState.GIVEN_UP, "cant_parse", ChatState.ACTIVE)


async def test_delivery_older_than_a_day_is_skipped(world: World) -> None:
    delivery_id = await world.owe()
    await world.after(24 * 60 + 1)
    assert world.sender.sent == []
    row, _ = await world.row(delivery_id)
    assert (row.state, row.error_code, row.attempts) == (DeliveryState.SKIPPED, "too_late", 0)


@pytest.mark.parametrize("reading", range(1, 9))
async def test_a_clock_that_was_ahead_for_a_moment_costs_no_delivery(world: World, reading: int) -> None:
    """Whichever reading of the clock is the first that is right again, when planning puts things right."""
    delivery_id = await world.owe()
    grace = {"grace": timedelta(hours=6), "longest": LONGEST}
    await timekeeping.keep_time(world.db, NOW, **grace)
    await timekeeping.keep_time(world.db, NOW + timedelta(days=2), **grace)
    mending: list[asyncio.Task[object]] = []
    readings = count(1)

    def clock() -> datetime:
        number = next(readings)
        if number == reading:
            mending.append(asyncio.ensure_future(timekeeping.keep_time(world.db, NOW + MINUTE, **grace)))
        return NOW + (timedelta(days=2) if number < reading else MINUTE)

    deliverer = Deliverer(world.db, {Platform.TELEGRAM: world.sender}, clock)
    await deliverer.tick()
    while not mending:
        clock()
    await mending[0]
    await deliverer.tick()
    row, _ = await world.row(delivery_id)
    assert (row.state, len(world.sender.parts)) == (DeliveryState.SENT, 2)


async def test_fault_of_ours_with_one_delivery_costs_no_other_and_is_tried_again_later(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    broken, fine = await world.owe("1"), await world.owe("2")
    world.sender.answer = lambda outgoing: ZeroDivisionError() if outgoing.address.native_id == "1" else None
    await world.deliverer.tick()
    assert (await world.row(fine))[0].state == DeliveryState.SENT
    row, _ = await world.row(broken)
    assert (row.state, row.ready_at, row.error_code) == (DeliveryState.PLANNED, NOW + MINUTE, "defect")
    assert f"delivery {broken} failed" in caplog.text


async def test_worker_that_died_gives_its_delivery_back_when_the_lease_ends(world: World) -> None:
    delivery_id = await world.owe()
    async with world.db.write() as tx:
        await deliveries.claim(tx, [delivery_id], Claimer("dead"), now=NOW, lease=5 * MINUTE)
    assert [await world.after(4), await world.after(1)] == [0, 1]
    row, _ = await world.row(delivery_id)
    assert (row.state, row.uncertain_count) == (DeliveryState.SENT, 1)


async def test_worker_cancelled_in_the_middle_resumes_behind_the_part_that_arrived(world: World) -> None:
    delivery_id = await world.owe()
    world.sender.answer = lambda outgoing: asyncio.CancelledError() if not outgoing.sent_parts else None
    await world.deliverer.tick()
    row, _ = await world.row(delivery_id)
    assert (row.state, row.error_code, row.uncertain_count) == (DeliveryState.PLANNED, "stopped", 1)
    async with world.db.write() as tx:
        await deliveries.record_parts(tx, {delivery_id: ["first"]})
    world.deliverer = world.new_deliverer()
    await world.after(6)
    row, _ = await world.row(delivery_id)
    assert (row.state, row.parts) == (DeliveryState.SENT, ["first", f"{key_of(delivery_id)}/1"])


async def test_many_deliveries_go_in_batches_with_few_at_once(world: World) -> None:
    for number in range(PLACES + 5):
        await world.owe(str(number))
    assert await world.deliverer.tick() == PLACES + 5
    assert 1 < world.sender.most_at_once <= 8


async def test_ending_deliverer_gives_back_what_it_has_not_begun(world: World) -> None:
    ids = [await world.owe(str(number)) for number in range(30)]

    def end_at_the_first(outgoing: Outgoing) -> None:
        world.deliverer.end()

    world.sender.answer = end_at_the_first
    await world.deliverer.tick()
    rows = [(await world.row(each))[0] for each in ids]
    states = [row.state for row in rows]
    assert states.count(DeliveryState.SENT) == len(world.sender.sent) <= 8
    assert states.count(DeliveryState.PLANNED) == 30 - len(world.sender.sent)
    assert {row.attempts for row in rows if row.state == DeliveryState.PLANNED} == {0}


async def test_alert_whose_clip_is_gone_is_skipped(world: World) -> None:
    delivery_id = await world.owe(kind=DeliveryKind.ALERT, edition_id=None)
    await world.deliverer.tick()
    assert ((await world.row(delivery_id))[0].state, world.sender.sent) == (DeliveryState.SKIPPED, [])


class Interrupted(FakeSender):
    """Something happens in the database while the first message is sent."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def _send(self, outgoing: Outgoing, progress: Progress) -> tuple[str, ...]:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return await super()._send(outgoing, progress)


async def test_a_delivery_that_is_gone_when_its_turn_comes_is_sent_to_nobody(world: World) -> None:
    """Not even where another was planned meanwhile that could have got its number."""
    sender = Interrupted()
    world.sender = sender
    ids = [await world.owe(str(number)) for number in range(PLACES)]

    async def forget_and_plan() -> None:
        async with world.db.write() as tx:
            await tx.exec(delete(Delivery).where(col(Delivery.id) == ids[-1]))
        assert await world.owe("other") > ids[-1]

    sender.meanwhile = forget_and_plan
    await world.new_deliverer().tick()
    assert sorted(each.address.native_id for each in sender.sent) == ["0", "1", "2", "3", "4", "5", "6", "other"]
    for each in sender.sent:
        row, _ = await world.row(int(each.key.split("-")[1]))
        assert row.parts == [f"{each.key}/0", f"{each.key}/1"]

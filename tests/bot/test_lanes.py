"""People go before bulk, no limit is ever passed, and a flood pauses one chat or the lane, never the answers."""

import asyncio
import heapq
import random
from collections.abc import AsyncIterator

import pytest

from bot.lanes import GROUP_MESSAGES, Lane, Lanes


class Time:
    """A clock that jumps to the next sleeper when nobody has anything to do."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait by this clock, which takes no real time."""
        self._count += 1
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, self._count, future))
        await future

    async def run(self) -> None:
        """Move on for ever, from sleeper to sleeper."""
        while True:
            for _ in range(20):
                await asyncio.sleep(0)
            if self._sleepers:
                at, _, future = heapq.heappop(self._sleepers)
                if not future.done():
                    self.now = max(self.now, at)
                    future.set_result(None)


@pytest.fixture
async def time() -> AsyncIterator[Time]:
    clock = Time()
    running = asyncio.create_task(clock.run())
    yield clock
    running.cancel()


class Log:
    """Sends by turns and remembers when."""

    def __init__(self, time: Time, rate: int) -> None:
        self.time = time
        self.lanes = Lanes(rate, now=time, sleep=time.sleep)
        self.sent: list[tuple[float, str]] = []

    async def send(self, chat: str, *, lane: Lane = Lane.BULK, is_group: bool = False) -> None:
        async with self.lanes.turn(chat, is_group=is_group, lane=lane):
            self.sent.append((self.time.now, chat))
            await self.time.sleep(0.01)

    def most_within(self, seconds: float, chat: str = "") -> int:
        times = sorted(at for at, name in self.sent if chat in {"", name})
        return max(sum(1 for other in times if at <= other < at + seconds) for at in times)


async def test_bulk_uses_the_whole_budget_and_never_more(time: Time) -> None:
    log = Log(time, 30)
    await asyncio.gather(*(log.send(str(number)) for number in range(300)))
    assert log.most_within(1.0) <= 30
    assert 300 / time.now >= 30 * 0.98


async def test_person_overtakes_bulk_that_waits(time: Time) -> None:
    log = Log(time, 30)
    bulk = [asyncio.create_task(log.send(str(number))) for number in range(300)]
    await asyncio.sleep(0)
    await log.send("anna", lane=Lane.INTERACTIVE)
    assert len(log.sent) <= 3
    await asyncio.gather(*bulk)


async def test_one_private_chat_gets_one_message_a_second_while_others_go_on(time: Time) -> None:
    log = Log(time, 30)
    await asyncio.gather(*(log.send("anna") for _ in range(5)), *(log.send(str(number)) for number in range(60)))
    assert log.most_within(1.0, "anna") == 1
    assert max(at for at, chat in log.sent if chat != "anna") < 2.5


async def test_group_gets_twenty_a_minute(time: Time) -> None:
    log = Log(time, 30)
    await asyncio.gather(*(log.send("group", is_group=True) for _ in range(45)))
    assert log.most_within(60.0, "group") == GROUP_MESSAGES


async def test_flood_in_one_chat_pauses_that_chat_alone(time: Time) -> None:
    log = Log(time, 30)
    log.lanes.flooded("anna", 30.0)
    await asyncio.gather(log.send("anna"), *(log.send(str(number)) for number in range(30)))
    at = dict((chat, when) for when, chat in log.sent)
    assert at["anna"] >= 30.0
    assert max(when for chat, when in at.items() if chat != "anna") < 2.0


async def test_person_in_a_flooded_chat_is_not_held_back(time: Time) -> None:
    log = Log(time, 30)
    log.lanes.flooded("anna", 30.0)
    await log.send("anna", lane=Lane.INTERACTIVE)
    assert time.now < 1.0


async def test_flood_in_several_chats_at_once_pauses_bulk_but_not_people(time: Time) -> None:
    log = Log(time, 30)
    for chat in ("a", "b", "c"):
        log.lanes.flooded(chat, 10.0)
    await asyncio.gather(log.send("d"), log.send("anna", lane=Lane.INTERACTIVE))
    at = dict((chat, when) for when, chat in log.sent)
    assert at["anna"] < 1.0
    assert at["d"] >= 10.0


async def test_quiet_time_saves_up_no_burst(time: Time) -> None:
    log = Log(time, 30)
    await log.send("0")
    time.now += 100
    await asyncio.gather(*(log.send(str(number)) for number in range(1, 90)))
    assert log.most_within(1.0) <= 30


async def test_sender_that_gives_up_takes_no_turn(time: Time) -> None:
    log = Log(time, 1)
    await log.send("first")
    gone = asyncio.create_task(log.send("gone"))
    await asyncio.sleep(0)
    gone.cancel()
    await log.send("last")
    assert [chat for _, chat in log.sent] == ["first", "last"]
    assert log.lanes.waiting == {Lane.INTERACTIVE: 0, Lane.BULK: 0}


@pytest.mark.parametrize("rate", [30, 200])
async def test_however_uneven_the_network_no_window_of_the_server_gets_too_many(time: Time, rate: int) -> None:
    """The server counts a message when it comes in, after a part of the time that its answer takes."""
    chance = random.Random(rate)  # noqa: S311 - repeatable
    lanes = Lanes(rate, now=time, sleep=time.sleep)
    counted: list[float] = []

    async def send(chat: str) -> None:
        async with lanes.turn(chat, is_group=False, lane=Lane.BULK):
            await time.sleep(0.02 + chance.choice([0.0, 0.0, 0.001, 0.03]))
            counted.append(time.now)
            await time.sleep(0.02 + chance.choice([0.0, 0.0, 0.002, 0.05]))

    await asyncio.gather(*(send(str(number)) for number in range(rate * 12)))
    counted.sort()
    assert all(later - first > 1.0 for first, later in zip(counted, counted[rate:], strict=False))
    # Once it is known how long every answer takes at least, only what varies costs a share of the limit.
    later_on = counted[len(counted) // 2 :]
    assert len(later_on) / (later_on[-1] - later_on[0]) > rate * 0.96


class Begun:
    """Messages that take a while to begin, such as rows that are claimed, and how many were at once between the two."""

    def __init__(self, time: Time, rate: int, begin_s: float) -> None:
        self.time = time
        self.lanes = Lanes(rate, now=time, sleep=time.sleep)
        self.begin_s = begin_s
        self.open = 0
        self.most = 0
        self.begun_at: dict[str, float] = {}
        self.sent_at: dict[str, float] = {}

    async def begin(self, chat: str) -> None:
        self.begun_at[chat] = self.time.now
        self.open += 1
        self.most = max(self.most, self.open)
        await self.time.sleep(self.begin_s)

    async def send(self, chat: str) -> None:
        async with self.lanes.turn(chat, is_group=False, lane=Lane.BULK, begin=lambda: self.begin(chat)):
            self.open -= 1
            self.sent_at[chat] = self.time.now
            await self.time.sleep(0.01)


async def test_at_high_rates_no_turn_is_spent_on_beginning(time: Time) -> None:
    log = Begun(time, 1000, begin_s=0.025)
    await asyncio.gather(*(log.send(str(number)) for number in range(8000)))
    times = sorted(log.sent_at.values())
    assert all(later - first >= 1.0 for first, later in zip(times, times[1000:], strict=False))
    assert len(times) / times[-1] > 1000 * 0.98
    assert log.most <= 40


async def test_at_low_rates_a_message_begins_in_its_turn(time: Time) -> None:
    log = Begun(time, 30, begin_s=0.005)
    await asyncio.gather(*(log.send(str(number)) for number in range(60)))
    assert log.most == 1


async def test_who_has_to_wait_does_not_begin_before(time: Time) -> None:
    log = Begun(time, 1000, begin_s=0.025)
    log.lanes.flooded("anna", 30.0)
    await asyncio.gather(*(log.send(chat) for chat in ("anna", "ben")))
    assert log.begun_at["ben"] < 1.0
    assert log.sent_at["anna"] - log.begun_at["anna"] < 0.1
    assert log.begun_at["anna"] >= 30.0


async def test_what_cannot_begin_takes_no_turn(time: Time) -> None:
    lanes = Lanes(1000, now=time, sleep=time.sleep)

    async def refuse() -> None:
        raise RuntimeError

    async def send() -> None:
        with pytest.raises(RuntimeError):
            async with lanes.turn("anna", is_group=False, lane=Lane.BULK, begin=refuse):
                pytest.fail("it went")

    await asyncio.gather(*(send() for _ in range(2000)))
    assert time.now < 1.0
    assert lanes.waiting == {Lane.INTERACTIVE: 0, Lane.BULK: 0}

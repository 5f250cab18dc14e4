"""One budget of messages for an account, and two lanes under it: people who wait for an answer go before bulk.

*Source*: Bots FAQ of the Bot API, "My bot is hitting limits": about 30 messages a second over all chats (more with paid
broadcasts), one a second in one chat, 20 a minute in one group.
"""

import asyncio
import heapq
import math
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import IntEnum

PRIVATE_SPACING_S = 1.0
GROUP_MESSAGES = 20
GROUP_WINDOW_S = 60.0
WINDOW_S = 1.0
# Clocks are not that exact.
MARGIN_S = 0.002
# At high rates turns are given in handfuls, each so long after the last.
HANDFUL_S = 0.005
# How much time a late wake-up may make up for; at low rates it is one turn, and the window holds all the same.
CREDIT_S = 0.1
# The quickest answer of so many slices of time tells how long every answer takes at least.
SLICES = 30
SLICE_S = 1.0
# Before there were so many slices with answers nothing is known.
FEWEST_SLICES = 3
FLOODED_CHATS = 3
FLOODED_WITHIN_S = 5.0
FEWEST_PLACES = 8
# As many messages as the rate allows in this time may wait for their turn, for an answer and for the ledger.
UNDER_WAY_S = 0.15
# As many as it allows in this time begin before their turn, so that no turn is spent on beginning; at low rates none.
BEGUN_S = 0.04
FEWEST_BEGUN = 10
# A chat that has to wait is looked at again so often.
LOOK_AGAIN_S = 1.0

Begin = Callable[[], Awaitable[None]]


def places(rate: int) -> int:
    """How many deliveries may be under way at once at a rate of messages a second, so that none waits for a place."""
    return max(FEWEST_PLACES, int(rate * UNDER_WAY_S))


class Lane(IntEnum):
    """Who waits: a person for an answer, or a digest for its turn."""

    INTERACTIVE = 0
    BULK = 1


@dataclass(slots=True)
class _Sent:
    """A message; the server counted it at some time between its turn and `done_at`, when it answered.

    Counting each window from the answer, no unevenness of the network can put one message too many into it. The time
    that every answer takes (`_Quickest`) may be taken off: the next message too is on its way for its share of
    it before it is counted.
    """

    turn_at: float
    done_at: float = math.inf


@dataclass(slots=True)
class _Waiting:
    chat: str
    is_group: bool
    lane: Lane
    turn: "asyncio.Future[_Sent]"


class _Quickest:
    """How long every answer takes at least, as far as the last ones tell."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._slices: deque[tuple[int, float]] = deque(maxlen=SLICES)

    def learn(self, begun_at: float, done_at: float) -> None:
        """Count an answer."""
        now, took_s = int(done_at / SLICE_S), done_at - begun_at
        if not self._slices or self._slices[-1][0] != now:
            self._slices.append((now, took_s))
        elif took_s < self._slices[-1][1]:
            self._slices[-1] = (now, took_s)
        else:
            return
        is_known = len(self._slices) >= FEWEST_SLICES
        self.seconds = min(least for _, least in self._slices) if is_known else 0.0


class Lanes:
    """Gives turns to send.

    Args:
        rate: messages a second over all chats.
        private_spacing_s: between two messages to one private chat.
        now: seconds of a clock that only goes forward.
        sleep: waits on that clock.
    """

    def __init__(
        self,
        rate: int,
        *,
        private_spacing_s: float = PRIVATE_SPACING_S,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap_s = WINDOW_S / rate
        self._credit_s = max(1, int(CREDIT_S * rate)) * self._gap_s
        self._quickest = _Quickest()
        self._private_spacing_s = private_spacing_s
        self._rate = rate
        # How many messages the server may count among those of the last second, and when each answered one is past.
        self._counted = 0
        self._past_at: list[float] = []
        self._now = now
        self._sleep = sleep
        self._next_at = 0.0
        self._queues: dict[Lane, deque[_Waiting]] = {lane: deque() for lane in Lane}
        # By whether they are groups: the chats that may have to wait, whoever was written to last at the end.
        self._chats: dict[bool, OrderedDict[str, deque[_Sent]]] = {False: OrderedDict(), True: OrderedDict()}
        self._paused: dict[str, float] = {}
        self._bulk_from = 0.0
        self._floods: deque[tuple[float, str]] = deque()
        begun = int(BEGUN_S * rate)
        self._begun = asyncio.Semaphore(begun) if begun >= FEWEST_BEGUN else None
        self._pump: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    @property
    def waiting(self) -> dict[Lane, int]:
        """How many wait in each lane."""
        return {lane: len(queue) for lane, queue in self._queues.items()}

    @asynccontextmanager
    async def turn(self, chat: str, *, is_group: bool, lane: Lane, begin: Begin | None = None) -> AsyncIterator[None]:
        """Wait until a message may go to a chat; inside, it is sent and its answer awaited.

        Args:
            begin: called when the message is as good as gone; what it raises ends the turn.
        """
        waiting = _Waiting(chat, is_group, lane, asyncio.get_running_loop().create_future())
        if begin is not None and self._begun is not None:
            await self._come_near(waiting, self._begun)
            try:
                await begin()
                sent = await self._turn_of(waiting)
            finally:
                self._begun.release()
            begin = None
        else:
            sent = await self._turn_of(waiting)
        try:
            if begin is not None:
                await begin()
            yield
            self._quickest.learn(sent.turn_at, self._now())
        finally:
            sent.done_at = self._now()
            heapq.heappush(self._past_at, sent.done_at - self._quickest.seconds + WINDOW_S + MARGIN_S)
            self._wake.set()

    async def _turn_of(self, waiting: _Waiting) -> _Sent:
        self._queues[waiting.lane].append(waiting)
        self._wake.set()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._give_turns())
        return await waiting.turn  # who gives up waiting cancels the future with itself

    async def _come_near(self, waiting: _Waiting, begun: asyncio.Semaphore) -> None:
        """Wait until a chat may be written to, and for a place among those that have begun."""
        while True:
            while (wait_s := self._bulk_may_from(waiting) - self._now()) > 0:
                await self._sleep(min(wait_s, LOOK_AGAIN_S))
            await begun.acquire()
            if self._bulk_may_from(waiting) <= self._now():
                return
            begun.release()

    def flooded(self, chat: str, wait_s: float) -> None:
        """The server asked to wait: bulk to that chat does, and all of bulk when it asks for several chats at once."""
        now = self._now()
        self._paused = {name: until for name, until in self._paused.items() if until > now} | {chat: now + wait_s}
        self._floods.append((now, chat))
        while self._floods and self._floods[0][0] < now - FLOODED_WITHIN_S:
            self._floods.popleft()
        if len({name for _, name in self._floods}) >= FLOODED_CHATS:
            self._bulk_from = max(self._bulk_from, now + wait_s)

    async def _give_turns(self) -> None:
        while any(self._queues.values()):
            now = self._now()
            budget_at = self._budget_from(now)
            if budget_at == math.inf:
                await self._woken()
                continue
            if budget_at > now:  # neither an answer nor somebody new makes it come sooner
                await self._sleep(max(budget_at - now, HANDFUL_S))
                continue
            chosen = self._pick(now)
            if chosen is None:
                await self._woken(self._until_somebody_may(now))
                continue
            # Turns are counted from their due time, so that a late wake-up costs no rate; a pause saves none up.
            is_late = self._next_at > now - WINDOW_S
            self._next_at = max(self._next_at, now - self._credit_s if is_late else now) + self._gap_s
            sent = _Sent(now)
            self._counted += 1
            self._note(chosen, sent, now)
            chosen.turn.set_result(sent)

    def _budget_from(self, now: float) -> float:
        """When the account may send its next message."""
        while self._past_at and self._past_at[0] <= now:
            heapq.heappop(self._past_at)
            self._counted -= 1
        if self._counted < self._rate:
            return self._next_at
        return max(self._next_at, self._past_at[0] if self._past_at else math.inf)

    async def _woken(self, wait_s: float = math.inf) -> None:
        """Wait for an answer or for somebody new in a queue, or for a time to pass."""
        self._wake.clear()
        tasks = [asyncio.ensure_future(self._wake.wait())]
        if wait_s < math.inf:
            tasks.append(asyncio.ensure_future(self._sleep(wait_s)))  # type: ignore[arg-type]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

    def _pick(self, now: float) -> _Waiting | None:
        """The first who may send, people before bulk; those who gave up waiting are dropped."""
        for lane, queue in self._queues.items():
            if lane is Lane.BULK and now < self._bulk_from:
                return None
            for _ in range(len(queue)):
                waiting = queue.popleft()
                if waiting.turn.done():
                    continue
                if self._chat_from(waiting) <= now:
                    return waiting
                queue.append(waiting)
        return None

    def _chat_from(self, waiting: _Waiting) -> float:
        """When the next message may go to a chat."""
        sent = self._chats[waiting.is_group].get(waiting.chat)
        # Who answers a person waits by its own count, and gives up where that takes too long.
        paused = self._paused.get(waiting.chat, 0.0) if waiting.lane is Lane.BULK else 0.0
        if not sent:
            return paused
        if waiting.is_group:
            full = sent[0].done_at + GROUP_WINDOW_S + MARGIN_S if len(sent) >= GROUP_MESSAGES else 0.0
            return max(paused, full)
        return max(paused, sent[-1].done_at + self._private_spacing_s + MARGIN_S)

    def _bulk_may_from(self, waiting: _Waiting) -> float:
        return max(self._chat_from(waiting), self._bulk_from)

    def _until_somebody_may(self, now: float) -> float:
        times = [self._chat_from(each) for each in self._queues[Lane.INTERACTIVE]]
        times += [self._bulk_may_from(each) for each in self._queues[Lane.BULK]]
        return max(min(times, default=now) - now, 0.001)

    def _note(self, given: _Waiting, message: _Sent, now: float) -> None:
        chats = self._chats[given.is_group]
        sent = chats.setdefault(given.chat, deque(maxlen=GROUP_MESSAGES))
        sent.append(message)
        chats.move_to_end(given.chat)
        window_s = (GROUP_WINDOW_S if given.is_group else self._private_spacing_s) + MARGIN_S
        while next(iter(chats.values()))[-1].done_at + window_s < now:
            chats.popitem(last=False)

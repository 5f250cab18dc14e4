"""One budget of messages for an account, and two lanes under it: people who wait for an answer go before bulk.

*Source*: Bots FAQ of the Bot API, "My bot is hitting limits": about 30 messages a second over all chats (more with paid
broadcasts), one a second in one chat, 20 a minute in one group.
"""

import asyncio
import math
from collections import deque
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
# How many turns a late wake-up may make up for; the window holds all the same.
CREDIT = 4
FLOODED_CHATS = 3
FLOODED_WITHIN_S = 5.0
KEPT_CHATS = 20_000


class Lane(IntEnum):
    """Who waits: a person for an answer, or a digest for its turn."""

    INTERACTIVE = 0
    BULK = 1


@dataclass(slots=True)
class _Sent:
    """A message; the server counted it at some time between its turn and `done_at`, when it answered.

    Counting each window from the answer, no unevenness of the network can put one message too many into it.
    """

    done_at: float = math.inf


@dataclass(slots=True)
class _Waiting:
    chat: str
    is_group: bool
    lane: Lane
    turn: "asyncio.Future[_Sent]"


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
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap_s = WINDOW_S / rate
        self._private_spacing_s = private_spacing_s
        self._recent: deque[_Sent] = deque(maxlen=rate)
        self._clock = now
        self._sleep = sleep
        self._next_at = 0.0
        self._queues: dict[Lane, deque[_Waiting]] = {lane: deque() for lane in Lane}
        self._chats: dict[str, deque[_Sent]] = {}
        self._paused: dict[str, float] = {}
        self._bulk_from = 0.0
        self._floods: deque[tuple[float, str]] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    @property
    def waiting(self) -> dict[Lane, int]:
        """How many wait in each lane."""
        return {lane: len(queue) for lane, queue in self._queues.items()}

    @asynccontextmanager
    async def turn(self, chat: str, *, is_group: bool, lane: Lane) -> AsyncIterator[None]:
        """Wait until a message may go to a chat; inside, it is sent and its answer awaited."""
        waiting = _Waiting(chat, is_group, lane, asyncio.get_running_loop().create_future())
        self._queues[lane].append(waiting)
        self._wake.set()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._give_turns())
        sent = await waiting.turn  # who gives up waiting cancels the future with itself
        try:
            yield
        finally:
            sent.done_at = self._now()
            self._wake.set()

    def flooded(self, chat: str, wait_s: float) -> None:
        """The server asked to wait: bulk to that chat does, and all of bulk when it asks for several chats at once."""
        now = self._now()
        self._paused[chat] = now + wait_s
        self._floods.append((now, chat))
        while self._floods and self._floods[0][0] < now - FLOODED_WITHIN_S:
            self._floods.popleft()
        if len({name for _, name in self._floods}) >= FLOODED_CHATS:
            self._bulk_from = max(self._bulk_from, now + wait_s)

    def _now(self) -> float:
        return self._clock() if self._clock else asyncio.get_running_loop().time()

    async def _give_turns(self) -> None:
        while any(self._queues.values()):
            now = self._now()
            budget_at = self._budget_from()
            if budget_at > now:
                await self._sleep_or_wake(budget_at - now)
                continue
            chosen = self._pick(now)
            if chosen is None:
                await self._sleep_or_wake(self._until_somebody_may(now))
                continue
            # Turns are counted from their due time, so that a late wake-up costs no rate; a long pause saves none up.
            self._next_at = max(self._next_at, now - CREDIT * self._gap_s) + self._gap_s
            sent = _Sent()
            self._recent.append(sent)
            self._note(chosen.chat, sent, now)
            chosen.turn.set_result(sent)

    def _budget_from(self) -> float:
        """When the account may send its next message."""
        is_full = len(self._recent) == self._recent.maxlen
        return max(self._next_at, self._recent[0].done_at + WINDOW_S + MARGIN_S if is_full else 0.0)

    async def _sleep_or_wake(self, wait_s: float) -> None:
        """Wait for the first chat that may be written to, or for somebody new in the queue."""
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
        sent = self._chats.get(waiting.chat)
        # Who answers a person waits by its own count, and gives up where that takes too long.
        paused = self._paused.get(waiting.chat, 0.0) if waiting.lane is Lane.BULK else 0.0
        if not sent:
            return paused
        if waiting.is_group:
            full = sent[0].done_at + GROUP_WINDOW_S + MARGIN_S if len(sent) >= GROUP_MESSAGES else 0.0
            return max(paused, full)
        return max(paused, sent[-1].done_at + self._private_spacing_s + MARGIN_S)

    def _until_somebody_may(self, now: float) -> float:
        times = [self._chat_from(each) for each in self._queues[Lane.INTERACTIVE]]
        times += [max(self._chat_from(each), self._bulk_from) for each in self._queues[Lane.BULK]]
        return max(min(times, default=now) - now, 0.001)

    def _note(self, chat: str, message: _Sent, now: float) -> None:
        sent = self._chats.pop(chat, None) or deque(maxlen=GROUP_MESSAGES)
        sent.append(message)
        self._chats[chat] = sent
        while len(self._chats) > KEPT_CHATS:
            self._chats.pop(next(iter(self._chats)))
        if self._paused and self._paused.get(chat, now) <= now:
            self._paused.pop(chat, None)

"""Deliveries → messages: composed, claimed when their turn has come, and written down as what became of them.

A row is claimed the moment its message may go, inside its turn, so that a row in `sending` is always one whose message
may be on its way, and a kill leaves no others. They come back when their lease ends, or when a successor knows that
nobody sends them any more: whoever sends for a platform has it to itself, by a lock beside a database file, which the
kernel takes from the dead (`alone.py`), or by a lease in a shared database (`leases.py`), and signs its rows as its
holder. Who gets the platform next takes their rows back.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.jobs.alone import SIGNED_ALONE, Alone, Sole
from bot.jobs.composed import Composed
from bot.jobs.ledger import LEASE, Ledger
from bot.platforms.outgoing import Failure, Outgoing, Sender, SendError, Withdrawn
from handlers.delivering import Told
from handlers.options import PICTURES, value_of
from handlers.request import ChatAddress
from storage import chat_moves, chats, deliveries
from storage.database import Database, Tx
from storage.deliveries import Claimer
from storage.errors import StorageError
from storage.states import ChatKind, ChatState, DeliveryState, Platform
from storage.tables import Chat, Delivery

log = logging.getLogger(__name__)

# How many deliveries of a platform wait for their turn, are on their way or are being written down at once.
PLACES = 8
# Where some are on their way and nothing else is ready, this long until it is looked again.
LOOK_AGAIN_S = 1.0
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60))
LONGEST = timedelta(hours=24)
LONGEST_PAUSE = timedelta(hours=1)
MISSING_TRIES = 3
TOO_LATE = "too_late"
# What a platform says of a chat that is gone for now, where it is not just that it blocks us.
STATES = {"kicked": ChatState.LEFT, "left": ChatState.LEFT, "deactivated": ChatState.GONE}


@dataclass(slots=True)
class _Queue:
    """What a platform is owed now.

    Attributes:
        ahead: read and not begun.
        running: numbers of those that wait for their turn, are on their way or are being written down.
        arrived: messages that arrived and are not written down, because the database refused.
        freed: a place became free.
        read_again_at: when it is worth reading ahead again, by the event loop's clock.
        refusal: why the database refused; nothing more is begun then.
        closed_until: when the platform takes messages again.
        term: the term of ours in which the rows of those before were taken back; 0 where that is still to be done.
    """

    platform: Platform
    ahead: deque[tuple[Delivery, Chat]] = field(default_factory=deque)
    running: set[int] = field(default_factory=set)
    arrived: dict[int, tuple[str, ...]] = field(default_factory=dict)
    freed: asyncio.Event = field(default_factory=asyncio.Event)
    read_again_at: float = 0.0
    refusal: StorageError | None = None
    closed_until: datetime | None = None
    term: int = 0

    @property
    def held(self) -> set[int]:
        """What must not be read again."""
        return {*self.running, *self.arrived, *(row.id or 0 for row, _ in self.ahead)}


class _Progress:
    """One delivery's way into the ledger, as its sender sees it."""

    def __init__(self, ledger: Ledger, delivery_id: int, claimer: Claimer, is_open: Callable[[], bool]) -> None:
        self._ledger = ledger
        self._delivery_id = delivery_id
        self._claimer = claimer
        self._is_open = is_open
        self.has_begun = False

    async def begin(self) -> None:
        """Claim it.

        Raises:
            StorageError: the database refused.
            Withdrawn: it is not ours to send, or sending ends.
        """
        self.has_begun = self._is_open()
        if not self.has_begun or not await self._ledger.claim(self._delivery_id, self._claimer):
            raise Withdrawn

    async def part_sent(self, parts: tuple[str, ...]) -> None:
        """Write down what arrived; where the database refuses, the next part, or the end, does."""
        try:
            await self._ledger.part_sent(self._delivery_id, parts)
        except StorageError as error:
            log.error("delivery %d, part %d: %s", self._delivery_id, len(parts), error)


class Deliverer:
    """Sends what is owed; one that dies in the middle leaves rows that its successor takes up.

    Args:
        places: how many deliveries of a platform are under way at once, waiting for their turns included.
        sole: knows whether a platform is ours alone; by default a lock beside the database file.
    """

    def __init__(
        self,
        db: Database,
        senders: Mapping[Platform, Sender],
        clock: Clock,
        places: Mapping[Platform, int] | None = None,
        sole: Sole | None = None,
    ) -> None:
        self._db = db
        self._senders = senders
        self._clock = clock
        self._places = places or {}
        self._sole = sole or Alone(db.address if db.is_file else None)
        self._ledger = Ledger(db, clock)
        self._composed = Composed(db, clock)
        self._queues = {platform: _Queue(platform) for platform in senders}
        self._is_ending = False

    def end(self) -> None:
        """Begin no further send."""
        self._is_ending = True

    async def tick(self) -> int:
        """Send all that is ready.

        Returns:
            How many deliveries were tried.

        Raises:
            StorageError: the database refused.
        """
        counts = await asyncio.gather(*(self._drain(platform) for platform in self._senders))
        return sum(counts)

    def _claimer(self, platform: Platform) -> Claimer:
        """How we claim rows of a platform."""
        return Claimer(self._sole.sign(platform), platform if self._sole.is_needed(platform) else "")

    async def _succeed(self, queue: _Queue) -> None:
        """Become the one sender of a platform where there is none, and take back what those before left behind.

        So does one whose database refused: a claim of ours may have been written although we were told that it was not.
        """
        term = self._sole.term(queue.platform)
        if term and term != queue.term:
            async with self._db.write() as tx:
                count = await deliveries.take_back(
                    tx, platform=queue.platform, signed=SIGNED_ALONE, but=queue.held, sole=self._claimer(queue.platform)
                )
            if count:
                log.warning("%s: %d deliveries were on their way when their sender ended", queue.platform, count)
        queue.term = term

    async def _drain(self, platform: Platform) -> int:
        queue = self._queues[platform]
        await self._succeed(queue)
        for delivery_id, parts in tuple(queue.arrived.items()):
            await self._write_down(queue, delivery_id, parts)
        queue.refusal = None
        async with asyncio.TaskGroup() as group:
            tried = await self._begin_all(platform, queue, group)
        queue.ahead.clear()
        if queue.refusal is not None:
            raise queue.refusal
        return tried

    async def _begin_all(self, platform: Platform, queue: _Queue, group: asyncio.TaskGroup) -> int:
        """Fill the places as they become free, until nothing is ready and nothing on its way."""
        places = self._places.get(platform, PLACES)
        tried = 0
        while self._is_open(queue):
            if len(queue.ahead) < places:
                await self._read_ahead(platform, queue, places)
            queue.freed.clear()
            while queue.ahead and len(queue.running) < places and self._is_open(queue):
                delivery, chat = queue.ahead.popleft()
                queue.running.add(delivery.id or 0)
                tried += 1
                group.create_task(self._run(queue, delivery, chat))
            if not queue.running:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(queue.freed.wait(), LOOK_AGAIN_S)
        return tried

    async def _read_ahead(self, platform: Platform, queue: _Queue, limit: int) -> None:
        """Read what is ready, unless that was done a moment ago and there was little."""
        loop = asyncio.get_running_loop()
        if queue.running and loop.time() < queue.read_again_at:
            return
        try:
            async with self._db.read() as tx:
                found = await deliveries.ready(
                    tx, platform=platform, now=self._clock(), limit=limit, holding=queue.held
                )
        except StorageError as error:  # what is on its way must not be cut off: it arrives, and is written down later
            queue.refusal, queue.term = error, 0
            return
        queue.ahead.extend(found)
        queue.read_again_at = loop.time() + (LOOK_AGAIN_S if len(found) < limit else 0.0)

    def _is_open(self, queue: _Queue) -> bool:
        left = queue.closed_until - self._clock() if queue.closed_until is not None else timedelta()
        # A pause that seems to last longer was begun by a clock that ran ahead.
        is_paused = timedelta() < left <= LONGEST_PAUSE
        is_ours = not self._sole.is_needed(queue.platform) or self._sole.term(queue.platform) == queue.term != 0
        return is_ours and not self._is_ending and not is_paused and queue.refusal is None

    async def _run(self, queue: _Queue, delivery: Delivery, chat: Chat) -> None:
        """Deliver, whatever happens: one delivery must never cost its neighbours."""
        delivery_id = delivery.id or 0
        try:
            await self._deliver(queue, delivery, chat)
        except Withdrawn:
            log.debug("delivery %d is not to be sent now", delivery_id)
        except StorageError as error:  # what arrived is written down by the next tick; nothing else is begun before
            log.log(logging.DEBUG if queue.refusal else logging.ERROR, "delivery %d: %s", delivery_id, error)
            queue.refusal, queue.term = error, 0
        except Exception:  # a fault of ours with one delivery: the others go on, and it is tried again later
            log.exception("delivery %d failed", delivery_id)
            await self._defective(delivery, chat)
        finally:
            queue.running.discard(delivery_id)
            queue.freed.set()

    async def _deliver(self, queue: _Queue, delivery: Delivery, chat: Chat) -> None:
        platform = Platform(chat.platform)
        told = await self._composed.of(delivery, with_pictures=value_of(chat.options, PICTURES) == "on")
        if self._is_too_late(delivery) or not told.reply.blocks:
            await self._skip(delivery, TOO_LATE if told.reply.blocks else "empty")
            return
        progress = _Progress(self._ledger, delivery.id or 0, self._claimer(platform), lambda: self._is_open(queue))
        try:
            parts = await self._senders[platform].send(_outgoing(delivery, chat, told), progress)
        except SendError as error:
            await self._failed(queue, delivery, chat, error)
            return
        except asyncio.CancelledError:  # the bot ends, and nobody knows whether the message arrived
            if progress.has_begun:
                await self._failed(queue, delivery, chat, SendError(Failure.UNCERTAIN, "stopped"))
            raise
        queue.arrived[delivery.id or 0] = parts
        await self._write_down(queue, delivery.id or 0, parts)

    async def _write_down(self, queue: _Queue, delivery_id: int, parts: tuple[str, ...]) -> None:
        """Record what arrived; where the database refuses, it is kept for the next tick and not sent again meanwhile.

        Raises:
            StorageError: the database refused.
        """
        await self._ledger.sent(delivery_id, parts)
        queue.arrived.pop(delivery_id, None)

    async def _skip(self, delivery: Delivery, code: str) -> None:
        """Let a delivery go that was not begun, unless the clock, which may have been wrong, says otherwise by now."""
        async with self._db.write() as tx:
            if code == TOO_LATE and not self._is_too_late(delivery):
                return
            if await deliveries.skip(tx, delivery.id or 0, code, now=self._clock()):
                log.info("delivery %d skipped: %s", delivery.id, code)

    def _is_too_late(self, delivery: Delivery) -> bool:
        return self._clock() - delivery.due_at > LONGEST

    async def _defective(self, delivery: Delivery, chat: Chat) -> None:
        """Try a delivery that we fail at again later, until it is too late for it."""
        try:
            async with self._held(delivery, Platform(chat.platform)) as (tx, owner):
                ready_at = _later(self._clock(), delivery.attempts + 1)
                await deliveries.record_retry(tx, delivery.id or 0, owner, ready_at, "defect", "")
        except StorageError as error:
            log.error("delivery %d: %s", delivery.id, error)

    @asynccontextmanager
    async def _held(self, delivery: Delivery, platform: Platform) -> AsyncIterator[tuple[Tx, str]]:
        """Give a transaction in which a delivery is ours, if it was not before and is nobody else's."""
        claimer = self._claimer(platform)
        async with self._db.write() as tx:
            await deliveries.claim(tx, [delivery.id or 0], claimer, now=self._clock(), lease=LEASE)
            yield tx, claimer.owner

    async def _failed(self, queue: _Queue, delivery: Delivery, chat: Chat, error: SendError) -> None:
        """Write down what a failed send means for the delivery and its chat."""
        delivery_id, chat_id, now = delivery.id or 0, chat.id or 0, self._clock()
        attempts = delivery.attempts + 1
        log.info("delivery %d not sent: %s %s", delivery_id, error.failure, error.code)
        if error.lane_wide and error.retry_at is not None:
            queue.closed_until = error.retry_at
        end = _end_of(error.failure, attempts)
        async with self._held(delivery, Platform(chat.platform)) as (tx, owner):
            if error.parts:
                await deliveries.record_parts(tx, {delivery_id: error.parts})
            if error.failure is Failure.MOVED:
                await deliveries.record_retry(tx, delivery_id, owner, now, error.code, error.moved_to)
                await chat_moves.move(tx, chat.platform, chat.native_id, chat.thread_id, error.moved_to)
            elif end is not None:
                await deliveries.record_end(tx, delivery_id, owner, end, error.code, str(error))
            else:
                ready_at = max(now, error.retry_at or _later(now, attempts))
                is_uncertain = error.failure is Failure.UNCERTAIN
                await deliveries.record_retry(
                    tx, delivery_id, owner, ready_at, error.code, str(error), is_uncertain=is_uncertain
                )
            if error.failure is Failure.GONE:
                await chats.set_state(tx, chat_id, STATES.get(error.code, ChatState.BLOCKED), error.code)
            elif error.failure is Failure.MISSING and end is not None:
                await chats.set_state(tx, chat_id, ChatState.GONE, error.code)


def _end_of(failure: Failure, attempts: int) -> DeliveryState | None:
    """How a delivery ends after a failure, None where it is tried again."""
    if failure is Failure.GONE:
        return DeliveryState.GONE
    if failure is Failure.REJECTED or failure is Failure.MISSING and attempts >= MISSING_TRIES:
        return DeliveryState.GIVEN_UP
    return None


def _outgoing(delivery: Delivery, chat: Chat, told: Told) -> Outgoing:
    return Outgoing(
        address=ChatAddress(Platform(chat.platform), chat.native_id, chat.thread_id, ChatKind(chat.kind), chat.title),
        reply=told.reply,
        language=chat.language,
        timezone=chat.timezone,
        # Numbers begin anew with another database, and go back with an older copy of it; what was due when does not.
        key=f"delivery-{delivery.id}-{delivery.due_at:%Y%m%dT%H%M%S}",
        sent_parts=tuple(delivery.parts),
        edits=told.edits,
    )


def _later(now: datetime, attempts: int) -> datetime:
    """When to try again, after the number of attempts made so far."""
    return now + PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]

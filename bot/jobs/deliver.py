"""Deliveries → messages: claimed under a lease, composed, sent, and written down as what became of them.

A row is claimed only when a place is free to send it at once, so that a row in `sending` is always one whose message
may be on its way: a kill leaves at most `BATCH` of them. They come back when their lease ends, or when a successor
knows that their sender is dead: whoever sends for a platform holds a lock beside the database (`alone.py`), which the
kernel takes from the dead, and signs its rows as its holder. Who gets the lock next takes their rows back.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.jobs.alone import Alone
from bot.platforms.outgoing import Failure, Outgoing, Sender, SendError
from handlers import delivering
from handlers.options import PICTURES, value_of
from handlers.reply import Reply
from handlers.request import ChatAddress
from storage import chat_moves, chats, deliveries
from storage.database import Database
from storage.errors import StorageError
from storage.states import ChatKind, ChatState, DeliveryState, Platform
from storage.tables import Chat, Delivery

log = logging.getLogger(__name__)

# How many deliveries of a platform are on their way at once.
BATCH = 8
LEASE = timedelta(minutes=5)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60))
LONGEST = timedelta(hours=24)
MISSING_TRIES = 3
# How the name of a sender begins that holds the lock of its platform.
SIGNED_ALONE = "alone:"
# What a platform says of a chat that is gone for now, where it is not just that it blocks us.
STATES = {"kicked": ChatState.LEFT, "left": ChatState.LEFT, "deactivated": ChatState.GONE}


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Messages that arrived."""

    delivery_id: int
    chat_id: int
    parts: tuple[str, ...]
    clips: tuple[int, ...]
    at: datetime


class Deliverer:
    """Sends what is owed; one that dies in the middle leaves rows that its successor takes up."""

    def __init__(self, db: Database, senders: Mapping[Platform, Sender], clock: Clock) -> None:
        self._db = db
        self._senders = senders
        self._clock = clock
        self._alone = Alone(db.address)
        self._name = secrets.token_hex(8)
        self._running: dict[Platform, dict[asyncio.Task[None], int]] = {platform: {} for platform in senders}
        # What arrived and is not written down yet, because the database refused.
        self._arrived: dict[Platform, dict[int, _Arrival]] = {platform: {} for platform in senders}
        self._closed_until: dict[Platform, datetime] = {}
        self._is_ending = False

    def end(self) -> None:
        """Begin no further send; what was claimed and not begun is given back."""
        self._is_ending = True

    async def tick(self) -> int:
        """Send all that is ready.

        Returns:
            How many deliveries were tried.

        Raises:
            StorageError: the database refused the claim.
        """
        counts = await asyncio.gather(*(self._drain(platform) for platform in self._senders))
        return sum(counts)

    def _owner(self, platform: Platform) -> str:
        """How we sign the rows of a platform."""
        return f"{SIGNED_ALONE}{self._name}" if self._alone.holds(platform) else self._name

    async def _succeed(self, platform: Platform) -> None:
        """Become the one sender of a platform where there is none, and take back what those before left behind."""
        if self._alone.holds(platform) or not self._alone.take(platform):
            return
        async with self._db.write() as tx:
            count = await deliveries.take_back(tx, platform=platform, dead=SIGNED_ALONE, but=self._owner(platform))
        if count:
            log.warning("%s: the sender before us died with %d deliveries on their way", platform, count)

    async def _drain(self, platform: Platform) -> int:
        await self._succeed(platform)
        for arrival in tuple(self._arrived[platform].values()):
            await self._write_down(platform, arrival)
        tried = 0
        refusal: StorageError | None = None
        async with asyncio.TaskGroup() as group:
            try:
                while self._is_open(platform):
                    started, is_all = await self._start_some(platform, group)
                    tried += started
                    if is_all:
                        break
                    await asyncio.wait(self._running[platform], return_when=asyncio.FIRST_COMPLETED)
            except StorageError as error:  # leaving the group with it would cut off what is on its way
                refusal = error
        if refusal is not None:
            raise refusal
        return tried

    async def _start_some(self, platform: Platform, group: asyncio.TaskGroup) -> tuple[int, bool]:
        """Fill the free places; gives how many were started, and whether nothing more is ready."""
        running = self._running[platform]
        free = BATCH - len(running)
        claimed = await self._claim(platform, free)
        for delivery_id in claimed:
            task = group.create_task(self._guarded(delivery_id, platform))
            running[task] = delivery_id
            task.add_done_callback(running.pop)
        return len(claimed), len(claimed) < free

    async def _claim(self, platform: Platform, limit: int) -> list[int]:
        holding = (*self._running[platform].values(), *self._arrived[platform])
        async with self._db.write() as tx:
            return await deliveries.claim(
                tx,
                platform=platform,
                owner=self._owner(platform),
                now=self._clock(),
                lease=LEASE,
                limit=limit,
                holding=holding,
            )

    def _is_open(self, platform: Platform) -> bool:
        closed_until = self._closed_until.get(platform)
        return not self._is_ending and (closed_until is None or closed_until <= self._clock())

    async def _guarded(self, delivery_id: int, platform: Platform) -> None:
        try:
            if self._is_open(platform):
                await self._deliver(delivery_id, platform)
            else:
                async with self._db.write() as tx:
                    await deliveries.release(tx, [delivery_id], self._owner(platform))
        except StorageError as error:  # the next tick writes down what arrived; its lease gives back what did not
            log.error("delivery %d: %s", delivery_id, error)
        except Exception:  # one delivery must never cost its neighbours
            log.exception("delivery %d failed", delivery_id)
            await self._defective(delivery_id, platform)

    async def _deliver(self, delivery_id: int, platform: Platform) -> None:
        async with self._db.read() as tx:
            found = await deliveries.get(tx, delivery_id)
            if found is None:
                return
            delivery, chat = found
            reply = await delivering.compose(tx, delivery)
        if value_of(chat.options, PICTURES) == "off":
            reply = reply.without_pictures()
        if self._clock() - delivery.due_at > LONGEST or not reply.blocks:
            await self._skip(delivery_id, platform, "too_late" if reply.blocks else "empty")
            return

        async def part_sent(parts: tuple[str, ...]) -> None:
            try:
                async with self._db.write() as tx:
                    await deliveries.record_part(tx, delivery_id, parts)
            except StorageError as error:  # the next part, or the end, writes them down
                log.error("delivery %d, part %d: %s", delivery_id, len(parts), error)

        try:
            parts = await self._senders[platform].send(_outgoing(delivery, chat, reply), part_sent)
        except SendError as error:
            await self._failed(delivery, chat, error)
            return
        arrival = _Arrival(delivery_id, chat.id or 0, parts, tuple(reply.clips), self._clock())
        self._arrived[platform][delivery_id] = arrival
        await self._write_down(platform, arrival)

    async def _write_down(self, platform: Platform, arrival: _Arrival) -> None:
        """Record what arrived; where the database refuses, it is kept for the next tick and not sent again meanwhile.

        Raises:
            StorageError: the database refused.
        """
        async with self._db.write() as tx:
            await deliveries.record_sent(tx, arrival.delivery_id, arrival.parts, arrival.at)
            for message_id in arrival.parts:
                await chats.remember_message(tx, arrival.chat_id, message_id, arrival.clips, arrival.at)
        self._arrived[platform].pop(arrival.delivery_id, None)

    async def _skip(self, delivery_id: int, platform: Platform, code: str) -> None:
        log.info("delivery %d skipped: %s", delivery_id, code)
        async with self._db.write() as tx:
            await deliveries.record_end(tx, delivery_id, self._owner(platform), DeliveryState.SKIPPED, code, "")

    async def _defective(self, delivery_id: int, platform: Platform) -> None:
        """Try a delivery that we fail at again later, until it is too late for it."""
        try:
            async with self._db.write() as tx:
                found = await deliveries.get(tx, delivery_id)
                if found is not None:
                    ready_at = _later(self._clock(), found[0].attempts)
                    await deliveries.record_retry(tx, delivery_id, self._owner(platform), ready_at, "defect", "")
        except StorageError as error:
            log.error("delivery %d: %s", delivery_id, error)

    async def _failed(self, delivery: Delivery, chat: Chat, error: SendError) -> None:
        """Write down what a failed send means for the delivery and its chat."""
        delivery_id, chat_id, now = delivery.id or 0, chat.id or 0, self._clock()
        owner = self._owner(Platform(chat.platform))
        log.info("delivery %d not sent: %s %s", delivery_id, error.failure, error.code)
        if error.lane_wide and error.retry_at is not None:
            self._closed_until[Platform(chat.platform)] = error.retry_at
        end = _end_of(error.failure, delivery.attempts)
        async with self._db.write() as tx:
            if error.parts:
                await deliveries.record_part(tx, delivery_id, error.parts)
            if error.failure is Failure.MOVED:
                await deliveries.record_retry(tx, delivery_id, owner, now, error.code, error.moved_to)
                await chat_moves.migrate(tx, chat.platform, chat.native_id, error.moved_to)
            elif end is not None:
                await deliveries.record_end(tx, delivery_id, owner, end, error.code, str(error))
            else:
                ready_at = max(now, error.retry_at or _later(now, delivery.attempts))
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


def _outgoing(delivery: Delivery, chat: Chat, reply: Reply) -> Outgoing:
    return Outgoing(
        address=ChatAddress(Platform(chat.platform), chat.native_id, chat.thread_id, ChatKind(chat.kind), chat.title),
        reply=reply,
        language=chat.language,
        timezone=chat.timezone,
        key=f"delivery-{delivery.id}",
        sent_parts=tuple(delivery.parts),
    )


def _later(now: datetime, attempts: int) -> datetime:
    """When to try again, after the number of attempts made so far."""
    return now + PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]

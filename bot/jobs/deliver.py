"""Deliveries → messages: claimed under a lease, composed, sent, and written down as what became of them."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.clock import Clock
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

BATCH = 50
PARALLEL = 8
LEASE = timedelta(minutes=5)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60))
LONGEST = timedelta(hours=24)
MISSING_TRIES = 3
# What a platform says of a chat that is gone for now, where it is not just that it blocks us.
STATES = {"kicked": ChatState.LEFT, "left": ChatState.LEFT, "deactivated": ChatState.GONE}


class Deliverer:
    """Sends what is owed; a worker that dies in the middle leaves rows that another takes up when the lease ends."""

    def __init__(self, db: Database, senders: Mapping[Platform, Sender], clock: Clock) -> None:
        self._db = db
        self._senders = senders
        self._clock = clock
        self._owner = secrets.token_hex(8)
        self._places = asyncio.Semaphore(PARALLEL)
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

    async def _drain(self, platform: Platform) -> int:
        tried = 0
        while self._is_open(platform):
            async with self._db.write() as tx:
                claimed = await deliveries.claim(
                    tx, platform=platform, owner=self._owner, now=self._clock(), lease=LEASE, limit=BATCH
                )
            async with asyncio.TaskGroup() as group:
                for delivery_id in claimed:
                    group.create_task(self._guarded(delivery_id, platform))
            tried += len(claimed)
            if len(claimed) < BATCH:
                break
        return tried

    def _is_open(self, platform: Platform) -> bool:
        closed_until = self._closed_until.get(platform)
        return not self._is_ending and (closed_until is None or closed_until <= self._clock())

    async def _guarded(self, delivery_id: int, platform: Platform) -> None:
        async with self._places:
            try:
                if self._is_open(platform):
                    await self._deliver(delivery_id, self._senders[platform])
                else:
                    async with self._db.write() as tx:
                        await deliveries.release(tx, [delivery_id], self._owner)
            except StorageError as error:  # its lease gives the delivery back
                log.error("delivery %d: %s", delivery_id, error)
            except Exception:  # one delivery must never cost its neighbours
                log.exception("delivery %d failed", delivery_id)
                await self._defective(delivery_id)

    async def _deliver(self, delivery_id: int, sender: Sender) -> None:
        async with self._db.read() as tx:
            found = await deliveries.get(tx, delivery_id)
            if found is None:
                return
            delivery, chat = found
            reply = await delivering.compose(tx, delivery)
        if value_of(chat.options, PICTURES) == "off":
            reply = reply.without_pictures()
        if self._clock() - delivery.due_at > LONGEST or not reply.blocks:
            await self._skip(delivery_id, "too_late" if reply.blocks else "empty")
            return

        async def part_sent(parts: tuple[str, ...]) -> None:
            async with self._db.write() as tx:
                await deliveries.record_part(tx, delivery_id, parts)

        try:
            parts = await sender.send(_outgoing(delivery, chat, reply), part_sent)
        except SendError as error:
            await self._failed(delivery, chat, error)
            return
        now = self._clock()
        async with self._db.write() as tx:
            await deliveries.record_sent(tx, delivery_id, parts, now)
            for message_id in parts:
                await chats.remember_message(tx, chat.id or 0, message_id, reply.clips, now)

    async def _skip(self, delivery_id: int, code: str) -> None:
        log.info("delivery %d skipped: %s", delivery_id, code)
        async with self._db.write() as tx:
            await deliveries.record_end(tx, delivery_id, self._owner, DeliveryState.SKIPPED, code, "")

    async def _defective(self, delivery_id: int) -> None:
        """Try a delivery that we fail at again later, until it is too late for it."""
        try:
            async with self._db.write() as tx:
                found = await deliveries.get(tx, delivery_id)
                if found is not None:
                    ready_at = _later(self._clock(), found[0].attempts)
                    await deliveries.record_retry(tx, delivery_id, self._owner, ready_at, "defect", "")
        except StorageError as error:
            log.error("delivery %d: %s", delivery_id, error)

    async def _failed(self, delivery: Delivery, chat: Chat, error: SendError) -> None:
        """Write down what a failed send means for the delivery and its chat."""
        delivery_id, chat_id, now = delivery.id or 0, chat.id or 0, self._clock()
        log.info("delivery %d not sent: %s %s", delivery_id, error.failure, error.code)
        if error.lane_wide and error.retry_at is not None:
            self._closed_until[Platform(chat.platform)] = error.retry_at
        end = _end_of(error.failure, delivery.attempts)
        async with self._db.write() as tx:
            if error.parts:
                await deliveries.record_part(tx, delivery_id, error.parts)
            if error.failure is Failure.MOVED:
                await deliveries.record_retry(tx, delivery_id, self._owner, now, error.code, error.moved_to)
                await chat_moves.migrate(tx, chat.platform, chat.native_id, error.moved_to)
            elif end is not None:
                await deliveries.record_end(tx, delivery_id, self._owner, end, error.code, str(error))
            else:
                ready_at = max(now, error.retry_at or _later(now, delivery.attempts))
                is_uncertain = error.failure is Failure.UNCERTAIN
                await deliveries.record_retry(
                    tx, delivery_id, self._owner, ready_at, error.code, str(error), is_uncertain=is_uncertain
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

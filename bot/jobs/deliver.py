"""Deliveries → messages: claimed under a lease, composed, sent, and written down as what became of them."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.platforms.outgoing import Failure, Outgoing, Sender, SendError
from handlers import delivering
from handlers.request import ChatAddress
from storage import chat_moves, chats, deliveries
from storage.database import Database
from storage.states import ChatKind, ChatState, DeliveryState, Platform
from storage.tables import Chat, Delivery

log = logging.getLogger(__name__)

BATCH = 50
PARALLEL = 8
LEASE = timedelta(minutes=5)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60))
LONGEST = timedelta(hours=24)
MISSING_TRIES = 3


class Deliverer:
    """Sends what is owed; a worker that dies in the middle leaves rows that another takes up when the lease ends."""

    def __init__(self, db: Database, senders: Mapping[Platform, Sender], clock: Clock) -> None:
        self._db = db
        self._senders = senders
        self._clock = clock
        self._owner = secrets.token_hex(8)
        self._places = asyncio.Semaphore(PARALLEL)

    async def tick(self) -> int:
        """Send all that is ready.

        Returns:
            How many deliveries were tried.
        """
        tried = 0
        for platform, sender in self._senders.items():
            while True:
                async with self._db.write() as tx:
                    claimed = await deliveries.claim(
                        tx, platform=platform, owner=self._owner, now=self._clock(), lease=LEASE, limit=BATCH
                    )
                async with asyncio.TaskGroup() as group:
                    for delivery_id in claimed:
                        group.create_task(self._guarded(delivery_id, sender))
                tried += len(claimed)
                if len(claimed) < BATCH:
                    break
        return tried

    async def _guarded(self, delivery_id: int, sender: Sender) -> None:
        async with self._places:
            try:
                await self._deliver(delivery_id, sender)
            except Exception:  # one delivery must never cost its neighbours; its lease gives it back
                log.exception("delivery %d failed", delivery_id)

    async def _deliver(self, delivery_id: int, sender: Sender) -> None:
        async with self._db.read() as tx:
            found = await deliveries.get(tx, delivery_id)
            if found is None:
                return
            delivery, chat = found
            reply = await delivering.compose(tx, delivery)
        outgoing = Outgoing(
            address=ChatAddress(
                Platform(chat.platform), chat.native_id, chat.thread_id, ChatKind(chat.kind), chat.title
            ),
            reply=reply,
            language=chat.language,
            timezone=chat.timezone,
            key=f"delivery-{delivery_id}",
            sent_parts=tuple(delivery.parts),
        )

        async def part_sent(parts: tuple[str, ...]) -> None:
            async with self._db.write() as tx:
                await deliveries.record_part(tx, delivery_id, parts)

        try:
            parts = await sender.send(outgoing, part_sent)
        except SendError as error:
            await self._failed(delivery, chat, error)
            return
        now = self._clock()
        async with self._db.write() as tx:
            await deliveries.record_sent(tx, delivery_id, parts, now)
            for message_id in parts:
                await chats.remember_message(tx, chat.id or 0, message_id, reply.clips, now)

    async def _failed(self, delivery: Delivery, chat: Chat, error: SendError) -> None:
        """Write down what a failed send means for the delivery and its chat."""
        delivery_id, chat_id, now = delivery.id or 0, chat.id or 0, self._clock()
        log.info("delivery %d not sent: %s %s", delivery_id, error.failure, error.code)
        gives_up = now - delivery.due_at > LONGEST
        async with self._db.write() as tx:
            match error.failure:
                case Failure.GONE:
                    await chats.set_state(tx, chat_id, ChatState.BLOCKED, error.code)
                    await deliveries.record_end(tx, delivery_id, DeliveryState.GONE, error.code, str(error))
                case Failure.MOVED:
                    await chat_moves.migrate(tx, chat.platform, chat.native_id, error.moved_to)
                    await deliveries.record_retry(tx, delivery_id, now, error.code, str(error))
                case Failure.MISSING if delivery.attempts >= MISSING_TRIES:
                    await chats.set_state(tx, chat_id, ChatState.GONE, error.code)
                    await deliveries.record_end(tx, delivery_id, DeliveryState.GIVEN_UP, error.code, str(error))
                case Failure.REJECTED:
                    await deliveries.record_end(tx, delivery_id, DeliveryState.GIVEN_UP, error.code, str(error))
                case _ if gives_up:
                    await deliveries.record_end(tx, delivery_id, DeliveryState.GIVEN_UP, error.code, str(error))
                case failure:
                    if failure is Failure.UNCERTAIN:
                        await deliveries.count_uncertain(tx, delivery_id)
                    ready_at = error.retry_at or _later(now, delivery.attempts)
                    await deliveries.record_retry(tx, delivery_id, ready_at, error.code, str(error))


def _later(now: datetime, attempts: int) -> datetime:
    """When to try again, after the number of attempts made so far."""
    return now + PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]

"""What many sends write into the ledger at once: whoever asks while a transaction runs goes into the next one.

At thirty messages a second each claim has a transaction of its own; at a thousand some twenty share one.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from bot.clock import Clock
from storage import deliveries
from storage.database import Database, Tx
from storage.deliveries import Claimer

LEASE = timedelta(minutes=5)
# The more rows a transaction had, the longer the next one gathers: a row costs about so much less than a transaction.
REST_PER_ROW_S = 0.0005
LONGEST_REST_S = 0.02

Parts = tuple[str, ...]


@dataclass(slots=True)
class _Batch:
    """What waits for the next transaction.

    Attributes:
        claims: delivery number → who claims it.
        parts: delivery number → messages that arrived so far.
        sent: delivery number → all its messages.
        written: the claimed deliveries that became their claimers', once the transaction ended.
    """

    claims: dict[int, Claimer] = field(default_factory=dict)
    parts: dict[int, Parts] = field(default_factory=dict)
    sent: dict[int, Parts] = field(default_factory=dict)
    written: "asyncio.Future[set[int]]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def rows(self) -> int:
        return len(self.claims) + len(self.parts) + len(self.sent)


class Ledger:
    """Claims and records, each of which returns when it is written for good.

    All of them raise StorageError where the database refused; nothing was written then.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._next: _Batch | None = None
        self._writer: asyncio.Task[None] | None = None

    async def claim(self, delivery_id: int, claimer: Claimer) -> bool:
        """Take a delivery whose message is sent the very next moment; False where it must not be sent now."""
        batch = self._batch()
        batch.claims[delivery_id] = claimer
        return delivery_id in await asyncio.shield(batch.written)

    async def part_sent(self, delivery_id: int, parts: Parts) -> None:
        """Write down the messages of a delivery that arrived so far."""
        batch = self._batch()
        batch.parts[delivery_id] = parts
        await asyncio.shield(batch.written)

    async def sent(self, delivery_id: int, parts: Parts) -> None:
        """Write down that a delivery arrived, with all its messages."""
        batch = self._batch()
        batch.sent[delivery_id] = parts
        await asyncio.shield(batch.written)

    def _batch(self) -> _Batch:
        if self._next is None:
            self._next = _Batch()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return self._next

    async def _write_all(self) -> None:
        while self._next is not None:
            batch, self._next = self._next, None
            try:
                async with self._db.write() as tx:
                    mine = await self._write(tx, batch)
            except Exception as error:  # noqa: BLE001 - it goes to those who wait for this batch
                batch.written.set_exception(error)
            else:
                batch.written.set_result(mine)
            if batch.rows > 1:
                await asyncio.sleep(min(batch.rows * REST_PER_ROW_S, LONGEST_REST_S))

    async def _write(self, tx: Tx, batch: _Batch) -> set[int]:
        """Write a batch; gives the claimed deliveries that became their claimers'."""
        now = self._clock()
        await deliveries.record_parts(tx, batch.parts)
        await deliveries.record_sent(tx, batch.sent, now)
        mine: set[int] = set()
        for claimer in set(batch.claims.values()):
            ids = [delivery_id for delivery_id, each in batch.claims.items() if each == claimer]
            mine |= await deliveries.claim(tx, ids, claimer, now=now, lease=LEASE)
        return mine

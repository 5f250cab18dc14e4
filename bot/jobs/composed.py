"""What deliveries say, composed once for all that say the same within a while."""

import asyncio
from collections.abc import Hashable
from datetime import datetime, timedelta

from bot.clock import Clock
from handlers import delivering
from handlers.delivering import Told
from storage.database import Database
from storage.tables import Delivery

# A clip that its source changes or takes back meanwhile is still told as it was for so long.
FRESH = timedelta(seconds=30)
KEPT = 500


class Composed:
    """Deliveries → what they say; chats with equal editions share one object, which platforms render once."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._kept: dict[tuple[Hashable, bool], tuple[datetime, Told]] = {}
        # So that of many who want the same at once one composes it.
        self._turn = asyncio.Lock()

    async def of(self, delivery: Delivery, *, with_pictures: bool) -> Told:
        """What a delivery says.

        Raises:
            StorageError: the database refused.
        """
        likeness = delivering.likeness(delivery)
        if likeness is None:
            return await self._compose(delivery, with_pictures=with_pictures)
        key = (likeness, with_pictures)
        found = self._fresh(key)
        if found is not None:
            return found
        async with self._turn:
            found = self._fresh(key) or await self._compose(delivery, with_pictures=with_pictures)
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = (self._clock(), found)
            return found

    def _fresh(self, key: tuple[Hashable, bool]) -> Told | None:
        at, told = self._kept.get(key, (None, None))
        return told if at is not None and timedelta() <= self._clock() - at < FRESH else None

    async def _compose(self, delivery: Delivery, *, with_pictures: bool) -> Told:
        async with self._db.read() as tx:
            told = await delivering.compose(tx, delivery)
        return told if with_pictures else told._replace(reply=told.reply.without_pictures())

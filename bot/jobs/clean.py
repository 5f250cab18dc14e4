"""Forgets what is of no more use, in small portions, so that the database does not grow for ever."""

from bot.clock import Clock
from handlers.retention import LEDGER_FOR, SHOWN_FOR
from storage import deliveries
from storage.database import Database

PORTION = 500


class Cleaner:
    """Drops old memory of shown messages and settled deliveries."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def tick(self) -> int:
        """Drop one portion of each.

        Returns:
            How many rows went.
        """
        now = self._clock()
        async with self._db.write() as tx:
            return await deliveries.forget_old(
                tx, shown_before=now - SHOWN_FOR, settled_before=now - LEDGER_FOR, limit=PORTION
            )

"""Forgets what is of no more use, in small portions, so that the database does not grow for ever."""

from datetime import timedelta

from bot.clock import Clock
from handlers.retention import CLIPS_FOR, LEDGER_FOR, SHOWN_FOR, TOMBSTONES_FOR
from storage import deliveries, retention
from storage.database import Database

PORTION = 500
# Clips carry their texts, stems and index entries with them: a portion holds the writer up for some tens of ms.
CLIPS_PORTION = 100
CLIPS_PORTIONS = 20


class Cleaner:
    """Drops old memory of shown messages, settled deliveries and old clips.

    Args:
        clips_for: how long clips are kept.
    """

    def __init__(self, db: Database, clock: Clock, clips_for: timedelta = CLIPS_FOR) -> None:
        self._db = db
        self._clock = clock
        self._clips_for = clips_for

    async def tick(self) -> int:
        """Drop one portion of the ledger and some of the clips, each in a transaction of its own.

        Returns:
            How many rows went.
        """
        now = self._clock()
        async with self._db.write() as tx:
            gone = await deliveries.forget_old(
                tx, shown_before=now - SHOWN_FOR, settled_before=now - LEDGER_FOR, limit=PORTION
            )
            gone += await retention.forget_tombstones(tx, seen_before=now - TOMBSTONES_FOR, limit=PORTION)
        for _ in range(CLIPS_PORTIONS):
            async with self._db.write() as tx:
                forgotten = await retention.forget_clips(
                    tx, added_before=now - self._clips_for, now=now, limit=CLIPS_PORTION
                )
            gone += forgotten
            if forgotten < CLIPS_PORTION:
                break
        return gone

"""Forgets what is of no more use, in small portions, so that the database does not grow for ever."""

from datetime import datetime, timedelta

from bot.clock import Clock
from handlers.retention import CLIPS_FOR, LEDGER_FOR, SHOWN_FOR, TOMBSTONES_FOR
from storage import deliveries, facts, retention
from storage.database import Database, Tx

PORTION = 500
# Clips carry their texts, stems and index entries with them: a portion holds the writer up for some tens of ms.
CLIPS_PORTION = 100
CLIPS_PORTIONS = 20
# A clock that is months ahead would have everything forgotten: after such a leap all is left alone for a day.
LEAP = timedelta(days=7)
LEFT_ALONE_FOR = timedelta(days=1)
_SEEN = "clean.seen_at"
_LEAPT = "clean.leapt_at"


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
            if not await _trusts(tx, now):
                return 0
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


async def _trusts(tx: Tx, now: datetime) -> bool:
    """Whether the clock has been going on as clocks do for a day, seen from one look to the next."""
    seen, leapt = [await facts.get(tx, name) for name in (_SEEN, _LEAPT)]
    await facts.put(tx, _SEEN, now.isoformat())
    if seen and not timedelta() <= now - datetime.fromisoformat(seen) <= LEAP:
        leapt = now.isoformat()
        await facts.put(tx, _LEAPT, leapt)
    return not leapt or not timedelta() <= now - datetime.fromisoformat(leapt) < LEFT_ALONE_FOR

"""Digests that are due → deliveries."""

import logging
from datetime import timedelta

from bot.clock import Clock
from handlers import planning
from handlers.ports import Desk
from storage.database import Database

log = logging.getLogger(__name__)


class Planner:
    """Plans what is due; what it writes down is owed from then on, whatever happens."""

    def __init__(self, db: Database, desk: Desk, clock: Clock, grace: timedelta = planning.GRACE) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock
        self._grace = grace

    async def tick(self) -> int:
        """Plan all digests that are due.

        Returns:
            How many are owed now that were not before.
        """
        report = await planning.plan_due(self._db, self._desk, self._clock(), grace=self._grace)
        if report.planned or report.too_late:
            log.info(
                "%d digests planned from %d editions, %d too late", report.planned, report.editions, report.too_late
            )
        return report.planned

"""Digests and alerts that are due → deliveries."""

import logging
from datetime import timedelta

from bot.clock import Clock
from handlers import alerting, planning
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
        """Plan all digests and alerts that are due.

        Returns:
            How many are owed now that were not before.

        Raises:
            StorageError: the database refused; what is not planned yet stays due.
        """
        report = await planning.plan_due(self._db, self._desk, self._clock(), grace=self._grace)
        if report != planning.PlanReport():
            log.info(
                "digests: %d planned from %d editions, %d too late, %d with nothing new, %d failed",
                report.planned,
                report.editions,
                report.too_late,
                report.nothing_new,
                report.failed,
            )
        alerts = await alerting.plan_alerts(self._db, self._clock())
        if alerts:
            log.info("alerts: %d planned", alerts)
        return report.planned + alerts

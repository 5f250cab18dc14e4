"""Digests, alerts and corrections that are due → deliveries."""

import asyncio
import logging
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.jobs.deliver import LONGEST
from handlers import alerting, correcting, planning, timekeeping
from handlers.ports import Desk
from storage.database import Database

log = logging.getLogger(__name__)

CORRECT_EVERY = timedelta(minutes=1)
# So many times as long as a portion took, planning rests after it.
REST = 2.0
LONGEST_REST_S = 1.0


class Planner:
    """Plans what is due; what it writes down is owed from then on, whatever happens."""

    def __init__(self, db: Database, desk: Desk, clock: Clock, grace: timedelta = planning.GRACE) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock
        self._grace = grace
        self._corrected_at: datetime | None = None
        self._resumed_at = 0.0

    async def tick(self) -> int:
        """Plan all digests and alerts that are due, and once a minute the corrections of what was sent.

        Returns:
            How many are owed now that were not before.

        Raises:
            StorageError: the database refused; what is not planned yet stays due.
        """
        # Read once: what is decided on at an instant that timekeeping does not know of could not be put right.
        now = self._clock()
        await self._keep_time(now)
        return await self._plan_digests(now) + await self._plan_alerts(now) + await self._plan_corrections(now)

    async def _keep_time(self, now: datetime) -> None:
        step = await timekeeping.keep_time(self._db, now, grace=self._grace, longest=LONGEST)
        if step is not None:
            log.warning(
                "the clock of this machine went back by %s: %d slots counted anew, %d digests to be composed anew, "
                "%d deliveries owed again",
                step.by,
                step.slots,
                step.unmade,
                step.revived,
            )

    async def _plan_digests(self, now: datetime) -> int:
        self._resumed_at = asyncio.get_running_loop().time()
        report = await planning.plan_due(self._db, self._desk, now, grace=self._grace, rest=self._rest)
        if report != planning.PlanReport():
            log.info(
                "digests: %d planned from %d editions, %d too late, %d with nothing new, %d failed",
                report.planned,
                report.editions,
                report.too_late,
                report.nothing_new,
                report.failed,
            )
        return report.planned

    async def _rest(self) -> None:
        """Leave most of the time to those who send what is planned already, and to those who answer."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(min(REST * (loop.time() - self._resumed_at), LONGEST_REST_S))
        self._resumed_at = loop.time()

    async def _plan_alerts(self, now: datetime) -> int:
        planned = await alerting.plan_alerts(self._db, now)
        if planned:
            log.info("alerts: %d planned", planned)
        return planned

    async def _plan_corrections(self, now: datetime) -> int:
        before = self._corrected_at
        # A clock that went back must not make corrections wait until it is where it was.
        if before is not None and timedelta() <= now - before < CORRECT_EVERY:
            return 0
        planned = await correcting.plan_corrections(self._db, now)
        self._corrected_at = now
        if planned:
            log.info("corrections: %d planned", planned)
        return planned

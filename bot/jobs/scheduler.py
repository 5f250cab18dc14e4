"""APScheduler's ticks: when each job is asked; what is due, the database says."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something done again and again; `run` gives how much it did."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[int]]


class Jobs:
    """Runs jobs at their intervals; a job that fails is logged and asked again the next time."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = tuple(jobs)
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self) -> None:
        """Begin; every job is asked at once, then at its interval, never twice at the same time."""
        for job in self._jobs:
            self._scheduler.add_job(
                self._guarded,
                IntervalTrigger(seconds=job.every.total_seconds(), timezone="UTC"),
                args=(job,),
                id=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.start()

    async def stop(self) -> None:
        """Ask no more; what runs is left to end by itself."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def run_once(self) -> None:
        """Run every job once, in order."""
        for job in self._jobs:
            await self._guarded(job)

    async def _guarded(self, job: Job) -> None:
        try:
            await job.run()
        except Exception:  # a job must never end the others
            log.exception("job %s failed", job.name)

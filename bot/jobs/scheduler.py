"""APScheduler's ticks: when each job is asked; what is due, the database says."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import clock

log = logging.getLogger(__name__)

LAST_CALL = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Job:
    """Something done again and again; `run` gives how much it did.

    Attributes:
        end: called when the bot stops, so that a long run comes to its end.
    """

    name: str
    every: timedelta
    run: Callable[[], Awaitable[int]]
    end: Callable[[], None] | None = None


class Jobs:
    """Runs jobs at their intervals; a job that fails is logged and asked again the next time."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = tuple(jobs)
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._running: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin; every job is asked at once, then at its interval, never twice at the same time."""
        for job in self._jobs:
            self._scheduler.add_job(
                self._tick,
                IntervalTrigger(seconds=job.every.total_seconds(), timezone="UTC"),
                args=(job,),
                id=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
                next_run_time=clock.now(),
            )
        self._scheduler.start()

    async def stop(self) -> None:
        """Ask no more, and wait for what runs, so that no message is left between its sending and its record."""
        for job in self._jobs:
            if job.end is not None:
                job.end()
        if self._scheduler.running:
            self._scheduler.pause()
        if self._running:
            await asyncio.wait(self._running, timeout=LAST_CALL.total_seconds())
        # APScheduler cancels what still runs.
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def run_once(self) -> None:
        """Run every job once, in order."""
        for job in self._jobs:
            await self._guarded(job)

    async def _tick(self, job: Job) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - the scheduler runs coroutines as tasks
        self._running.add(task)
        try:
            await self._guarded(job)
        finally:
            self._running.discard(task)

    async def _guarded(self, job: Job) -> None:
        try:
            await job.run()
        except Exception:  # a job must never end the others
            log.exception("job %s failed", job.name)

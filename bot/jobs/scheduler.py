"""APScheduler's ticks: when each job is asked; what is due, the database says."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from bot.clock import Clock, Sleep, now
from storage.errors import StorageError

log = logging.getLogger(__name__)

# How long what runs may come to its end by itself, and how long what is cut off then may write down how far it came.
# With the last words of the platforms a stop takes 15 seconds at most, whatever hangs.
LAST_CALL_S = 6.0
LAST_WORDS_S = 2.0
# How often the wall clock is compared with one that only goes forward, and what counts as a jump.
WATCH_S = 5.0
JUMP_S = 2.0
# A job that was not asked so long after its time waits for another clock.
LATE_S = 2.0


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

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        wall: Clock = now,
        sleep: Sleep = asyncio.sleep,
        last_call_s: float = LAST_CALL_S,
    ) -> None:
        """Begin nothing yet.

        Args:
            wall: the clock of the machine, which may jump.
            sleep: waits between two looks at it.
            last_call_s: how long what runs may go on at the end.
        """
        self._last_call_s = last_call_s
        self._jobs = tuple(jobs)
        self._wall = wall
        self._sleep = sleep
        # What the database said last to each job that it refuses.
        self._refusals: dict[str, str] = {}
        self._watching: asyncio.Task[None] | None = None
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._running: set[asyncio.Task[None]] = set()
        # When each job is to be asked next, by a clock that only goes forward.
        self._due_at: dict[str, float] = {}
        self._is_ending = False

    def start(self) -> None:
        """Begin; every job is asked at once, then at its interval, never twice at the same time."""
        for job in self._jobs:
            self._arm(job, 0.0)
        self._scheduler.start()
        self._watching = asyncio.create_task(self._watch())

    def _arm(self, job: Job, wait_s: float) -> None:
        """Ask a job once, after some seconds; it is armed again when it has run.

        A job with an interval would list every turn that it missed, one by one, when the clock goes forward by months.
        """
        self._due_at[job.name] = asyncio.get_running_loop().time() + wait_s
        self._scheduler.add_job(
            self._tick,
            DateTrigger(now() + timedelta(seconds=wait_s), timezone="UTC"),
            args=(job,),
            id=job.name,
            misfire_grace_time=None,
            # To APScheduler a job that arms itself again still runs.
            max_instances=2,
            replace_existing=True,
        )

    async def _watch(self) -> None:
        """Ask jobs again that wait for a time on a clock that jumped: the scheduler knows the machine's clock alone."""
        steady = asyncio.get_running_loop().time
        wall, at = self._wall(), steady()
        while True:
            await self._sleep(WATCH_S)
            wall_before, before = wall, at
            wall, at = self._wall(), steady()
            jump_s = (wall - wall_before).total_seconds() - (at - before)
            if abs(jump_s) > JUMP_S:
                log.warning("the clock of this machine jumped by %+.0f s", jump_s)
            for job in self._scheduler.get_jobs():
                # Two jumps may undo each other between two looks, and leave a job waiting for a time in between.
                if abs(jump_s) > JUMP_S or at > self._due_at[job.id] + LATE_S:
                    job.modify(next_run_time=now())

    async def stop(self) -> None:
        """Ask no more, and wait for what runs, so that no message is left between its sending and its record.

        What takes too long is cut off, and has a moment to write down how far it came.
        """
        self._is_ending = True
        for job in self._jobs:
            if job.end is not None:
                job.end()
        if self._watching is not None:
            self._watching.cancel()
        if self._scheduler.running:
            self._scheduler.pause()
        running = set(self._running)
        if running:
            _done, running = await asyncio.wait(running, timeout=self._last_call_s)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=LAST_WORDS_S)
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
        steady = asyncio.get_running_loop().time
        began = steady()
        try:
            await self._guarded(job)
        except asyncio.CancelledError:
            if not self._is_ending:
                raise
            log.warning("%s was cut off, because it took too long to end", job.name)
        finally:
            self._running.discard(task)
        if not self._is_ending:
            self._arm(job, max(0.0, job.every.total_seconds() - (steady() - began)))

    async def _guarded(self, job: Job) -> None:
        try:
            await job.run()
            self._refusals.pop(job.name, None)
        except Exception as error:  # a job must never end the others
            refusal = _refusal_in(error)
            if refusal is None:
                log.exception("job %s failed", job.name)
                return
            # Nothing of ours: one line for as long as the database says the same.
            if self._refusals.get(job.name) != str(refusal):
                log.error("%s: %s", job.name, refusal)
            self._refusals[job.name] = str(refusal)


def _refusal_in(error: Exception) -> StorageError | None:
    """What the database said, also where tasks of a group heard it; None where anything else went wrong too."""
    while isinstance(error, ExceptionGroup):
        if error.split(StorageError)[1] is not None:
            return None
        error = error.exceptions[0]
    return error if isinstance(error, StorageError) else None

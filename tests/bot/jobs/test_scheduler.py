"""Jobs run at once and again, one never costs another, and stopping waits for what runs."""

import asyncio
from datetime import datetime, timedelta, tzinfo

import pytest

from bot import clock
from bot.jobs.scheduler import Job, Jobs
from storage.errors import DatabaseFull
from tests.make import MovableClock

LONG = timedelta(hours=1)


class Work:
    """A job that counts its runs; it can fail, or wait until it is let go."""

    def __init__(self, name: str, *, fails: bool = False, waits: bool = False) -> None:
        self.name = name
        self.runs = 0
        self.ended = 0
        self.began = asyncio.Event()
        self.may_go = asyncio.Event()
        self._fails = fails
        if not waits:
            self.may_go.set()

    async def run(self) -> int:
        self.runs += 1
        self.began.set()
        if self._fails:
            raise RuntimeError(self.name)
        await self.may_go.wait()
        self.ended += 1
        return 1

    def job(self, every: timedelta = LONG) -> Job:
        return Job(self.name, every, self.run, self.may_go.set)


async def test_each_job_runs_once_in_order_and_a_failing_one_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    order: list[str] = []

    async def note(name: str) -> int:
        order.append(name)
        return 0

    broken = Work("broken", fails=True)
    await Jobs([Job("a", LONG, lambda: note("a")), broken.job(), Job("b", LONG, lambda: note("b"))]).run_once()
    assert (order, broken.runs) == (["a", "b"], 1)
    assert "job broken failed" in caplog.text


async def test_started_jobs_are_asked_at_once_although_one_fails() -> None:
    works = [Work("broken", fails=True), Work("fine")]
    jobs = Jobs([work.job() for work in works])
    jobs.start()
    async with asyncio.timeout(5):
        for work in works:
            await work.began.wait()
    await jobs.stop()
    assert [work.runs for work in works] == [1, 1]


async def test_failing_job_is_asked_again() -> None:
    broken = Work("broken", fails=True)
    jobs = Jobs([broken.job(timedelta(milliseconds=20))])
    jobs.start()
    async with asyncio.timeout(5):
        while broken.runs < 2:
            broken.began.clear()
            await broken.began.wait()
    await jobs.stop()


async def test_stopping_tells_a_long_job_to_end_and_waits_for_it() -> None:
    long = Work("long", waits=True)
    jobs = Jobs([long.job()])
    jobs.start()
    async with asyncio.timeout(5):
        await long.began.wait()
        await jobs.stop()
    assert long.ended == 1


async def test_what_takes_too_long_to_end_is_cut_off_and_may_write_down_how_far_it_came(
    caplog: pytest.LogCaptureFixture,
) -> None:
    began, written = asyncio.Event(), asyncio.Event()

    async def hangs() -> int:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.02)
            written.set()
        return 0

    jobs = Jobs([Job("poll", LONG, hangs)], last_call_s=0.01)
    jobs.start()
    async with asyncio.timeout(5):
        await began.wait()
        await jobs.stop()
    assert written.is_set()
    assert [record.getMessage() for record in caplog.records if record.levelname != "INFO"] == [
        "poll was cut off, because it took too long to end"
    ]


async def test_stopping_before_the_start_does_nothing() -> None:
    await Jobs([Work("a").job()]).stop()


@pytest.mark.parametrize("days", [-5, 5])
async def test_jobs_go_on_at_once_when_the_clock_of_the_machine_jumps(
    days: int, caplog: pytest.LogCaptureFixture
) -> None:
    work, wall, looks = Work("fine"), MovableClock(), asyncio.Semaphore(0)

    async def sleep(seconds: float) -> None:
        await looks.acquire()

    jobs = Jobs([work.job()], wall=wall, sleep=sleep)
    jobs.start()
    async with asyncio.timeout(5):
        await work.began.wait()
        work.began.clear()
        wall.move(days=days)
        looks.release()
        await work.began.wait()
    await jobs.stop()
    assert work.runs == 2
    assert f"jumped by {days * 86_400:+d} s" in caplog.text


async def test_a_job_armed_by_a_clock_that_was_wrong_for_a_moment_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody saw the clock go forward and back again."""
    work, looks = Work("work", waits=True), asyncio.Semaphore(0)

    async def sleep(seconds: float) -> None:
        await looks.acquire()

    monkeypatch.setattr("bot.jobs.scheduler.LATE_S", 0.0)
    jobs = Jobs([work.job(timedelta(milliseconds=1))], sleep=sleep)
    jobs.start()
    async with asyncio.timeout(5):
        await work.began.wait()
        work.began.clear()
        monkeypatch.setattr("bot.jobs.scheduler.now", lambda: clock.now() + timedelta(days=5))
        work.may_go.set()
        while work.ended < 1:  # noqa: ASYNC110 - it is about to end
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)
        monkeypatch.setattr("bot.jobs.scheduler.now", clock.now)
        looks.release()
        await work.began.wait()
    await jobs.stop()


async def test_turns_that_a_clock_skipped_are_not_listed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return clock.now().astimezone(tz) + timedelta(days=365)

    work = Work("work")
    jobs = Jobs([work.job(timedelta(milliseconds=20))])
    jobs.start()
    async with asyncio.timeout(5):
        await work.began.wait()
        monkeypatch.setattr("apscheduler.schedulers.base.datetime", Ahead)
        before = work.runs
        while work.runs < before + 2:
            work.began.clear()
            await work.began.wait()
    await jobs.stop()


async def test_database_that_refuses_is_one_line_and_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    async def refused() -> int:
        raise DatabaseFull("The disk is full.")

    async def refused_together() -> int:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(refused()) for _ in range(2)]
        return len(tasks)

    jobs = Jobs([Job("plan", LONG, refused), Job("deliver", LONG, refused_together)])
    await jobs.run_once()
    await jobs.run_once()
    assert caplog.text.count("plan: The disk is full.") == 1
    assert caplog.text.count("deliver: The disk is full.") == 1
    assert "Traceback" not in caplog.text


async def test_a_fault_of_ours_beside_a_refusal_of_the_database_is_not_hidden(caplog: pytest.LogCaptureFixture) -> None:
    async def both() -> int:
        raise ExceptionGroup("both", [DatabaseFull("The disk is full."), ZeroDivisionError()])

    await Jobs([Job("deliver", LONG, both)]).run_once()
    assert "job deliver failed" in caplog.text

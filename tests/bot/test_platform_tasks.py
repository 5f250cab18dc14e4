"""Tasks that end with their owner, and how long an answer waits before it is tried again."""

import asyncio
from datetime import timedelta

import pytest

from bot.platforms.outgoing import Failure, SendError
from bot.platforms.tasks import Tasks
from bot.platforms.troubles import Troubles
from bot.platforms.waiting import LONGEST_WAIT_S, pause_s
from tests.make import NOW, MovableClock


async def test_what_is_begun_is_finished_in_the_time_given_and_cancelled_after_it() -> None:
    tasks, over = Tasks(), asyncio.Event()
    quick = tasks.begin(asyncio.sleep(0))
    slow = tasks.begin(wait_for(over))
    await tasks.end(0.05)
    assert (quick.cancelled(), slow.cancelled()) == (False, True)


async def wait_for(event: asyncio.Event) -> None:
    await event.wait()


async def test_more_is_begun_only_when_less_is_under_way() -> None:
    tasks, over = Tasks(), asyncio.Event()
    tasks.begin(wait_for(over))
    waiting = asyncio.create_task(tasks.until_fewer_than(1))
    await asyncio.sleep(0)
    assert not waiting.done()
    over.set()
    await waiting


async def test_a_task_that_fails_is_logged_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise RuntimeError("boom")

    tasks, over = Tasks(), asyncio.Event()
    other = tasks.begin(wait_for(over))
    await asyncio.wait([tasks.begin(fails())])
    over.set()
    await other
    assert [record.exc_info[1].args for record in caplog.records if record.exc_info and record.exc_info[1]] == [
        ("boom",)
    ]


def test_pauses_grow_or_are_what_the_platform_asks_for() -> None:
    plain = SendError(Failure.RETRY, "server")
    assert [pause_s(plain, attempt, NOW, tries=5) for attempt in (1, 2, 3)] == [1.0, 2.0, 4.0]
    asked = SendError(Failure.RETRY, "flood", retry_at=NOW + timedelta(seconds=7))
    assert pause_s(asked, 1, NOW, tries=5) == 7.0
    assert pause_s(asked, 1, NOW + timedelta(minutes=1), tries=5) == 0.0


@pytest.mark.parametrize(
    ("error", "attempt"),
    [
        (SendError(Failure.RETRY, "server"), 5),
        (SendError(Failure.GONE, "blocked"), 1),
        (SendError(Failure.RETRY, "flood", retry_at=NOW + timedelta(seconds=LONGEST_WAIT_S + 1)), 1),
    ],
)
def test_an_error_that_no_other_attempt_would_mend_in_time_is_raised_again(error: SendError, attempt: int) -> None:
    with pytest.raises(SendError) as caught:
        pause_s(error, attempt, NOW, tries=5)
    assert caught.value is error


def test_a_trouble_is_said_once_and_known_while_it_lasts(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "bot")
    clock = MovableClock()
    troubles = Troubles(clock, {"disk": "written again", "network": "reached again"}, passing=("network",))
    for _ in range(3):
        troubles.begin("disk", "the disk is full")
        troubles.begin("network", "nobody answers")
        clock.move(minutes=9)
    assert (troubles.for_operator, troubles.lasting) == ("the disk is full", "the disk is full; nobody answers")
    troubles.end("disk", "network")
    troubles.end("disk")
    assert (troubles.for_operator, troubles.lasting) == ("", "")
    clock.move(minutes=11)
    troubles.begin("disk", "the disk is full")
    told = ["the disk is full", "nobody answers", "written again", "reached again", "the disk is full"]
    assert [record.getMessage() for record in caplog.records] == told

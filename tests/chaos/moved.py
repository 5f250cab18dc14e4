"""`python -m tests.chaos.moved run` is `kurzclips run` on a machine whose clock a test moves.

The file that `CHAOS_CLOCK` names says how many seconds the machine's clock is ahead of the real one. Who reads the wall
clock in the program sees it: our one reader, and APScheduler. Timers of the event loop do not, as on a real machine.
Jobs have their turns far more often, so that a run of many jumps takes no longer than it must.
"""

import os
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import apscheduler.executors.base
import apscheduler.schedulers.base
import apscheduler.triggers.interval

from bot import clock

TURN_EVERY = timedelta(seconds=0.25)
_real_now = clock.now


def ahead() -> timedelta:
    """How far the machine's clock is ahead now."""
    return timedelta(seconds=float(Path(os.environ["CHAOS_CLOCK"]).read_text(encoding="ascii")))


def moved_now() -> datetime:
    """What the machine's clock shows, aware UTC."""
    return _real_now() + ahead()


class Moved(datetime):
    """A datetime whose `now` is that of the machine."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """What the machine's clock shows."""
        return cls.fromtimestamp(moved_now().timestamp(), tz)


def main() -> None:
    """Run the command line on the moved clock."""
    # Before anything takes `now` as a default argument.
    clock.now = moved_now
    for reader in (apscheduler.executors.base, apscheduler.schedulers.base, apscheduler.triggers.interval):
        reader.datetime = Moved
    from bot import cli, doctor, running
    from bot.jobs import scheduler

    running.PLAN_EVERY = running.DELIVER_EVERY = doctor.HEARTBEAT_EVERY = TURN_EVERY
    scheduler.WATCH_S = TURN_EVERY.total_seconds()
    cli.main()


if __name__ == "__main__":
    main()

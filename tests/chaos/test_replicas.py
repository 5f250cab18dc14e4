"""Two programs share a PostgreSQL; whatever happens to the one that sends, the other takes over and nothing is lost."""

from pathlib import Path

import pytest

from tests.chaos.replicas import Hurt, run
from tests.fakes.postgres import PostgresServer

CHATS = 90
# So slow that the second program is up before the first has sent all.
RATE = 10
BUSY = "Ich bin gerade sehr beschäftigt. Bitte versuchen Sie es gleich noch einmal."


@pytest.mark.slow
@pytest.mark.parametrize("hurt", [Hurt.KILL, Hurt.STOP, Hurt.CUT])
async def test_the_other_takes_over_within_half_a_minute(hurt: Hurt, tmp_path: Path, postgres: PostgresServer) -> None:
    course = await run(tmp_path, hurt, chats=CHATS, rate=RATE, primary=postgres)
    assert course.wrong == [], course.rows()


@pytest.mark.slow
async def test_a_database_that_is_killed_costs_nothing_and_people_at_worst_one_polite_line(tmp_path: Path) -> None:
    course = await run(tmp_path, Hurt.FAILOVER, chats=CHATS, rate=RATE)
    assert course.wrong == [], course.rows()
    assert course.answers
    assert course.answers[-1] != BUSY

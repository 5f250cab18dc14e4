"""A fan-out that is killed while the network fails: nothing lost, little doubled, and all of that counted."""

from pathlib import Path

import pytest

from tests.chaos.fanout import run

CHATS = 120
KILLS = 4
LOST = {"reset_before": 0.05, "reset_after": 0.1, "gateway_after": 0.15}


@pytest.mark.slow
async def test_killed_fan_out_loses_no_digest_and_counts_every_one_that_it_doubles(
    tmp_path: Path, empty_url: str, database_kind: str
) -> None:
    # Beside a file the next one knows at once that the one before is dead; a lease has to run out.
    kills = KILLS if database_kind == "sqlite" else 2
    verdict = await run(tmp_path, chats=CHATS, kills=kills, seed=7, url=empty_url)
    assert verdict.wrong == [], verdict.rows()
    assert sum(verdict.interrupted) > 0, "the kills hit nothing, so that this run proves nothing"


@pytest.mark.slow
async def test_messages_whose_answers_are_lost_are_counted_where_they_come_twice(tmp_path: Path) -> None:
    verdict = await run(tmp_path, chats=CHATS, kills=0, seed=7, trouble=LOST)
    assert verdict.wrong == [], verdict.rows()
    assert verdict.faults.keys() >= {"reset_before", "reset_after", "gateway_after"}, verdict.rows()
    assert 0 < verdict.doubled <= verdict.unanswered <= verdict.uncertain, verdict.rows()

"""A fan-out that is killed while the network fails: nothing lost, little doubled, and all of that counted."""

from pathlib import Path

import pytest

from tests.chaos.fanout import run

CHATS = 120
KILLS = 4


@pytest.mark.slow
async def test_killed_fan_out_loses_no_digest_and_counts_every_one_that_it_doubles(tmp_path: Path) -> None:
    verdict = await run(tmp_path, chats=CHATS, kills=KILLS, seed=7)
    said = "\n".join(verdict.lines())
    assert (verdict.kills, verdict.lost, verdict.uncounted, verdict.complaints) == (KILLS, 0, 0, []), said
    assert verdict.doubled <= verdict.may_double, said
    assert max(verdict.unrecorded) <= max(verdict.interrupted) <= 8, said
    assert sum(verdict.interrupted) > 0, "the kills hit nothing, so that this run proves nothing"
    assert set(verdict.exits) == {0}, said

"""A fan-out to Matrix rooms that is killed on the way: nothing lost and nothing doubled."""

from pathlib import Path

import pytest

from tests.chaos.matrix import run

ROOMS = 30
KILLS = 3


@pytest.mark.slow
async def test_killed_fan_out_to_rooms_loses_no_digest_and_doubles_none(tmp_path: Path) -> None:
    verdict = await run(tmp_path, rooms=ROOMS, kills=KILLS, seed=7)
    said = "\n".join(verdict.lines())
    assert (verdict.kills, verdict.lost, verdict.doubled, verdict.complaints) == (KILLS, 0, 0, []), said
    assert any(verdict.interrupted), "the kills hit nothing, so that this run proves nothing"
    assert verdict.states == {"sent": ROOMS}, said
    assert set(verdict.exits) == {0}, said

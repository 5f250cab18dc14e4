"""A clock that jumps over the day on which the clocks change: each chat gets each of its digests once."""

from pathlib import Path

import pytest

from tests.chaos import jumps


@pytest.mark.slow
async def test_each_digest_that_is_due_comes_once_whatever_the_clock_did_between(tmp_path: Path) -> None:
    verdict = await jumps.run(tmp_path, jumps.short(), per_zone=2)
    assert verdict.wrong == [], verdict.rows()
    assert verdict.amid, "no jump came in the middle of a fan-out, so that this run proves little"
    assert verdict.expected > 2 * len(jumps.ZONES), verdict.rows()

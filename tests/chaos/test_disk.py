"""A disk that is full in the middle of a fan-out: nothing lost, nothing doubled, one sentence a turn in the log."""

from pathlib import Path

import pytest

from tests.chaos import disk

CHATS = 80


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(disk.Kind))
async def test_fan_out_goes_on_when_there_is_room_again(kind: disk.Kind, tmp_path: Path) -> None:
    if kind is disk.Kind.FULL and not disk.may_mount():
        pytest.skip("this machine gives nobody a mount namespace")
    verdict = await disk.run_apart(kind, tmp_path, CHATS)
    assert verdict.wrong == [], f"{verdict.figures}\n{verdict.log[:3000]}"

"""The examples of deployment name what exists, and wait for a stop as long as it may take."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.cli import app
from bot.config import PREFIX, Settings
from bot.jobs import scheduler
from bot.platforms.telegram import account, polling

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "bot" / "deploy"
COMPOSE = sorted(DEPLOY.glob("compose*.yaml"))
UNIT = DEPLOY / "kurzclips.service"
STOP_S = scheduler.LAST_CALL_S + scheduler.LAST_WORDS_S + polling.LAST_POLL_S + account.LAST_ANSWERS_S


def services(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]
    return found


@pytest.mark.parametrize("path", [*COMPOSE, UNIT, ROOT / "Dockerfile"], ids=lambda path: path.name)
def test_only_settings_that_exist_are_named(path: Path) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", path.read_text(encoding="utf-8")))
    assert named
    assert named - known == set()


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_settings_of_the_compose_files_are_taken_and_their_folders_are_there(path: Path) -> None:
    service = services(path)["kurzclips"]
    assert (DEPLOY / service["build"] / "Dockerfile").resolve().is_file()
    given = {name.removeprefix(PREFIX).lower(): value for name, value in service["environment"].items()}
    Settings.model_validate(given)
    volumes = yaml.safe_load(path.read_text(encoding="utf-8"))["volumes"]
    used = {volume.split(":")[0] for each in services(path).values() for volume in each.get("volumes", ())}
    assert used == set(volumes)


def test_a_stop_is_waited_for_as_long_as_it_may_take() -> None:
    assert STOP_S <= 15
    patience = [int(services(path)["kurzclips"]["stop_grace_period"].rstrip("s")) for path in COMPOSE]
    unit = re.search(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    assert unit is not None
    assert all(seconds > STOP_S for seconds in (*patience, int(unit[1])))


def test_the_unit_runs_a_command_that_exists() -> None:
    command = re.search(r"^ExecStart=\S+/kurzclips (\w+)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    assert command is not None
    assert command[1] in getattr(get_command(app), "commands")  # noqa: B009 - not in the type of a plain command

"""An encrypted day on Matrix: invitation, greeting, subscription, a restart overnight, the digest, a press, an edit."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import running, seeds
from bot.app import Core, open_core
from bot.config import Settings
from bot.jobs.scheduler import Jobs
from tests.bot.matrix import look
from tests.bot.matrix.person import Json
from tests.bot.matrix.secret_person import SecretPerson, open_secret_person
from tests.fakes.synapse import Account, Synapse
from tests.make import MovableClock

pytestmark = pytest.mark.filterwarnings("ignore:The (sender_key|device_id) field in Megolm events:DeprecationWarning")
# The evening before: 20:00 in Berlin is 19:00 UTC in winter.
EVENING = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
ONE = "1\ufe0f\u20e3"


@asynccontextmanager
async def program(settings: Settings, clock: MovableClock) -> AsyncIterator[tuple[Core, Jobs]]:
    """The whole bot as `kurzclips run` builds it, but for the polling of real publishers."""
    async with open_core(settings, clock) as core, running.open_platforms(core, polls=False) as jobs:
        yield core, jobs


def digests(person: SecretPerson, room: str, bot: Account) -> list[Json]:
    return [each for each in person.messages(room, bot.user_id) if "Ihr Überblick ·" in each["content"]["body"]]


@pytest.fixture
async def carla(synapse: Synapse, tmp_path: Path) -> AsyncIterator[SecretPerson]:
    async with open_secret_person(synapse.register("carla"), synapse.url, tmp_path) as person:
        yield person


async def test_a_day_in_an_encrypted_room_with_a_restart_overnight(
    settings_of: Callable[..., Settings], carla: SecretPerson, bot: Account, tmp_path: Path
) -> None:
    clock = MovableClock(EVENING)
    settings = settings_of(database_url=f"sqlite:///{tmp_path / 'data' / 'kurzclips.db'}")
    async with program(settings, clock) as (core, jobs):
        await seeds.load(core.db, core.intake, clock())
        room = await carla.makes_room(
            bot.user_id, is_direct=True, encrypted=True, power_level_content_override={"redact": 0}
        )
        await carla.until(lambda: bot.user_id in carla.members(room), what="the bot")
        await carla.says(room, "start")
        assert "Guten Tag" in (await carla.hears(room, bot.user_id))["content"]["body"]
        await carla.says(room, "!subscribe energie 07:30")
        assert "07:30 (Zeitzone Europe/Berlin)" in (await carla.hears(room, bot.user_id, 2))["content"]["body"]
        clock.move_to(MORNING - timedelta(minutes=1))
        await jobs.run_once()
    # The program is stopped overnight and started again: keys and rooms are in its folder.
    async with program(settings, clock) as (core, jobs):
        clock.move_to(MORNING)
        await carla.says(room, "!help")
        await carla.hears(room, bot.user_id, 3)
        await jobs.run_once()
        await jobs.run_once()
        root = (await carla.until(lambda: digests(carla, room, bot), what="the digest"))[0]
        (topic,) = (await carla.until(lambda: carla.messages(room, bot.user_id)[4:], what="the thread"))[:1]
        assert "Mittwoch, 25. November 2026, 07:30" in root["content"]["body"]
        assert topic["content"]["m.relates_to"]["event_id"] == root["event_id"]
        assert "Kernkraftwerk" in topic["content"]["body"]
        assert (await carla.raw(room, root["event_id"]))["type"] == "m.room.encrypted"

        await carla.sees_reactions(room, root["event_id"], bot.user_id, 3)
        await carla.reacts(room, root["event_id"], ONE)
        said = len(carla.messages(room, bot.user_id))
        summary = await carla.hears(room, bot.user_id, said + 1)
        assert summary["content"]["body"]
        await carla.says(room, "!settings")
        menu = await carla.hears(room, bot.user_id, said + 2)
        await carla.reacts(room, menu["event_id"], ONE)
        assert (await carla.sees_edit(room, menu["event_id"]))["body"] != menu["content"]["body"]
        assert len(digests(carla, room, bot)) == 1
        shown = look.page(carla, room, "Kurzclips")
    assert shown.count('<div class="t">') == 1
    assert shown.count("1 × edited") == 1
    assert f"<span>{ONE} 1</span>" in shown

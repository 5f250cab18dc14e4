"""Events that only look like a part of the room's state, and encrypted ones that say nothing readable."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.platforms.matrix.account import MatrixAccount
from storage.database import Database
from tests.bot.matrix.conftest import Open
from tests.bot.matrix.person import Json, Person
from tests.bot.matrix.secret_person import SecretPerson, open_secret_person
from tests.bot.matrix.test_encryption import room_with
from tests.bot.matrix.test_rooms import is_settled, rows
from tests.fakes.synapse import Account, Synapse

pytestmark = pytest.mark.filterwarnings("ignore:The (sender_key|device_id) field in Megolm events:DeprecationWarning")
MEGOLM = {"algorithm": "m.megolm.v1.aes-sha2"}


@pytest.fixture
async def carla(synapse: Synapse, tmp_path: Path) -> AsyncIterator[SecretPerson]:
    async with open_secret_person(synapse.register("carla"), synapse.url, tmp_path) as person:
        yield person


async def elsewhere(person: Person) -> tuple[str, Json]:
    """A room that anybody may join, and what says that it takes the place of another one."""
    room = await person.makes_room(preset="public_chat")
    return room, {"body": "moved", "replacement_room": room}


async def test_a_message_that_calls_itself_the_rooms_encryption_switches_nothing_on(
    anna: Person, direct: str, bot: Account
) -> None:
    await anna.sends(direct, MEGOLM, "m.room.encryption")
    await anna.says(direct, "!help")
    assert (await anna.hears(direct, bot.user_id))["content"]["body"] == "help"


async def test_encryption_stays_on_whatever_the_room_says_later(
    account_on: Open, carla: SecretPerson, bot: Account
) -> None:
    async with account_on():
        room = await room_with(carla, bot)
        await carla.says(room, "!help")
        await carla.hears(room, bot.user_id)
        await carla.sets(room, "m.room.encryption", {})
        await carla.says(room, "!echo still")
        answers = [await carla.hears(room, bot.user_id, 2)]
    async with account_on():
        await carla.says(room, "!echo again")
        answers.append(await carla.hears(room, bot.user_id, 3))
    for answer in answers:
        assert (await carla.raw(room, answer["event_id"]))["type"] == "m.room.encrypted"


@pytest.mark.usefixtures("account")
async def test_an_encrypted_message_that_calls_itself_the_end_of_the_room_is_not_followed(
    anna: Person, carla: SecretPerson, bot: Account
) -> None:
    room = await room_with(carla, bot)
    other, content = await elsewhere(anna)
    await carla.sends(room, content, "m.room.tombstone")
    await carla.says(room, "!help")
    await carla.hears(room, bot.user_id)
    await is_settled(anna, bot)
    await anna.syncs()
    assert bot.user_id not in anna.members(other)


async def test_a_room_that_does_not_know_the_one_it_is_said_to_replace_gets_nothing_of_it(
    anna: Person, direct: str, bot: Account, db: Database
) -> None:
    await anna.says(direct, "!help")
    await anna.hears(direct, bot.user_id)
    other, content = await elsewhere(anna)
    await anna.sets(direct, "m.room.tombstone", content)
    await anna.until(lambda: bot.user_id in anna.members(other), what="the bot")
    await is_settled(anna, bot)
    assert (len(await rows(db, direct)), len(await rows(db, other))) == (1, 0)


@pytest.mark.parametrize("content", [{"body": "no kind"}, {"msgtype": "m.text", "body": ["!help"]}, {}])
async def test_an_encrypted_message_that_says_nothing_readable_does_not_cost_the_next_one(
    account: MatrixAccount, carla: SecretPerson, bot: Account, content: Json
) -> None:
    room = await room_with(carla, bot)
    await carla.sends(room, content)
    await carla.says(room, "!help")
    assert (await carla.hears(room, bot.user_id))["content"]["body"] == "help"

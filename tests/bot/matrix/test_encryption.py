"""Encrypted rooms, judged by a second client with another crypto library."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mautrix.types import TrustState

from bot.platforms.matrix.account import MatrixAccount
from handlers.ports import Page
from tests.bot.matrix.conftest import Open
from tests.bot.matrix.person import Person
from tests.bot.matrix.secret_person import SecretPerson, open_secret_person
from tests.bot.matrix.test_send import DIGEST, Told, outgoing, sent
from tests.fakes.synapse import Account, Synapse
from tests.make import PreparedPages

# The second client still looks at these fields of events, as does everybody who has to understand older clients.
pytestmark = pytest.mark.filterwarnings("ignore:The (sender_key|device_id) field in Megolm events:DeprecationWarning")
ONE = "1\ufe0f\u20e3"


@pytest.fixture
async def carla(synapse: Synapse, tmp_path: Path) -> AsyncIterator[SecretPerson]:
    async with open_secret_person(synapse.register("carla"), synapse.url, tmp_path) as person:
        yield person


async def room_with(person: SecretPerson, bot: Account, *others: str) -> str:
    levels = {"redact": 0}  # so that the bot can take reactions back
    room = await person.makes_room(
        bot.user_id, *others, is_direct=not others, encrypted=True, power_level_content_override=levels
    )
    await person.until(lambda: bot.user_id in person.members(room), what="the bot")
    return room


async def test_a_talk_in_an_encrypted_room_goes_on_after_a_restart(
    account_on: Open, carla: SecretPerson, bot: Account
) -> None:
    async with account_on():
        room = await room_with(carla, bot)
        said = await carla.says(room, "!page")
        answer = await carla.hears(room, bot.user_id)
        assert answer["content"]["body"].startswith("page 1")
        for event_id in (said, answer["event_id"]):
            assert (await carla.raw(room, event_id))["type"] == "m.room.encrypted"
        await carla.reacts(room, answer["event_id"], ONE)
        assert (await carla.sees_edit(room, answer["event_id"]))["body"].startswith("page 2")
    await carla.says(room, "!echo meanwhile")
    async with account_on():
        assert "meanwhile" in (await carla.hears(room, bot.user_id, 2))["content"]["body"]
        await carla.forgets_its_session(room)
        await carla.reacts(room, answer["event_id"], ONE)
        assert (await carla.sees_edit(room, answer["event_id"], 2))["body"].startswith("page 3")
        await carla.says(room, "!help")
        assert (await carla.hears(room, bot.user_id, 3))["content"]["body"] == "help"


async def test_the_bots_device_is_cross_signed(account: MatrixAccount, carla: SecretPerson, bot: Account) -> None:
    room = await room_with(carla, bot)
    await carla.says(room, "!help")
    answer = await carla.hears(room, bot.user_id)
    device = (await carla.raw(room, answer["event_id"]))["content"]["device_id"]
    assert await carla.trust_in(bot.user_id, device) >= TrustState.CROSS_SIGNED_TOFU


async def test_a_second_person_and_a_second_device_can_read_what_is_said_after_they_came(
    account: MatrixAccount, carla: SecretPerson, bot: Account, synapse: Synapse, tmp_path: Path
) -> None:
    other = synapse.register("dora")
    room = await room_with(carla, bot, other.user_id)
    await carla.says(room, "!help")
    await carla.hears(room, bot.user_id)
    async with open_secret_person(other, synapse.url, tmp_path) as dora:
        await dora.does(room, "join")
        await carla.until(lambda: other.user_id in carla.members(room), what="Dora")
        await carla.says(room, "!echo for both")
        assert "for both" in (await dora.hears(room, bot.user_id))["content"]["body"]
        await dora.says(room, "!echo for Dora")
        assert "for Dora" in (await dora.hears(room, bot.user_id, 2))["content"]["body"]


async def test_encryption_that_is_switched_on_later_is_used_from_then_on(
    account: MatrixAccount, carla: SecretPerson, bot: Account
) -> None:
    room = await carla.makes_room(bot.user_id, is_direct=True)
    await carla.until(lambda: bot.user_id in carla.members(room), what="the bot")
    await carla.says(room, "!help")
    await carla.hears(room, bot.user_id)
    await carla.sets(room, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
    await carla.says(room, "!page")
    answer = await carla.hears(room, bot.user_id, 2)
    assert (await carla.raw(room, answer["event_id"]))["type"] == "m.room.encrypted"


async def test_a_digest_arrives_encrypted_as_a_thread(
    account: MatrixAccount, carla: SecretPerson, bot: Account
) -> None:
    room = await room_with(carla, bot)
    parts = await sent(account, outgoing(room, DIGEST), Told())
    root, energy = [await carla.hears(room, bot.user_id, number) for number in (1, 2)]
    assert energy["content"]["m.relates_to"]["event_id"] == root["event_id"] == parts[0]
    assert "Der letzte Meiler." in energy["content"]["body"]


async def test_a_picture_is_uploaded_encrypted(
    account: MatrixAccount, carla: SecretPerson, bot: Account, pages: PreparedPages
) -> None:
    address = "https://example.org/a.png"
    pages.at[address] = Page(address, b"\x89PNG fake", "image/png")
    room = await room_with(carla, bot)
    await carla.says(room, f"!picture {address} Strom")
    content = (await carla.hears(room, bot.user_id))["content"]
    assert content["msgtype"] == "m.image"
    assert "url" not in content
    assert await carla.downloads(content["file"]["url"]) != b"\x89PNG fake"


async def test_what_cannot_be_decrypted_is_answered_by_one_line(
    account: MatrixAccount, anna: Person, bot: Account
) -> None:
    room = await anna.makes_room(bot.user_id, is_direct=True, encrypted=True)
    await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
    unreadable = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "sender_key": "A" * 43,
        "session_id": "B" * 43,
        "device_id": anna.account.device_id,
        "ciphertext": "AwgAEpABm6kT",
    }
    for _ in range(2):
        await anna.sends(room, unreadable, "m.room.encrypted")
    answers = await anna.until(lambda: anna.secrets(room, bot.user_id), what="the line")
    await anna.sends(room, {**unreadable, "session_id": "C" * 43}, "m.room.encrypted")
    await anna.until(lambda: anna.secrets(room, bot.user_id)[1:], what="the second line")
    assert len(answers) == 1
    group = await anna.makes_room(bot.user_id, name="Redaktion", encrypted=True)
    await anna.until(lambda: bot.user_id in anna.members(group), what="the bot")
    for session in ("D", "E"):
        await anna.sends(group, {**unreadable, "session_id": session * 43}, "m.room.encrypted")
    await anna.until(lambda: anna.secrets(group, bot.user_id), what="the line")
    await anna.sends(room, {**unreadable, "session_id": "F" * 43}, "m.room.encrypted")
    await anna.until(lambda: anna.secrets(room, bot.user_id)[2:], what="the third line")
    assert len(anna.secrets(group, bot.user_id)) == 1

"""Reactions as buttons: pages by edits, rights, and what is left when they are done."""

from pathlib import Path

import pytest

from bot.platforms.matrix.account import MatrixAccount
from bot.platforms.matrix.client import MatrixClient
from bot.platforms.matrix.reactions import Reactions
from bot.platforms.matrix.render import Part
from bot.platforms.matrix.send import Place
from bot.platforms.matrix.store import Store
from handlers.reply import Action
from handlers.request import ChatAddress
from storage.database import Database
from storage.states import Platform
from tests.bot.matrix.conftest import Open
from tests.bot.matrix.person import Person
from tests.fakes.synapse import Account

ONE = "1\ufe0f\u20e3"


async def test_the_bot_puts_the_emoji_of_its_buttons_and_says_what_they_mean(
    anna: Person, direct: str, bot: Account
) -> None:
    await anna.says(direct, "!start")
    answer = await anna.hears(direct, bot.user_id)
    assert (
        answer["content"]["body"].splitlines()[-1]
        == f"{ONE}\N{NO-BREAK SPACE}Seiten · Website (https://example.org/a?b=1&c=2)"
    )
    assert await anna.sees_reactions(direct, answer["event_id"], bot.user_id, 1) == [ONE]


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("key", [ONE, "1\u20e3"])
@pytest.mark.parametrize("may_redact", [True, False])
async def test_a_persons_reaction_turns_the_page_by_an_edit_and_is_taken_back_for_the_next_press(
    anna: Person, bot: Account, key: str, may_redact: bool
) -> None:
    levels = {"redact": 0 if may_redact else 50}
    room = await anna.makes_room(bot.user_id, is_direct=True, power_level_content_override=levels)
    await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
    await anna.says(room, "!page")
    message = (await anna.hears(room, bot.user_id))["event_id"]
    for page in (2, 3):
        reaction = await anna.reacts(room, message, key)
        assert (await anna.sees_edit(room, message, page - 1))["body"].startswith(f"page {page}")
        if not may_redact:
            await anna.takes_back(room, reaction)
        await anna.until(lambda reaction=reaction: reaction in anna.redacted(room), what="the redaction")  # type: ignore[misc]
    assert len(anna.messages(room, bot.user_id)) == 1


async def test_a_message_from_before_a_restart_still_has_its_buttons(
    account_on: Open, anna: Person, bot: Account
) -> None:
    async with account_on():
        room = await anna.makes_room(bot.user_id, is_direct=True)
        await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
        await anna.says(room, "!page")
        message = (await anna.hears(room, bot.user_id))["event_id"]
        await anna.reacts(room, message, ONE)
        await anna.sees_edit(room, message)
    async with account_on():
        await anna.reacts(room, message, "1\u20e3")
        assert (await anna.sees_edit(room, message, 2))["body"].startswith("page 3")


def test_emoji_that_still_wait_when_their_message_changes_are_not_put_after_it(tmp_path: Path) -> None:
    reactions = Reactions(MatrixClient("http://127.0.0.1:1", Store(tmp_path)))
    reactions.change("!room", "$other", after=("🔔",))
    reactions.change("!room", "$menu", after=("1", "2", "3"))
    reactions.change("!room", "$menu", before=("1", "2", "3"), after=("2", "↩️"))
    # One of the other message; 2 to be put, 1 and 3 to be taken away in case they are there, and the way back.
    assert len(reactions) == 5


async def test_an_emoji_that_was_taken_away_comes_back(
    account: MatrixAccount, anna: Person, direct: str, bot: Account
) -> None:
    back, forth = (Part(words, "", actions=((anchor, Action("page")),)) for words, anchor in (("a", "◀️"), ("b", "▶️")))
    address = ChatAddress(Platform.MATRIX, direct)
    await anna.says(direct, "!help")
    await anna.hears(direct, bot.user_id)
    message = await account.sender.post(address, back, Place(), "first")
    for number, (before, after) in enumerate(((back, forth), (forth, back))):
        await account.sender.edit(address, message, after, f"edit-{number}", before=before.anchors)
        await anna.until(
            lambda number=number: len(anna.redacted(direct)) == number + 1,  # type: ignore[misc]
            what="the emoji's end",
        )
    assert await anna.sees_reactions(direct, message, bot.user_id, 3) == ["◀️", "▶️", "◀️"]


async def test_a_button_in_a_thread_is_answered_there_after_an_edit_and_a_restart(
    account_on: Open, anna: Person, bot: Account
) -> None:
    async with account_on():
        room = await anna.makes_room(bot.user_id, is_direct=True)
        await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
        root = await anna.says(room, "!help")
        await anna.says(room, "!page", thread=root)
        message = (await anna.hears(room, bot.user_id, 2))["event_id"]
        await anna.reacts(room, message, ONE)
        await anna.sees_edit(room, message)
    async with account_on() as account:
        search = Part("search", "", actions=((ONE, Action("search", ("Netz",))),))
        await account.sender.edit(ChatAddress(Platform.MATRIX, room), message, search, "searching", before=(ONE,))
        await anna.reacts(room, message, "1\u20e3")
        answer = (await anna.hears(room, bot.user_id, 3))["content"]
        assert answer["m.relates_to"]["event_id"] == root


async def test_a_button_that_answers_with_a_few_words_says_only_these(anna: Person, direct: str, bot: Account) -> None:
    await anna.says(direct, "!search Netz")
    first = (await anna.hears(direct, bot.user_id))["event_id"]
    await anna.reacts(direct, first, ONE)
    second = await anna.hears(direct, bot.user_id, 2)
    assert second["content"]["body"].startswith("search Netz 2")


async def test_reactions_that_mean_nothing_are_left_alone(anna: Person, direct: str, bot: Account) -> None:
    mine = await anna.says(direct, "!help")
    answer = (await anna.hears(direct, bot.user_id))["event_id"]
    await anna.reacts(direct, answer, "👍")
    await anna.reacts(direct, mine, ONE)
    forged = {"msgtype": "m.text", "body": "x", "org.kurzclips.choices": {ONE: ["whoami"]}}
    await anna.reacts(direct, await anna.sends(direct, forged), ONE)
    await anna.says(direct, "!whoami")
    heard = await anna.until(
        lambda: [each for each in anna.messages(direct, bot.user_id) if "Betreiber" in each["content"]["body"]]
    )
    assert len(heard) == 1


@pytest.mark.parametrize("version", ["11", "12"])
async def test_only_who_may_change_a_room_changes_what_the_bot_does_there(
    account_on: Open, anna: Person, ben: Person, bot: Account, db: Database, version: str
) -> None:
    async with account_on():
        room = await anna.makes_room(bot.user_id, ben.id, name="Redaktion", room_version=version)
        await ben.does(room, "join")
        await anna.until(lambda: anna.members(room) == {anna.id, ben.id, bot.user_id}, what="all")
        await ben.says(room, "!change")
        await ben.until(lambda: ben.messages(room, bot.user_id), what="the refusal")
        await anna.says(room, "!change")
        refused, changed = [(await anna.hears(room, bot.user_id, number)) for number in (1, 2)]
        assert refused["content"]["body"].startswith("Nur Administratoren")
        assert changed["content"]["body"].startswith("changed")
        await ben.reacts(room, changed["event_id"], ONE)
        assert (await anna.hears(room, bot.user_id, 3))["content"]["body"].startswith("Nur Administratoren")

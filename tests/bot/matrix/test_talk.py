"""Talking with the bot on Matrix: who is meant, threads, long and hostile text, pictures, files."""

from collections.abc import Callable

import pytest

from bot.platforms.matrix.account import MatrixAccount
from handlers.ports import Page
from storage import chats
from storage.database import Database
from storage.states import Platform
from tests.bot.matrix.conftest import Open
from tests.bot.matrix.person import Json, Person
from tests.bot.telegram.stub import Stub
from tests.fakes.synapse import Account
from tests.make import PreparedPages

HOSTILE = "<b>&*_[]</b> \u202eRTL\u200f </a> &amp; `x` \U0001f600"


@pytest.fixture
async def group(account: MatrixAccount, anna: Person, ben: Person, bot: Account) -> str:
    room = await anna.makes_room(bot.user_id, ben.id, name="Redaktion")
    await ben.does(room, "join")
    await anna.until(lambda: anna.members(room) == {anna.id, ben.id, bot.user_id}, what="all")
    return room


async def answers_after(anna: Person, room: str, bot: Account) -> list[str]:
    """What the bot said in a room until a command that is said now was answered."""
    before = await anna.says(room, "!whoami")
    found: list[Json] = await anna.until(
        lambda: [each for each in anna.messages(room, bot.user_id) if "Betreiber" in each["content"]["body"]],
        what=f"an answer to {before}",
    )
    return [each["content"]["body"] for each in anna.messages(room, bot.user_id) if each not in found]


async def test_a_command_in_a_direct_room_is_answered_by_a_notice_and_marked_as_read(
    anna: Person, direct: str, bot: Account
) -> None:
    said = await anna.says(direct, "!help")
    answer = await anna.hears(direct, bot.user_id)
    assert (answer["content"]["msgtype"], answer["content"]["body"]) == ("m.notice", "help")
    assert answer["content"]["formatted_body"] == "<p>help</p>"
    assert "m.relates_to" not in answer["content"]
    assert answer["content"]["m.mentions"] == {}
    await anna.until(lambda: said in anna.receipts, what="the receipt")


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("help", "help"),
        ("Netzausbau heute", "search Netzausbau heute 1"),
        ("https://example.org/a", "summary of https://example.org/a"),
        ("!page", "page 1"),
        ("/page", "page 1"),
        ("!nonsense", "Den Befehl !nonsense kenne ich nicht."),
    ],
)
async def test_in_a_direct_room_bare_words_are_meant_for_the_bot(
    anna: Person, direct: str, bot: Account, said: str, answered: str
) -> None:
    await anna.says(direct, said)
    assert (await anna.hears(direct, bot.user_id))["content"]["body"].startswith(answered)


@pytest.mark.parametrize("called", ["{name}: page", "{id} page", "{id}: page", "@{name} page", "!page"])
async def test_in_a_room_of_many_a_command_or_the_bots_name_is_answered_as_a_reply(
    anna: Person, group: str, bot: Account, called: str
) -> None:
    name = bot.user_id[1:].partition(":")[0]
    said = await anna.says(group, called.format(name=name, id=bot.user_id))
    answer = (await anna.hears(group, bot.user_id))["content"]
    assert answer["body"].startswith("page 1")
    assert answer["m.relates_to"] == {"m.in_reply_to": {"event_id": said}}


async def test_in_a_room_of_many_a_mention_is_enough(anna: Person, group: str, bot: Account) -> None:
    await anna.says(group, "what is new on Netzausbau?", **{"m.mentions": {"user_ids": [bot.user_id]}})
    assert (await anna.hears(group, bot.user_id))["content"]["body"].startswith("search what is new on Netzausbau? 1")


async def test_what_is_not_meant_for_the_bot_is_left_alone(anna: Person, group: str, bot: Account) -> None:
    await anna.says(group, "help")
    await anna.says(group, "!weather today")
    await anna.sends(group, {"msgtype": "m.notice", "body": "!help"})
    await anna.sends(group, {"msgtype": "m.emote", "body": "!help"})
    edited = await anna.says(group, "one")
    relation = {"m.relates_to": {"rel_type": "m.replace", "event_id": edited}}
    await anna.says(group, "!help", **{"m.new_content": {"msgtype": "m.text", "body": "!help"}}, **relation)
    assert await answers_after(anna, group, bot) == []


async def test_an_answer_stays_in_the_thread_of_its_command(anna: Person, direct: str, bot: Account) -> None:
    root = await anna.says(direct, "!help")
    await anna.hears(direct, bot.user_id)
    said = await anna.says(direct, "!page", thread=root)
    answer = (await anna.hears(direct, bot.user_id, 2))["content"]
    assert answer["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": root,
        "is_falling_back": False,
        "m.in_reply_to": {"event_id": said},
    }


async def test_a_reply_names_the_message_that_it_answers(anna: Person, direct: str, bot: Account, db: Database) -> None:
    await anna.says(direct, "!summary 1")
    shown = (await anna.hears(direct, bot.user_id))["event_id"]
    await anna.says(
        direct, "> <@kurz> old quotation\n\n!summary", **{"m.relates_to": {"m.in_reply_to": {"event_id": shown}}}
    )
    assert (await anna.hears(direct, bot.user_id, 2))["content"]["body"] == f"summary of {shown} "
    async with db.read() as tx:
        chat = await chats.find(tx, Platform.MATRIX, direct)
        assert chat is not None
        assert await chats.clips_of_message(tx, chat.id or 0, shown) == [1]


async def test_a_search_in_a_thread_narrows_the_one_before(anna: Person, direct: str, bot: Account) -> None:
    await anna.says(direct, "!search Netz")
    first = (await anna.hears(direct, bot.user_id))["event_id"]
    await anna.says(direct, "!search Trasse", thread=first)
    assert (await anna.hears(direct, bot.user_id, 2))["content"]["body"].startswith("search Netz Trasse 1")
    await anna.says(direct, "!search Norden", thread=first)
    assert (await anna.hears(direct, bot.user_id, 3))["content"]["body"].startswith("search Netz Trasse Norden 1")
    await anna.says(direct, "!search Regen")
    assert (await anna.hears(direct, bot.user_id, 4))["content"]["body"].startswith("search Regen 1")


async def test_slow_work_shows_that_the_bot_is_typing(anna: Person, direct: str, bot: Account, stub: Stub) -> None:
    await anna.says(direct, "!slow work")
    await anna.until(lambda: bot.user_id in anna.typists, what="typing")
    stub.is_over.set()
    assert (await anna.hears(direct, bot.user_id))["content"]["body"] == "done work"


async def test_hostile_words_never_become_markup(anna: Person, direct: str, bot: Account) -> None:
    await anna.says(direct, f"!echo {HOSTILE}")
    content = (await anna.hears(direct, bot.user_id))["content"]
    assert "<b>&*" not in content["formatted_body"]
    assert "&lt;b&gt;&amp;*_[]&lt;/b&gt;" in content["formatted_body"]
    assert "\u202e" not in content["formatted_body"] + content["body"]
    assert content["body"].startswith("<b>&*_[]</b> RTL </a> &amp; `x` \U0001f600")


async def test_a_command_that_fails_is_answered_by_one_sentence(anna: Person, direct: str, bot: Account) -> None:
    await anna.says(direct, "!boom")
    body = (await anna.hears(direct, bot.user_id))["content"]["body"]
    assert body.startswith("Bei mir ist etwas schiefgegangen.")
    assert "boom" not in body


async def test_a_document_comes_as_a_file(anna: Person, direct: str, bot: Account) -> None:
    await anna.says(direct, "!file")
    file = (await anna.hears(direct, bot.user_id, 2))["content"]
    assert (file["msgtype"], file["filename"], file["info"]["mimetype"]) == ("m.file", "chat.json", "application/json")
    assert await anna.downloads(file["url"]) == b"{}"


async def test_a_picture_comes_with_its_caption_and_the_words_alone_where_it_cannot_be_had(
    anna: Person, direct: str, bot: Account, pages: PreparedPages
) -> None:
    address = "https://example.org/a.png"
    pages.at[address] = Page(address, b"\x89PNG fake", "image/png")
    await anna.says(direct, f"!picture {address} Strom")
    shown = (await anna.hears(direct, bot.user_id))["content"]
    assert (shown["msgtype"], shown["body"].splitlines()[:2]) == ("m.image", ["A picture", "Strom"])
    assert await anna.downloads(shown["url"]) == b"\x89PNG fake"
    await anna.says(direct, "!picture https://example.org/missing.png Strom")
    assert (await anna.hears(direct, bot.user_id, 2))["content"]["msgtype"] == "m.notice"


async def test_what_was_said_before_the_bot_came_is_left_alone(
    account: MatrixAccount, anna: Person, bot: Account
) -> None:
    room = await anna.makes_room(is_direct=True)
    await anna.says(room, "!help")
    await anna.says(room, "!page")
    await anna.does(room, "invite", user_id=bot.user_id)
    await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
    assert await answers_after(anna, room, bot) == []


async def test_what_was_said_while_the_bot_was_down_is_answered_once_when_it_is_back(
    account_on: Open, anna: Person, bot: Account
) -> None:
    async with account_on():
        room = await anna.makes_room(bot.user_id, is_direct=True)
        await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
        await anna.says(room, "!help")
        await anna.hears(room, bot.user_id)
    await anna.says(room, "!page")
    async with account_on():
        assert (await anna.hears(room, bot.user_id, 2))["content"]["body"].startswith("page 1")
        assert await answers_after(anna, room, bot) == ["help", "page 1\n\n1️⃣\N{NO-BREAK SPACE}Mehr"]


async def test_the_operators_commands_are_for_the_operator_only(
    account_on: Open, person_of: Callable[..., Person], bot: Account
) -> None:
    operator, ben = person_of("operator"), person_of("ben")
    async with account_on(admins=f"matrix:{operator.id}"):
        for person, told in ((operator, "the operator"), (ben, "Das darf nur der Betreiber")):
            room = await person.makes_room(bot.user_id, is_direct=True)
            await person.until(lambda person=person, room=room: bot.user_id in person.members(room))  # type: ignore[misc]
            await person.says(room, "!whoami")
            assert (await person.hears(room, bot.user_id))["content"]["body"].startswith(told)

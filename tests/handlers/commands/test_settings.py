"""/settings: a menu that changes in place."""

import pytest

from handlers.request import ChatAddress, Person
from storage import chats
from storage.database import Database
from storage.states import ChatKind, Platform
from tests.dialogue import Talk


async def test_menu_shows_every_setting_and_changes_in_place(talk: Talk, db: Database) -> None:
    await talk.through(
        ("/settings", "Length of digests – normal"),
        ("[Length of digests]", "At the moment: normal"),
        ("[short]", "Length of digests – short"),
        ("[When there is nothing new]", "say so in one line"),
        ("[stay silent]", "When there is nothing new – stay silent"),
    )
    assert talk.reply.edits
    talk.hears("Language – English", "Time zone – Europe/Berlin", "Quiet hours – none", "Pictures – on")
    async with db.read() as tx:
        chat = await chats.get(tx, 1)
    assert chat is not None
    assert chat.options == {"length": "short", "empty": "silent"}


async def test_setting_can_be_typed(talk: Talk) -> None:
    await talk.through(
        ("/settings length LONG", "Length of digests – long"),
        ("/settings quiet 22:00-07:00", "Quiet hours – 22:00-07:00"),
    )


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/settings colour red", "There is no setting “colour”"),
        ("/settings length huge", "Length of digests: “huge” is not possible"),
        ("/settings quiet 25:00-07:00", "is not possible"),
        ("/settings length short please", "I do not understand “please” here."),
    ],
)
async def test_unknown_setting_or_value_is_refused_with_what_there_is(talk: Talk, said: str, answer: str) -> None:
    await talk.says(said)
    talk.hears(answer)


@pytest.mark.parametrize(
    "said",
    [
        "/settings length short", "/subscribe energie", "/unsubscribe all", "/pause", "/resume", "/language de",
        "/timezone Wien", "/time 07:30", "/quiet off", "/mute sport",
    ],
)  # fmt: skip
async def test_only_who_manages_a_group_changes_it(talk: Talk, said: str) -> None:
    group = ChatAddress(Platform.TELEGRAM, "-100", kind=ChatKind.GROUP)
    member = talk.beside(Person("8", "Boris", language="en", may_manage=False), group)
    await member.says(said)
    member.hears("Only administrators of this chat may change its settings.")
    manager = talk.beside(address=group)
    await manager.says(said)
    manager.hears_not("Only administrators")


async def test_setting_of_another_platform_is_not_offered(talk: Talk) -> None:
    matrix = talk.beside(address=ChatAddress(Platform.MATRIX, "!room:example.org"))
    await talk.through(("/settings", "Pictures – on"), ("/settings threads off", "There is no setting “threads”"))
    talk.hears_not("and threads")
    assert "[Digest as a thread (Matrix)]" not in await talk.says("/settings")
    await matrix.through(("/settings", "[Digest as a thread (Matrix)]"), ("/settings threads off", "(Matrix) – off"))


async def test_new_forum_topic_begins_with_the_settings_of_its_group(talk: Talk, db: Database) -> None:
    group = talk.beside(address=ChatAddress(Platform.TELEGRAM, "-100", "", ChatKind.GROUP, "Redaktion"))
    manager = Person("8", "Ben", "fr", may_manage=True)
    for said in ("/language de", "/timezone Tokio", "/settings length short"):
        await group.beside(manager).says(said)
    topic = talk.beside(manager, ChatAddress(Platform.TELEGRAM, "-100", "7", ChatKind.GROUP, "Redaktion"))
    await topic.says("/settings")
    topic.hears("Sprache – Deutsch", "Asia/Tokyo", "Länge der Überblicke – kurz")
    await topic.says("/settings length long")
    async with db.read() as tx:
        kept = [await chats.find(tx, Platform.TELEGRAM, "-100", thread) for thread in ("", "7", "8")]
    assert [chat and chat.options for chat in kept] == [{"length": "short"}, {"length": "long"}, None]

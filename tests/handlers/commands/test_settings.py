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

"""/delete: asked first, then nothing is left in any table, and the answer leaves nothing new."""

import sqlite3
from contextlib import closing

import pytest

from handlers.reply import Action
from handlers.request import ChatAddress, Person
from storage import chats, deliveries, facts, privacy
from storage.database import Database
from storage.states import ChatKind, Platform
from storage.tables import Chat, EditionEntry
from tests import make
from tests.dialogue import Talk
from tests.handlers.commands.everything import ADDRESS, NATIVE_ID, SECRET, TABLES, fill, owed, rows_of
from tests.make import NOW


def dump(db: Database) -> str:
    """All that the database holds, as SQL."""
    with closing(sqlite3.connect(db.address)) as connection:
        return "\n".join(connection.iterdump())


@pytest.fixture
async def chat(db: Database) -> Chat:
    async with db.write() as tx:
        return await fill(tx)


@pytest.fixture
def anna(talk: Talk, chat: Chat) -> Talk:
    return talk.beside(address=ADDRESS)


async def test_after_yes_no_table_knows_the_chat(anna: Talk, chat: Chat, db: Database) -> None:
    before = await rows_of(db, chat.id or 0)
    assert set(before) == set(TABLES)
    assert all(before.values()), before
    await anna.says("/delete")
    anna.hears("Erase everything about this chat?", "/export", "[Yes, erase it] [No]")
    await anna.presses("Yes, erase it")
    anna.hears("is erased", "/start")
    assert await rows_of(db, chat.id or 0) == dict.fromkeys(TABLES, 0)


@pytest.mark.databases("sqlite")
async def test_no_word_and_no_number_of_the_chat_is_left_anywhere(anna: Talk, db: Database) -> None:
    words = (NATIVE_ID, SECRET, ADDRESS.title)
    before = dump(db)
    assert all(word in before for word in words)
    await anna.says("/delete yes")
    left = dump(db)
    assert [word for word in words if word in left] == []


async def test_the_answer_does_not_bring_the_chat_back(anna: Talk, db: Database) -> None:
    await anna.says("/delete yes")  # through dispatch and `sent`, as every platform does it
    async with db.read() as tx:
        assert await chats.find(tx, ADDRESS.platform, ADDRESS.native_id) is None
        assert await chats.count(tx) == {}


async def test_before_yes_everything_is_there(anna: Talk, chat: Chat, db: Database) -> None:
    before = await rows_of(db, chat.id or 0)
    await anna.says("/delete")
    await anna.acts(Action("delete", ("no",)))
    assert await rows_of(db, chat.id or 0) == before


async def test_another_chat_keeps_all_that_it_has(anna: Talk, talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        other = await make.chat(tx, "5")
        entry = EditionEntry(edition_id=0, position=0, clip_id=1)
        shared = await deliveries.save_edition(tx, "shared", [entry], NOW)
        anna_row = await chats.find(tx, ADDRESS.platform, ADDRESS.native_id)
        assert anna_row is not None
        # Numbers that begin alike must not be taken for one another: chat 1 and chat 12.
        await facts.put(tx, privacy.question_name(int(f"{anna_row.id}2"), "broadcast"), "open")
        both = [owed(chat.id or 0, slot="18:00", edition_id=shared) for chat in (other, anna_row)]
        await deliveries.plan(tx, both)
    await anna.says("/delete yes")
    async with db.read() as tx:
        assert len(await deliveries.entries(tx, shared)) == 1
        assert [row.edition_id for row in await deliveries.of_chat(tx, other.id or 0, 5)] == [shared]
        assert await facts.get(tx, privacy.question_name(int(f"{anna_row.id}2"), "broadcast")) == "open"


async def test_who_writes_again_begins_anew(anna: Talk, db: Database) -> None:
    await anna.says("/delete yes")
    await anna.says("/subscriptions")
    anna.hears_not(SECRET)
    async with db.read() as tx:
        found = await chats.find(tx, ADDRESS.platform, ADDRESS.native_id)
        assert found is not None
        assert found.options == {}


async def test_a_member_of_a_group_cannot_erase_it(talk: Talk, db: Database) -> None:
    group = ChatAddress(Platform.TELEGRAM, "-100", kind=ChatKind.GROUP, title="Runde")
    member = talk.beside(Person("8", "Ben", language="en", may_manage=False), group)
    await member.says("/delete yes")
    member.hears("Only administrators")
    async with db.read() as tx:
        assert await chats.find(tx, group.platform, group.native_id) is not None


@pytest.mark.parametrize("words", ["maybe", "yes please", "everything"])
async def test_other_words_erase_nothing(anna: Talk, chat: Chat, db: Database, words: str) -> None:
    await anna.says(f"/delete {words}")
    assert all((await rows_of(db, chat.id or 0)).values())

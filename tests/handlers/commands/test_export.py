"""/export: everything about the chat in one file, and nothing of others."""

import json
from typing import Any

from handlers.request import ChatAddress, Person
from storage import privacy
from storage.database import Database
from storage.states import ChatKind, Platform
from tests import make
from tests.dialogue import Talk
from tests.handlers.commands.everything import ADDRESS, NATIVE_ID, SECRET, TABLES, fill


async def exported(talk: Talk) -> dict[str, Any]:
    await talk.says("/export")
    talk.hears("<file kurzclips-export.json>")
    document = talk.reply.document
    assert document is not None
    assert document.mime == "application/json"
    found: dict[str, Any] = json.loads(document.content)
    return found


def test_every_table_with_a_chat_is_exported() -> None:
    assert sorted(str(table.__tablename__) for table in privacy.TABLES.values()) == TABLES


async def test_the_file_holds_a_row_of_every_table(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await fill(tx)
    found = await exported(talk.beside(address=ADDRESS))
    assert {name for name in privacy.TABLES if found[name]} == set(privacy.TABLES)
    assert found["exported_at"] == "2026-11-24T07:30:00+00:00"
    assert (found["chat"]["native_id"], found["chat"]["options"]) == (NATIVE_ID, {"length": "long"})
    assert found["digest_times"][0]["at_local"] == "07:30"
    assert found["digest_times"][0]["next_due_at"] == "2026-11-24T07:30:00+00:00"
    assert found["subscriptions"][0]["value"] == SECRET
    assert found["saved_clips"][0]["title"] == "Mühle verkauft"
    assert found["shown_clips"][0]["title"] == "Mühle verkauft"
    assert found["deliveries"][0]["local_date"] == "2026-11-24"
    assert found["deliveries"][0]["clips"][0]["heading"] == f"keyword:{SECRET}"
    assert found["deliveries"][0]["clips"][0]["title"] == "Mühle verkauft"
    assert found["open_questions"][0]["value"] == SECRET


async def test_nothing_of_another_chat_is_in_it(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await fill(tx)
    found = await exported(talk)
    assert SECRET not in json.dumps(found)
    assert NATIVE_ID not in json.dumps(found)
    assert all(found[name] == [] for name in privacy.TABLES)


async def test_odd_names_do_not_break_the_file(talk: Talk, db: Database) -> None:
    title = 'A "b" \u202e </script> \U0001f600'
    async with db.write() as tx:
        await make.chat(tx, "31", platform=Platform.TELEGRAM, language="en", title=title)
    found = await exported(talk.beside(address=ChatAddress(Platform.TELEGRAM, "31")))
    assert found["chat"]["title"] == title


async def test_a_member_of_a_group_does_not_get_its_file(talk: Talk) -> None:
    group = ChatAddress(Platform.TELEGRAM, "-100", kind=ChatKind.GROUP)
    member = talk.beside(Person("8", "Ben", language="en", may_manage=False), group)
    await member.says("/export")
    member.hears("Only administrators")
    assert member.reply.document is None

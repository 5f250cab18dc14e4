"""Rooms: who may invite, and what becomes of the bot and of what a room chose."""

from collections.abc import Sequence

import pytest
from sqlmodel import select

from bot.platforms.matrix.account import MatrixAccount
from storage import chats
from storage.database import Database
from storage.states import ChatState
from storage.tables import Chat
from tests.bot.matrix.conftest import Open
from tests.bot.matrix.person import Person
from tests.fakes.synapse import Account


async def rows(db: Database, room: str) -> Sequence[Chat]:
    async with db.read() as tx:
        return (await tx.exec(select(Chat).where(Chat.native_id == room))).all()


async def state_of(db: Database, room: str) -> tuple[str, str]:
    (row,) = await rows(db, room)
    return row.state, row.state_reason


async def is_settled(anna: Person, bot: Account) -> None:
    """Everything that happened before was worked off: events of other rooms come in the same stream."""
    room = await anna.makes_room(bot.user_id, is_direct=True)
    await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
    await anna.says(room, "!help")
    await anna.hears(room, bot.user_id)


async def test_only_allowed_people_and_rooms_have_the_bot(
    account_on: Open, anna: Person, ben: Person, bot: Account
) -> None:
    async with account_on(allowed_chats=f"matrix:{ben.id}"):
        refused = await anna.makes_room(bot.user_id)
        await is_settled(ben, bot)
        await anna.until(
            lambda: [e for e in anna.events.get(refused, []) if e.get("state_key") == bot.user_id][1:],
            what="the refusal",
        )
    assert bot.user_id not in anna.members(refused)


async def test_a_two_person_room_with_a_name_is_no_private_one_unless_it_was_meant_so(
    account: MatrixAccount, anna: Person, bot: Account, db: Database
) -> None:
    for is_direct, kind in ((False, "group"), (True, "private")):
        room = await anna.makes_room(bot.user_id, name="Redaktion", is_direct=is_direct)
        await anna.until(lambda room=room: bot.user_id in anna.members(room), what="the bot")  # type: ignore[misc]
        await anna.says(room, "!help")
        await anna.hears(room, bot.user_id)
        (row,) = await rows(db, room)
        assert row.kind == kind


@pytest.mark.parametrize(
    ("how", "state"), [("kick", (ChatState.LEFT, "kicked")), ("ban", (ChatState.BLOCKED, "banned"))]
)
async def test_a_room_that_removes_the_bot_is_not_written_to_and_nothing_is_lost(
    anna: Person, direct: str, bot: Account, db: Database, how: str, state: tuple[str, str]
) -> None:
    await anna.says(direct, "!help")
    await anna.hears(direct, bot.user_id)
    await anna.does(direct, how, user_id=bot.user_id)
    await is_settled(anna, bot)
    assert await state_of(db, direct) == state
    if how == "ban":
        await anna.does(direct, "unban", user_id=bot.user_id)
    await anna.does(direct, "invite", user_id=bot.user_id)
    await anna.until(lambda: bot.user_id in anna.members(direct), what="the bot")
    await is_settled(anna, bot)
    assert await state_of(db, direct) == (ChatState.ACTIVE, "")


async def test_a_room_that_is_replaced_takes_everything_along(
    anna: Person, direct: str, bot: Account, db: Database
) -> None:
    await anna.says(direct, "!help")
    await anna.hears(direct, bot.user_id)
    (before,) = await rows(db, direct)
    async with db.write() as tx:
        await chats.change(tx, before.id or 0, language="en", options={"length": "short"})
    new = (await anna.call("POST", f"/rooms/{direct}/upgrade", {"new_version": "12"}))["replacement_room"]
    await anna.does(new, "invite", user_id=bot.user_id)
    await anna.until(lambda: bot.user_id in anna.members(new), what="the bot")
    await anna.says(new, "!help")
    await anna.hears(new, bot.user_id)
    (after,) = await rows(db, new)
    assert (after.id, after.language, after.options) == (before.id, "en", {"length": "short"})
    assert await rows(db, direct) == []


async def test_the_room_that_replaces_an_allowed_one_is_allowed(
    account_on: Open, anna: Person, bot: Account, db: Database
) -> None:
    room = await anna.makes_room(name="Redaktion")
    async with account_on(allowed_chats=f"matrix:{room}"):
        await anna.does(room, "invite", user_id=bot.user_id)
        await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
        new = (await anna.call("POST", f"/rooms/{room}/upgrade", {"new_version": "12"}))["replacement_room"]
        await anna.does(new, "invite", user_id=bot.user_id)
        await anna.until(lambda: bot.user_id in anna.members(new), what="the bot")
        await anna.says(new, "!help")
        await anna.hears(new, bot.user_id)


async def test_a_replaced_room_that_is_open_is_followed_without_an_invitation(
    account_on: Open, anna: Person, bot: Account, db: Database
) -> None:
    async with account_on():
        room = await anna.makes_room(bot.user_id, preset="public_chat")
        await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
        await anna.says(room, "!help")
        await anna.hears(room, bot.user_id)
    (before,) = await rows(db, room)
    new = (await anna.call("POST", f"/rooms/{room}/upgrade", {"new_version": "12"}))["replacement_room"]
    async with account_on():
        await anna.until(lambda: bot.user_id in anna.members(new), what="the bot")
        await is_settled(anna, bot)
    (after,) = await rows(db, new)
    assert after.id == before.id

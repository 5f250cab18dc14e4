"""Chats that go on elsewhere keep what they follow, muted, saved and are owed."""

from datetime import date, timedelta

import pytest

from storage import chat_moves, chats, deliveries, subscriptions
from storage.database import Database, Tx
from storage.states import ChatState, MuteKind, Platform
from storage.tables import Chat, Delivery, Mute, Schedule, Subscription
from tests import make
from tests.make import NOW


async def full(tx: Tx, native_id: str, value: str, at_local: str = "07:30", **fields: object) -> Chat:
    """A chat with a subscription, an alert, a mute, a saved clip and an owed digest."""
    chat = await make.chat(tx, native_id, platform=Platform.TELEGRAM, **fields)  # type: ignore[arg-type]
    chat_id = chat.id or 0
    schedule = await subscriptions.ensure_schedule(tx, Schedule(chat_id=chat_id, at_local=at_local, next_due_at=NOW))
    for schedule_id in (schedule.id, None):
        row = Subscription(chat_id=chat_id, schedule_id=schedule_id, value=value, created_at=NOW)
        await subscriptions.add(tx, row)
    await chats.mute(tx, Mute(chat_id=chat_id, kind=MuteKind.KEYWORD, value=value, created_at=NOW))
    clip_id = await make.clip(tx, await make.source(tx), f"Neues zu {value} in {native_id}")
    await chats.save_clip(tx, chat_id, clip_id, NOW)
    owed = Delivery(
        chat_id=chat_id, slot=at_local, local_date=date(2026, 11, 24), due_at=NOW, ready_at=NOW, created_at=NOW
    )
    await deliveries.plan(tx, [owed])
    return chat


async def kept(tx: Tx, chat: Chat) -> tuple[list[str], list[str], int, list[str]]:
    """What a chat follows, mutes, saved, and is owed."""
    chat_id = chat.id or 0
    return (
        sorted(
            f"{row.value} {slot.at_local if slot else 'now'}" for row, slot in await subscriptions.of_chat(tx, chat_id)
        ),
        sorted(row.value for row in await chats.mutes(tx, chat_id)),
        len(await chats.saved_clips(tx, chat_id, 9)),
        sorted(row.slot for row in await deliveries.of_chat(tx, chat_id, 9)),
    )


async def test_chat_takes_its_new_id_with_all_its_threads(db: Database) -> None:
    async with db.write() as tx:
        for thread_id in ("", "7"):
            await full(tx, "-5", f"topic{thread_id}", thread_id=thread_id)
        assert await chat_moves.migrate(tx, Platform.TELEGRAM, "-5", "-1005") == 2
        assert await chat_moves.migrate(tx, Platform.TELEGRAM, "-5", "-1005") == 0
        assert await chats.find(tx, Platform.TELEGRAM, "-5") is None
        thread = await chats.find(tx, Platform.TELEGRAM, "-1005", "7")
        assert thread is not None
        assert await kept(tx, thread) == (["topic7 07:30", "topic7 now"], ["topic7"], 1, ["07:30"])


async def test_chat_that_is_known_under_its_new_id_has_both_and_the_elders_settings(db: Database) -> None:
    async with db.write() as tx:
        await full(tx, "-5", "ki", "18:00", language="en", now=NOW - timedelta(days=9))
        new = await full(tx, "-1005", "energie", language="de")
        await full(tx, "-9", "klima")
        await chat_moves.migrate(tx, Platform.TELEGRAM, "-5", "-1005")
    async with db.read() as tx:
        one = await chats.find(tx, Platform.TELEGRAM, "-1005")
        assert one is not None
        assert (one.id, one.language, one.state) == (new.id, "en", ChatState.ACTIVE)
        assert one.history_key != ""  # no longer that of all chats that were told nothing
        wishes = ["energie 07:30", "energie now", "ki 18:00", "ki now"]
        assert await kept(tx, one) == (wishes, ["energie", "ki"], 2, ["07:30", "18:00"])
        other = await chats.find(tx, Platform.TELEGRAM, "-9")
        assert other is not None
        assert (await kept(tx, other))[1] == ["klima"]


async def test_group_gets_what_its_deleted_thread_had_and_both_digests(db: Database) -> None:
    async with db.write() as tx:
        await full(tx, "-5", "ki", thread_id="7", language="en", now=NOW - timedelta(days=9))
        await full(tx, "-5", "energie", language="de")
        await chat_moves.move(tx, Platform.TELEGRAM, "-5", "7", "-5")
        assert not await chat_moves.leave_thread(tx, Platform.TELEGRAM, "-5", "7")
    async with db.read() as tx:
        group = await chats.find(tx, Platform.TELEGRAM, "-5")
        assert group is not None
        assert group.language == "de"
        wishes = ["energie 07:30", "energie now", "ki 07:30", "ki now"]
        assert await kept(tx, group) == (wishes, ["energie", "ki"], 2, ["07:30", "07:30 of 7"])
        assert await chats.find(tx, Platform.TELEGRAM, "-5", "7") is None


@pytest.mark.parametrize("thread_id", ["", "8"])
async def test_chat_without_that_thread_stays_as_it_is(db: Database, thread_id: str) -> None:
    async with db.write() as tx:
        group = await full(tx, "-5", "energie")
        await chat_moves.move(tx, Platform.TELEGRAM, "-5", thread_id, "-5")
        assert await kept(tx, group) == (["energie 07:30", "energie now"], ["energie"], 1, ["07:30"])


@pytest.mark.parametrize("banned", ["-5", "-1005"])
async def test_ban_holds_wherever_the_chat_goes(db: Database, banned: str) -> None:
    async with db.write() as tx:
        for native_id in ("-5", "-1005"):
            await full(tx, native_id, "ki")
        assert await chat_moves.ban(tx, Platform.TELEGRAM, banned)
        await chat_moves.migrate(tx, Platform.TELEGRAM, "-5", "-1005")
        assert await chat_moves.set_state(tx, Platform.TELEGRAM, "-1005", ChatState.ACTIVE) == 0
        assert await chat_moves.unban(tx, Platform.TELEGRAM, "-1005")
        assert not await chat_moves.unban(tx, Platform.TELEGRAM, "-1005")

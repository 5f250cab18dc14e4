"""Forum topics that are deleted, closed and opened again while something is owed to them."""

from datetime import date

import pytest

from bot.jobs.deliver import Deliverer
from bot.platforms.telegram.account import TelegramAccount
from storage import chats, deliveries, subscriptions
from storage.database import Database
from storage.states import ChatKind, ChatState, DeliveryState, MuteKind, Platform, SubscriptionKind
from storage.tables import Chat, Delivery, EditionEntry, Mute, Schedule, Subscription
from tests import make
from tests.fakes.telegram import FakeTelegram, Room, Status, faults
from tests.make import NOW, MovableClock


class Forum:
    """A forum whose topics and whose own chat follow something, and are owed a digest at the same time."""

    def __init__(self, db: Database, room: Room, account: TelegramAccount, clock: MovableClock) -> None:
        self.db = db
        self.room = room
        self.deliverer = Deliverer(db, {Platform.TELEGRAM: account.sender}, clock)

    async def follows(self, thread_id: str, value: str, **fields: object) -> Chat:
        """A chat of the forum that follows something, with a digest that is owed now."""
        async with self.db.write() as tx:
            chat = await chats.add(
                tx,
                Chat(
                    **{
                        "platform": Platform.TELEGRAM, "native_id": str(self.room.id), "thread_id": thread_id,
                        "kind": ChatKind.GROUP, "language": "de", "timezone": "Europe/Berlin",
                        "created_at": NOW, "seen_at": NOW, **fields,
                    }
                ),
            )  # fmt: skip
            chat_id = chat.id or 0
            slot = Schedule(chat_id=chat_id, at_local="07:30", next_due_at=NOW)
            schedule = await subscriptions.ensure_schedule(tx, slot)
            topic = (SubscriptionKind.TOPIC, value)
            for schedule_id, (kind, wanted) in ((schedule.id, topic), (None, (SubscriptionKind.KEYWORD, value))):
                row = Subscription(chat_id=chat_id, schedule_id=schedule_id, kind=kind, value=wanted, created_at=NOW)
                await subscriptions.add(tx, row)
            await chats.mute(tx, Mute(chat_id=chat_id, kind=MuteKind.KEYWORD, value=f"no {value}", created_at=NOW))
            clip_id = await make.clip(tx, await make.source(tx), f"Neues zu {value}")
            entry = EditionEntry(edition_id=0, position=0, clip_id=clip_id, heading=f"topic:{value}")
            edition_id = await deliveries.save_edition(tx, f"edition {chat_id}", [entry], NOW)
            owed = Delivery(
                chat_id=chat_id, slot="07:30", local_date=date(2026, 11, 24), edition_id=edition_id,
                due_at=NOW, ready_at=NOW, created_at=NOW,
            )  # fmt: skip
            await deliveries.plan(tx, [owed])
        return chat

    async def ticks(self) -> None:
        """Deliver, and again what the first time moved."""
        await self.deliverer.tick()
        await self.deliverer.tick()

    async def ledger(self, chat: Chat | None) -> list[tuple[str, str]]:
        assert chat is not None
        async with self.db.read() as tx:
            rows = await deliveries.of_chat(tx, chat.id or 0, 9)
        return sorted((row.slot, row.state) for row in rows)

    async def at(self, thread_id: str = "") -> Chat | None:
        async with self.db.read() as tx:
            return await chats.find(tx, Platform.TELEGRAM, str(self.room.id), thread_id)

    async def wishes(self, chat: Chat | None) -> list[tuple[str, str, bool]]:
        assert chat is not None
        async with self.db.read() as tx:
            rows = await subscriptions.of_chat(tx, chat.id or 0)
            assert {slot.chat_id for _, slot in rows if slot is not None} == {chat.id}
            return sorted((row.kind, row.value, slot is not None) for row, slot in rows)


@pytest.fixture
def forum(db: Database, account: TelegramAccount, clock: MovableClock, fake: FakeTelegram) -> Forum:
    room = fake.supergroup("Redaktion", fake.user())
    room.has_bot()
    return Forum(db, room, account, clock)


async def test_digest_of_a_deleted_topic_comes_in_the_group_and_stays_there(forum: Forum, fake: FakeTelegram) -> None:
    topic = forum.room.topic("Energie")
    before = await forum.follows(str(topic.thread_id), "energie", options={"length": "short"})
    forum.room.deletes_topic(topic)
    await forum.ticks()
    (message,) = forum.room.messages
    assert (message.thread_id, "Neues zu energie" in message.text) == (None, True)
    after = await forum.at()
    assert after is not None
    assert (after.id, after.state, after.options) == (before.id, ChatState.ACTIVE, {"length": "short"})
    assert await forum.at(str(topic.thread_id)) is None
    assert await forum.ledger(after) == [("07:30", DeliveryState.SENT)]
    assert [refusal.description for refusal in fake.rejected] == ["Bad Request: message thread not found"]


async def test_group_that_has_a_digest_itself_gets_both_and_keeps_its_settings(forum: Forum) -> None:
    topic = forum.room.topic("Energie")
    await forum.follows(str(topic.thread_id), "energie", language="en", timezone="Asia/Tokyo")
    await forum.follows("", "ki", options={"length": "long"})
    forum.room.deletes_topic(topic)
    await forum.ticks()
    assert sorted("Neues zu ki" in message.text for message in forum.room.messages) == [False, True]
    assert {message.thread_id for message in forum.room.messages} == {None}
    group = await forum.at()
    assert group is not None
    assert (group.language, group.timezone, group.options) == ("de", "Europe/Berlin", {"length": "long"})
    assert await forum.wishes(group) == [
        *(("keyword", "energie", False), ("keyword", "ki", False), ("topic", "energie", True), ("topic", "ki", True))
    ]
    sent = DeliveryState.SENT
    assert await forum.ledger(group) == [("07:30", sent), (f"07:30 of {topic.thread_id}", sent)]
    async with forum.db.read() as tx:
        assert [row.value for row in await chats.mutes(tx, group.id or 0)] == ["no ki", "no energie"]
    assert await forum.at(str(topic.thread_id)) is None


async def test_closed_topic_gets_nothing_until_it_is_opened_again(forum: Forum) -> None:
    topic = forum.room.topic("Energie")
    other = await forum.follows("", "ki")
    chat = await forum.follows(str(topic.thread_id), "energie")
    topic.is_closed = True
    await forum.ticks()
    (message,) = forum.room.messages
    assert (message.thread_id, await forum.ledger(other)) == (None, [("07:30", DeliveryState.SENT)])
    assert await forum.ledger(chat) == [("07:30", DeliveryState.GONE)]
    closed = await forum.at(str(topic.thread_id))
    assert closed is not None
    assert (closed.state, closed.state_reason) == (ChatState.BLOCKED, "topic_gone")
    assert await forum.wishes(closed) == [("keyword", "energie", False), ("topic", "energie", True)]


async def test_closed_topic_is_written_to_by_an_administrator(forum: Forum) -> None:
    topic = forum.room.topic("Energie")
    chat = await forum.follows(str(topic.thread_id), "energie")
    topic.is_closed = True
    forum.room.set_bot(Status.ADMINISTRATOR, can_manage_topics=True)
    await forum.ticks()
    assert await forum.ledger(chat) == [("07:30", DeliveryState.SENT)]


async def test_answer_to_a_topic_that_is_deleted_meanwhile_comes_in_the_group(forum: Forum, fake: FakeTelegram) -> None:
    anna = fake.user()
    forum.room.add(anna)
    topic = forum.room.topic("Energie")
    before = await forum.follows(str(topic.thread_id), "energie")
    fake.fail_next("sendMessage", faults.error(400, "Bad Request: message thread not found"))
    await anna.says("/help@kurzclips_bot", chat=forum.room, thread=topic)
    answer = await forum.room.hears()
    assert (answer.text, answer.thread_id) == ("help", None)
    after = await forum.at()
    assert after is not None
    assert after.id == before.id

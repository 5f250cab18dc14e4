"""/status: counts of everything, and the feeds that fail most."""

from datetime import timedelta
from pathlib import Path

from handlers.request import Person
from storage import deliveries, feeds, search
from storage.database import Database
from storage.states import ChatState, DeliveryState, FeedState
from storage.tables import Delivery, Feed
from tests import make
from tests.dialogue import Talk
from tests.make import NOW

OPERATOR = Person("1", "Olga", language="en", is_operator=True)


def feed(source_id: int, number: int, **fields: object) -> Feed:
    return Feed(source_id=source_id, url=f"https://f{number}.example/", next_due_at=NOW, added_at=NOW, **fields)


def delivery(chat_id: int, slot: str, state: DeliveryState) -> Delivery:
    times = dict.fromkeys(("due_at", "ready_at", "created_at"), NOW)
    return Delivery(chat_id=chat_id, slot=slot, local_date=NOW.date(), state=state, **times)


async def test_it_counts_clips_feeds_chats_and_deliveries_by_state(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx, "bote", name="Der Bote")
        await make.clip(tx, bote, "Neu", hours=2)
        await make.clip(tx, bote, "Alt", hours=30)
        await feeds.add_feed(tx, feed(bote.id or 0, 1))
        await feeds.add_feed(tx, feed(bote.id or 0, 2, error_count=3, error_code="http_status"))
        await feeds.add_feed(tx, feed(bote.id or 0, 3, state=FeedState.RETIRED, error_count=9))
        other = await make.chat(tx, "5", state=ChatState.BLOCKED)
        slots = (("a", DeliveryState.SENT), ("b", DeliveryState.SENT), ("c", DeliveryState.GONE))
        await deliveries.plan(tx, [delivery(other.id or 0, slot, state) for slot, state in slots])
        await search.count_chosen(tx)
    operator = talk.beside(OPERATOR)
    await operator.says("/status")
    operator.hears(
        "Status",
        "Version – 0.0.0-test",
        "Clips – 2, 1 of them in the last 24 hours",
        "Sources – 1",
        "Feeds – 1 is read, 1 is read but fails and 1 is gone",
        "Chats – 1 active and 1 has blocked me",
        "Subscriptions – 0",
        "Deliveries – 2 sent and 1 to a chat that is gone",
        "Inline results sent – 1",
        "Database – ",
        f"{Path(db.address).name}, 1 MB",
        "Der Bote: http status, 3 times in a row; https://f2.example/",
    )
    operator.hears_not("https://f3.example/")


async def test_the_worst_feeds_come_first_and_only_five(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx, "bote")
        for number in range(1, 8):
            await feeds.add_feed(tx, feed(bote.id or 0, number, error_count=number, error_code="timeout"))
    operator = talk.beside(OPERATOR)
    await operator.says("/status")
    operator.hears("7 times", "6 times", "5 times", "4 times", "3 times")
    operator.hears_not("2 times", "once;")


async def test_what_waits_too_long_and_when_feeds_were_asked_last_is_told_by_its_age(
    talk: Talk, db: Database, clock: make.MovableClock
) -> None:
    async with db.write() as tx:
        bote = await make.source(tx, "bote")
        await feeds.add_feed(tx, feed(bote.id or 0, 1, polled_at=NOW - timedelta(minutes=20)))
        blocked = await make.chat(tx, "5", state=ChatState.BLOCKED)
        chat = await make.chat(tx, "6")
        await deliveries.plan(tx, [delivery(chat.id or 0, slot, DeliveryState.PLANNED) for slot in "ab"])
        await deliveries.plan(tx, [delivery(blocked.id or 0, "a", DeliveryState.PLANNED)])
    operator = talk.beside(OPERATOR)
    await operator.says("/status")
    operator.hears("Feeds asked last – 20 minutes ago", "On their way – 2, done at about")
    operator.hears_not("Waiting longest")
    clock.move(minutes=12)
    await operator.says("/status")
    operator.hears("Waiting longest – due 12 minutes ago")


async def test_an_empty_bot_has_a_status_too(talk: Talk) -> None:
    operator = talk.beside(OPERATOR)
    await operator.says("/status")
    operator.hears("Clips – 0, 0 of them", "Feeds – 0", "Chats – 1 active", "Deliveries – 0")
    operator.hears_not("Feeds that fail", "Feeds asked last", "Waiting longest")


async def test_clips_of_yesterday_are_not_recent(talk: Talk, db: Database, clock: make.MovableClock) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "Neu", hours=2)
    clock.at += timedelta(hours=23)
    operator = talk.beside(OPERATOR)
    await operator.says("/status")
    operator.hears("Clips – 1, 0 of them in the last 24 hours")


async def test_it_is_for_the_operator_only(talk: Talk) -> None:
    await talk.says("/status")
    talk.hears("Only the operator")

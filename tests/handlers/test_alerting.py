"""Alerts: a new story at once, a few an hour, never what was there before or was told."""

from datetime import timedelta

import pytest

from handlers import alerting
from storage import chats, deliveries, intake, subscriptions
from storage.database import Database
from storage.states import DeliveryKind, MuteKind, SubscriptionKind
from storage.tables import Chat, Mute, Subscription
from tests import make
from tests.make import NOW


class Desk:
    """A chat that waits for something, and news that come in."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.now = NOW

    async def waits(self, value: str, kind: str = SubscriptionKind.KEYWORD, **fields: object) -> Chat:
        async with self.db.write() as tx:
            chat = await make.chat(tx, **fields)  # type: ignore[arg-type]
            await subscriptions.add(tx, Subscription(chat_id=chat.id or 0, kind=kind, value=value, created_at=NOW))
        await alerting.plan_alerts(self.db, self.now)
        return chat

    async def news(self, title: str, **fields: object) -> int:
        async with self.db.write() as tx:
            bote = await make.source(tx)
            return await make.clip(tx, bote, title, **{"hours": 0.1, "now": self.now, **fields})  # type: ignore[arg-type]

    async def alerts(self) -> int:
        return await alerting.plan_alerts(self.db, self.now)

    async def told(self, chat: Chat) -> list[int]:
        async with self.db.read() as tx:
            rows = [row for row in await deliveries.of_chat(tx, chat.id or 0, 50) if row.kind == DeliveryKind.ALERT]
            return [entry.clip_id for row in rows[::-1] for entry in await deliveries.entries(tx, row.edition_id or 0)]


@pytest.fixture
def desk(db: Database) -> Desk:
    return Desk(db)


@pytest.mark.parametrize(
    ("value", "kind", "is_told"),
    [
        ("Tsunami", SubscriptionKind.KEYWORD, True),
        ("Tsunami -Japan", SubscriptionKind.KEYWORD, False),
        ("Erdbeben", SubscriptionKind.KEYWORD, False),
        ("klima", SubscriptionKind.TOPIC, True),
        ("ki", SubscriptionKind.TOPIC, False),
        ("bote", SubscriptionKind.SOURCE, True),
        ("funk", SubscriptionKind.SOURCE, False),
    ],
)
async def test_new_clip_alerts_who_waits_for_it_once(desk: Desk, value: str, kind: str, is_told: bool) -> None:
    chat = await desk.waits(value, kind)
    clip_id = await desk.news("Tsunami vor Japan", topics={"klima": 0.7})
    assert await desk.alerts() == int(is_told)
    assert await desk.alerts() == 0
    assert await desk.told(chat) == ([clip_id] if is_told else [])


async def test_what_was_there_before_somebody_waits_alerts_nobody(desk: Desk) -> None:
    await desk.news("Tsunami vor Japan")
    chat = await desk.waits("Tsunami")
    assert await desk.alerts() == 0
    assert await desk.told(chat) == []


async def test_old_news_that_come_in_late_alert_nobody(desk: Desk) -> None:
    chat = await desk.waits("Tsunami")
    await desk.news("Tsunami vor Japan", hours=20)
    assert await desk.alerts() == 0
    assert await desk.told(chat) == []


async def test_second_clip_of_a_told_story_does_not_alert_again(desk: Desk) -> None:
    chat = await desk.waits("Tsunami")
    first = await desk.news("Tsunami vor Japan")
    async with desk.db.write() as tx:
        story = await make.story(tx, first)
    await desk.alerts()
    await desk.news("Tsunami: Wellen erreichen Japan", story_id=story)
    assert await desk.alerts() == 0
    assert await desk.told(chat) == [first]


async def test_more_than_three_an_hour_are_left_to_the_digest(desk: Desk) -> None:
    chat = await desk.waits("Tsunami")
    for number in range(5):
        await desk.news(f"Tsunami Nummer {number}")
    assert await desk.alerts() == 3
    await desk.news("Tsunami Nummer 6")
    assert await desk.alerts() == 0
    desk.now += timedelta(minutes=61)
    await desk.news("Tsunami Nummer 7")
    assert await desk.alerts() == 1
    assert len(await desk.told(chat)) == 4


async def test_quiet_hours_hold_an_alert_back_and_a_pause_drops_it(desk: Desk) -> None:
    chat = await desk.waits("Tsunami", options={"quiet": "08:00-09:00"})
    await desk.news("Tsunami vor Japan")
    await desk.alerts()
    async with desk.db.write() as tx:
        (row,) = await deliveries.of_chat(tx, chat.id or 0, 5)
        assert row.ready_at == NOW + timedelta(minutes=30)
        await chats.change(tx, chat.id or 0, paused_until=NOW + timedelta(days=1))
    await desk.news("Tsunami vor Chile")
    assert await desk.alerts() == 0


async def test_muted_matter_does_not_alert(desk: Desk) -> None:
    chat = await desk.waits("Tsunami")
    async with desk.db.write() as tx:
        await chats.mute(tx, Mute(chat_id=chat.id or 0, kind=MuteKind.KEYWORD, value="Japan", created_at=NOW))
    await desk.news("Tsunami vor Japan")
    assert await desk.alerts() == 0


async def test_followed_story_is_told_again_once_an_hour_and_no_clip_twice(desk: Desk, db: Database) -> None:
    first = await desk.news("Kühlturm gesprengt", hours=5)
    async with db.write() as tx:
        story = await make.story(tx, first)
    chat = await desk.waits(str(story), SubscriptionKind.STORY)
    assert await desk.alerts() == 0
    for slug, minutes, is_told in (("funk", 0, True), ("welle", 20, False), ("funk", 70, True)):
        desk.now = NOW + timedelta(minutes=minutes)
        async with db.write() as tx:
            told = f"Kühlturm nach {minutes} Minuten"
            clip_id = await make.clip(tx, await make.source(tx, slug), told, now=desk.now, hours=0.1)
            await intake.assign_stories(tx, {clip_id: story})
            await intake.recount_stories(tx, [story])
        await desk.news("Fähre fährt wieder")
        assert await desk.alerts() == is_told
    desk.now += timedelta(days=0.4)
    async with db.write() as tx:
        await alerting.look_again(tx, desk.now - timedelta(hours=11))
    assert await desk.alerts() == 1  # only the one that came too soon after another
    assert len(await desk.told(chat)) == 3

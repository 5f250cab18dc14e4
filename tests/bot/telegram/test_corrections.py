"""A clip that its source changes: the messages that show it are changed in place, and never sent anew."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.jobs.deliver import Deliverer
from bot.platforms.telegram.account import TelegramAccount
from handlers.correcting import plan_corrections
from storage import deliveries, intake
from storage.database import Database
from storage.intake import ClipParts
from storage.states import DeliveryKind, DeliveryState, Platform
from storage.tables import Chat, Delivery, EditionEntry
from tests import make
from tests.fakes.telegram import FakeTelegram, Person
from tests.make import MovableClock

WRONG, RIGHT = "Drei Tote bei Zugunglück", "Zwei Tote bei Zugunglück"


class Newsroom:
    """Sends what is told, and changes it afterwards."""

    def __init__(self, db: Database, account: TelegramAccount, clock: MovableClock, anna: Person) -> None:
        self.db = db
        self.clock = clock
        self.anna = anna
        self.deliverer = Deliverer(db, {Platform.TELEGRAM: account.sender}, clock)

    async def tells(self, titles: Sequence[str], kind: str = DeliveryKind.DIGEST, image_url: str = "") -> list[int]:
        """Send a digest or alert; gives its clips."""
        now = self.clock()
        async with self.db.write() as tx:
            chat = await make.chat(tx, str(self.anna.id), platform=Platform.TELEGRAM)
            source = await make.source(tx, "tagblatt")
            clips = [
                await make.clip(tx, source, title, "Es geschah am Morgen.", image_url=image_url) for title in titles
            ]
            entries = [
                EditionEntry(edition_id=0, position=place, clip_id=clip_id, heading="topic:energie")
                for place, clip_id in enumerate(clips)
            ]
            edition_id = await deliveries.save_edition(tx, "e", entries, now)
            row = Delivery(
                chat_id=chat.id or 0, kind=kind, slot="s", local_date=now.date(), edition_id=edition_id,
                due_at=now, ready_at=now, created_at=now,
            )  # fmt: skip
            await deliveries.plan(tx, [row])
        await self.deliverer.tick()
        return clips

    async def changes(self, clip_id: int, title: str) -> None:
        """The source changes a headline, and the messages are corrected."""
        self.clock.move(minutes=30)
        parts = ClipParts(keys=(), topics=(), references=(), notices=(), paragraphs=(), search=(title.lower(), ""))
        async with self.db.write() as tx:
            await intake.revise(tx, clip_id, {"title": title}, parts, self.clock())
        await plan_corrections(self.db, self.clock())
        await self.deliverer.tick()

    async def ledger(self) -> list[tuple[str, str, str]]:
        async with self.db.read() as tx:
            chat = await tx.get(Chat, 1)
            rows = await deliveries.of_chat(tx, chat.id or 0 if chat else 0, 9)
        return [(row.kind, row.state, row.error_code) for row in reversed(rows)]


@pytest.fixture
def room(db: Database, account: TelegramAccount, clock: MovableClock, fake: FakeTelegram) -> Newsroom:
    return Newsroom(db, account, clock, fake.user(is_started=True))


SENT = (DeliveryKind.DIGEST, DeliveryState.SENT, "")


async def test_a_headline_that_changes_is_changed_in_the_digest_and_marked(room: Newsroom, fake: FakeTelegram) -> None:
    clip_id, _ = await room.tells([WRONG, "Netzausbau beginnt"])
    before = room.anna.messages[0].text
    await room.changes(clip_id, RIGHT)
    (message,) = room.anna.messages
    assert (WRONG in before, "aktualisiert" in before) == (True, False)
    assert RIGHT in message.text
    assert WRONG not in message.text
    assert message.text.count("aktualisiert") == 1
    assert [button.text for button in message.buttons] != []
    assert await room.ledger() == [SENT, (DeliveryKind.CORRECTION, DeliveryState.SENT, "")]
    assert fake.complaints == []


async def test_the_same_change_is_made_once(room: Newsroom, fake: FakeTelegram) -> None:
    (clip_id,) = await room.tells([WRONG])
    await room.changes(clip_id, RIGHT)
    await room.changes(clip_id, RIGHT)
    assert fake.calls["editMessageText"] == 1


async def test_an_alert_with_a_picture_gets_another_caption(room: Newsroom, fake: FakeTelegram) -> None:
    (clip_id,) = await room.tells([WRONG], DeliveryKind.ALERT, "https://example.org/zug.jpg")
    assert fake.calls["sendPhoto"] == 1
    await room.changes(clip_id, RIGHT)
    (message,) = room.anna.messages
    assert RIGHT in message.payload["caption"]
    assert (fake.calls["editMessageText"], fake.calls["sendMessage"]) == (0, 0)


async def test_a_message_that_is_gone_is_not_sent_anew(room: Newsroom, fake: FakeTelegram) -> None:
    (clip_id,) = await room.tells([WRONG])
    del room.anna.chat.messages[room.anna.messages[0].message_id]
    await room.changes(clip_id, RIGHT)
    assert room.anna.messages == []
    assert (await room.ledger())[1] == (DeliveryKind.CORRECTION, DeliveryState.GIVEN_UP, "not_editable")


async def test_a_digest_of_long_ago_stays_as_it_is(room: Newsroom, fake: FakeTelegram) -> None:
    (clip_id,) = await room.tells([WRONG])
    room.clock.move_to(room.clock() + timedelta(hours=48))
    await room.changes(clip_id, RIGHT)
    assert await room.ledger() == [SENT]
    assert fake.calls["editMessageText"] == 0

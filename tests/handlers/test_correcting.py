"""Corrections: owed once for each sent message and change that matters, and composed with what changed marked."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from handlers import correcting
from handlers.correcting import plan_corrections
from handlers.dispatch import Answer
from storage import deliveries, intake
from storage.database import Database
from storage.intake import ClipParts
from storage.states import ChatState, DeliveryKind, DeliveryState, Platform
from storage.tables import Chat, Delivery, EditionEntry
from tests import make
from tests.dialogue import plain
from tests.make import NOW, MovableClock

HOUR = timedelta(hours=1)


class World:
    """Clips that were sent to chats, and change."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = MovableClock()

    async def chat(self, native_id: str = "1", **fields: object) -> Chat:
        async with self.db.write() as tx:
            return await make.chat(tx, native_id, **{"platform": Platform.TELEGRAM, **fields})

    async def clip(self, title: str, *paragraphs: str) -> int:
        async with self.db.write() as tx:
            return await make.clip(tx, await make.source(tx), title, *paragraphs, now=self.clock())

    async def change(self, clip_id: int, title: str, *paragraphs: str) -> None:
        values = {"title": title, "paragraphs": list(paragraphs), "summary_short": " ".join(paragraphs)}
        parts = ClipParts(keys=(), topics=(), references=(), notices=(), paragraphs=(), search=(title.lower(), ""))
        async with self.db.write() as tx:
            await intake.revise(tx, clip_id, values, parts, self.clock())

    async def sent(
        self, chat: Chat, clip_ids: Sequence[int], kind: str = DeliveryKind.DIGEST, parts: Sequence[str] = ("7",)
    ) -> int:
        """A digest or alert that arrives now; gives its number."""
        now = self.clock()
        entries = [
            EditionEntry(edition_id=0, position=place, clip_id=clip_id, heading="topic:energie")
            for place, clip_id in enumerate(clip_ids)
        ]
        async with self.db.write() as tx:
            edition_id = await deliveries.save_edition(tx, f"{kind} {clip_ids}", entries, now)
            row = Delivery(
                chat_id=chat.id or 0,
                kind=kind,
                slot="08:30",
                local_date=date(2026, 11, 24),
                edition_id=edition_id,
                state=DeliveryState.SENT if parts else DeliveryState.PLANNED,
                due_at=now,
                ready_at=now,
                sent_at=now,
                parts=list(parts),
                created_at=now,
            )
            await deliveries.plan(tx, [row])
            return (await deliveries.of_chat(tx, chat.id or 0, 1))[0].id or 0

    async def plan(self) -> int:
        return await plan_corrections(self.db, self.clock())

    async def owed(self, chat: Chat) -> list[Delivery]:
        """The corrections of a chat, oldest first."""
        async with self.db.read() as tx:
            rows = await deliveries.of_chat(tx, chat.id or 0, 50)
        return [row for row in rows if row.kind == DeliveryKind.CORRECTION][::-1]

    async def says(self, row: Delivery) -> str:
        async with self.db.read() as tx:
            reply = await correcting.compose(tx, row)
        return plain(Answer(reply, "en", "Europe/Berlin"), self.clock)


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


async def test_message_with_a_changed_headline_is_owed_one_correction_that_marks_it(world: World) -> None:
    chat = await world.chat()
    changed, same = await world.clip("Kühlturm gesprengt"), await world.clip("Hafen voll")
    original = await world.sent(chat, [changed, same])
    world.clock.move(hours=2)
    await world.change(changed, "Kühlturm nicht gesprengt", "Er steht noch.")
    assert (await world.plan(), await world.plan()) == (1, 0)
    (row,) = await world.owed(chat)
    assert row.body["delivery"] == original
    assert (row.state, row.ready_at) == (DeliveryState.PLANNED, world.clock())
    said = await world.says(row)
    assert "Kühlturm nicht gesprengt" in said
    assert "08:30" in said
    assert said.count("updated") == 1
    assert said.index("nicht gesprengt") < said.index("updated") < said.index("Hafen voll")


async def test_change_that_does_not_matter_is_not_corrected(world: World) -> None:
    chat = await world.chat()
    clip_id = await world.clip("Kühlturm gesprengt", "Der Turm fiel.")
    await world.sent(chat, [clip_id])
    world.clock.move(hours=2)
    await world.change(clip_id, "Kühlturm gesprengt.", "Der Turm fiel!")
    assert await world.plan() == 0


async def test_second_change_is_a_correction_of_its_own_and_a_trifle_after_it_is_none(world: World) -> None:
    chat = await world.chat()
    clip_id = await world.clip("Kühlturm gesprengt", "Es gab 2 Verletzte.")
    await world.sent(chat, [clip_id])
    for words, expected in (("Es gab 3 Verletzte.", 1), ("Es gab 4 Verletzte.", 1), ("Es gab 4 Verletzte!", 0)):
        world.clock.move(hours=1)
        await world.change(clip_id, "Kühlturm gesprengt", words)
        assert await world.plan() == expected
    assert "4 Verletzte" in await world.says((await world.owed(chat))[-1])


async def test_alert_is_corrected_and_marked(world: World) -> None:
    chat = await world.chat()
    clip_id = await world.clip("Tsunami vor Husum")
    await world.sent(chat, [clip_id], DeliveryKind.ALERT)
    world.clock.move(hours=1)
    await world.change(clip_id, "Kein Tsunami vor Husum", "Die Warnung war falsch.")
    assert await world.plan() == 1
    said = await world.says((await world.owed(chat))[0])
    assert "Kein Tsunami" in said
    assert "updated" in said


@pytest.mark.parametrize(("hours", "expected"), [(47, 1), (49, 0)])
async def test_message_is_corrected_for_48_hours(world: World, hours: float, expected: int) -> None:
    chat = await world.chat()
    clip_id = await world.clip("Kühlturm gesprengt")
    await world.sent(chat, [clip_id])
    world.clock.move(hours=hours)
    await world.change(clip_id, "Kühlturm steht", "Er steht.")
    assert await world.plan() == expected


async def test_message_sent_after_the_change_shows_it_already(world: World) -> None:
    chat = await world.chat()
    clip_id = await world.clip("Kühlturm gesprengt")
    await world.change(clip_id, "Kühlturm steht", "Er steht.")
    world.clock.move(minutes=2)
    await world.sent(chat, [clip_id])
    assert await world.plan() == 0


@pytest.mark.parametrize(
    ("fields", "parts", "expected"),
    [
        ({}, ("7",), 1),
        ({"platform": Platform.MATRIX}, ("$a",), 1),
        ({"platform": Platform.TERMINAL}, ("7",), 0),
        ({"state": ChatState.BLOCKED}, ("7",), 0),
        ({}, (), 0),
    ],
)
async def test_only_what_arrived_where_it_can_be_edited_is_corrected(
    world: World, fields: dict[str, object], parts: Sequence[str], expected: int
) -> None:
    chat = await world.chat(**fields)
    clip_id = await world.clip("Kühlturm gesprengt")
    await world.sent(chat, [clip_id], parts=parts)
    world.clock.move(hours=1)
    await world.change(clip_id, "Kühlturm steht", "Er steht.")
    assert await world.plan() == expected


async def test_all_chats_that_got_the_edition_are_owed_one_each(world: World) -> None:
    rows = [await world.chat(str(number)) for number in range(5)]
    clip_id = await world.clip("Kühlturm gesprengt")
    originals = [await world.sent(chat, [clip_id]) for chat in rows]
    world.clock.move(hours=1)
    await world.change(clip_id, "Kühlturm steht", "Er steht.")
    assert await world.plan() == 5
    assert [row.body["delivery"] for chat in rows for row in await world.owed(chat)] == originals


async def test_change_written_down_a_little_late_is_not_missed(world: World) -> None:
    chat = await world.chat()
    clip_id = await world.clip("Kühlturm gesprengt")
    await world.sent(chat, [clip_id])
    world.clock.move(hours=1)
    changed_at = world.clock()
    world.clock.move(minutes=2)
    assert await world.plan() == 0
    seen_at = world.clock()
    world.clock.move_to(changed_at)
    await world.change(clip_id, "Kühlturm steht", "Er steht.")
    world.clock.move_to(seen_at)
    assert await world.plan() == 1


async def test_clock_that_ran_ahead_does_not_end_corrections(world: World) -> None:
    chat = await world.chat()
    world.clock.move(days=30)
    await world.plan()
    world.clock.move(days=-30)
    clip_id = await world.clip("Kühlturm gesprengt")
    await world.sent(chat, [clip_id])
    world.clock.move(hours=1)
    await world.plan()
    await world.change(clip_id, "Kühlturm steht", "Er steht.")
    assert await world.plan() == 1


async def test_correction_of_a_message_that_is_forgotten_says_nothing(world: World) -> None:
    chat = await world.chat()
    row = Delivery(
        chat_id=chat.id or 0,
        kind=DeliveryKind.CORRECTION,
        slot="x",
        local_date=date(2026, 11, 24),
        due_at=NOW,
        ready_at=NOW,
        created_at=NOW,
        body={"delivery": 4711, "clips": [1]},
    )
    async with world.db.read() as tx:
        assert not (await correcting.compose(tx, row)).blocks


async def test_correction_composes_only_messages_of_its_own_chat(world: World) -> None:
    chat, other = await world.chat("1"), await world.chat("2")
    clip_id = await world.clip("Kühlturm gesprengt")
    theirs = await world.sent(other, [clip_id])
    row = Delivery(
        chat_id=chat.id or 0,
        kind=DeliveryKind.CORRECTION,
        slot="x",
        local_date=date(2026, 11, 24),
        due_at=NOW,
        ready_at=NOW,
        created_at=NOW,
        body={"delivery": theirs, "clips": [clip_id]},
    )
    async with world.db.read() as tx:
        assert await correcting.original_of(tx, row) is None

"""Old clips go in portions, what people keep stays, and nothing that went comes back."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, func, select, update

from bot.jobs.clean import CLIPS_PORTION, CLIPS_PORTIONS, Cleaner
from handlers.intake import Intake
from handlers.news.items import RawItem
from handlers.ports import Desk
from handlers.retention import CLIPS_FOR, TOMBSTONES_FOR
from storage import clips, deliveries, intake, search
from storage.database import Database, Tx
from storage.tables import (
    Bookmark,
    Clip,
    ClipKey,
    ClipSearch,
    Edition,
    EditionEntry,
    MessageClip,
    Source,
    Story,
    Tombstone,
)
from tests import make
from tests.make import NOW, MovableClock

OLD_HOURS = (CLIPS_FOR.days + 1) * 24.0


async def left(db: Database, table: type = Clip) -> int:
    async with db.read() as tx:
        return (await tx.exec(select(func.count()).select_from(table))).one()


async def many(tx: Tx, source: Source, number: int) -> list[int]:
    return [await make.clip(tx, source, f"Brücke {each} wieder offen", hours=OLD_HOURS) for each in range(number)]


async def test_old_clips_go_with_all_that_hangs_on_them(db: Database, clock: MovableClock) -> None:
    async with db.write() as tx:
        source = await make.source(tx)
        await make.clip(tx, source, "Kühlturm gesprengt", hours=OLD_HOURS)
        young = await make.clip(tx, source, "Fähre fährt wieder")
    assert await Cleaner(db, clock).tick() == 1
    async with db.read() as tx:
        assert await clips.latest(tx, clips.ClipFilter(), 9) == [young]
        counts = await intake.term_counts(tx, ["", "kuhlturm", "fahr"])
        found = await search.similar(tx, ["kuhlturm", "gesprengt"], since=None, limit=9)
    assert counts[""] == 1
    assert "kuhlturm" not in counts
    assert found == []
    assert await left(db, ClipSearch) == 1


async def test_what_people_keep_or_were_sent_stays(db: Database, clock: MovableClock) -> None:
    async with db.write() as tx:
        saved, shown, planned, nobodys = await many(tx, await make.source(tx), 4)
        chat = (await make.chat(tx)).id or 0
        edition = await deliveries.save_edition(
            tx, "e", [EditionEntry(edition_id=0, position=0, clip_id=planned)], clock()
        )
        tx.add(Bookmark(chat_id=chat, clip_id=saved, saved_at=NOW))
        tx.add(MessageClip(chat_id=chat, message_id="1", position=0, clip_id=shown, sent_at=NOW))
    assert edition
    await Cleaner(db, clock).tick()
    async with db.read() as tx:
        assert sorted(await clips.latest(tx, clips.ClipFilter(), 9)) == [saved, shown, planned]
        assert await clips.get(tx, nobodys) is None
    clock.move(days=100)  # the ledger and what was shown are old by now
    await Cleaner(db, clock).tick()
    clock.move(hours=25)
    await Cleaner(db, clock).tick()
    await Cleaner(db, clock).tick()
    assert (await left(db), await left(db, Edition)) == (1, 0)


async def test_stories_shrink_and_vanish(db: Database, clock: MovableClock) -> None:
    async with db.write() as tx:
        bote, kurier = await make.source(tx, "bote"), await make.source(tx, "kurier")
        old = await make.clip(tx, bote, "Turm fällt", hours=OLD_HOURS)
        young = await make.clip(tx, kurier, "Turm ist gefallen")
        lasting = await make.story(tx, old, young)
        await make.story(tx, *await many(tx, bote, 2))
    await Cleaner(db, clock).tick()
    async with db.read() as tx:
        stories = (await tx.exec(select(Story))).all()
    assert [(story.id, story.clip_count, story.source_count) for story in stories] == [(lasting, 1, 1)]


async def test_a_tick_does_only_so_much(db: Database, clock: MovableClock) -> None:
    most = CLIPS_PORTION * CLIPS_PORTIONS
    async with db.write() as tx:
        source = await make.source(tx)
        row = {"source_id": source.id, "language": "de", "content_hash": "", "published_at": NOW, "updated_at": NOW}
        tx.add_all(Clip(title=str(each), added_at=NOW - 2 * CLIPS_FOR, **row) for each in range(most + 1))
    assert await Cleaner(db, clock).tick() == most
    assert await Cleaner(db, clock).tick() == 1


def items() -> Sequence[RawItem]:
    return [
        RawItem(title="Ohne Datum", paragraphs=("Das teilte die Stadt am Morgen mit.",), external_id="1"),
        RawItem(title="Neu", paragraphs=("Das teilte der Kreis am Abend mit.",), external_id="2"),
    ]


async def test_what_was_forgotten_does_not_come_back_while_its_feed_shows_it(db: Database, clock: MovableClock) -> None:
    taking = Intake(db, Desk(), make.at_once)
    async with db.write() as tx:
        source = await make.source(tx)
    await taking.take_in(items()[:1], source=source, now=clock())
    clock.move(days=CLIPS_FOR.days + 1)
    await Cleaner(db, clock).tick()
    assert (await left(db), await left(db, ClipKey)) == (0, 0)
    for _ in range(10):
        clock.move(days=30)
        wanted = await taking.not_forgotten(items(), source=source, now=clock())
        await Cleaner(db, clock).tick()
        assert [item.title for item in wanted] == ["Neu"]
    clock.move(days=TOMBSTONES_FOR.days + 1)
    await Cleaner(db, clock).tick()
    clock.move(hours=25)  # a clock that leapt is not trusted for a day
    await Cleaner(db, clock).tick()
    assert await left(db, Tombstone) == 0


async def test_who_asks_for_what_was_forgotten_gets_it(db: Database, clock: MovableClock) -> None:
    taking = Intake(db, Desk(), make.at_once)
    async with db.write() as tx:
        source = await make.source(tx)
    await taking.take_in(items()[:1], source=source, now=clock())
    async with db.write() as tx:
        await tx.exec(update(Clip).where(col(Clip.id) > 0).values(added_at=NOW - CLIPS_FOR - timedelta(days=1)))
    await Cleaner(db, clock).tick()
    assert (await taking.take_in(items()[:1], source=source, now=clock())).new == 1


async def test_a_clock_that_leaps_ahead_and_comes_back_within_a_day_costs_no_clip(
    db: Database, clock: MovableClock
) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx))
    cleaner = Cleaner(db, clock)
    await cleaner.tick()
    true = clock.move(hours=1)
    clock.move(days=CLIPS_FOR.days * 2)
    await cleaner.tick()
    clock.move(hours=20)
    await cleaner.tick()
    clock.move_to(true + timedelta(hours=21))
    await cleaner.tick()
    assert await left(db) == 1


async def test_a_day_after_a_long_stop_old_clips_go(db: Database, clock: MovableClock) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx))
    cleaner = Cleaner(db, clock)
    await cleaner.tick()
    clock.move(days=CLIPS_FOR.days * 2)
    await cleaner.tick()
    assert await left(db) == 1
    clock.move(hours=25)
    await cleaner.tick()
    assert await left(db) == 0

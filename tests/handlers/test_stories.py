"""Stories as intake makes them: one event is one story, in whatever order and language; wrong ones are mended."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from sqlmodel import col, select, update

from bot.encoders import LocalEncoder
from handlers.intake import Intake
from handlers.news.items import RawItem
from handlers.news.vectors import unpack
from handlers.ports import Desk, Vectors
from storage import vectors
from storage.database import Database
from storage.tables import Clip, ClipVector, Story
from tests import make
from tests.make import NOW

PLACES = ("Kassel", "Jena", "Fulda", "Trier", "Celle", "Lingen", "Emden", "Soest", "Worms", "Bautzen", "Stade", "Husum")


def dam(place: str, hours: float, *, telling: int = 0) -> RawItem:
    texts = (
        f"Der Staudamm bei {place} hat nach dem Dauerregen Risse bekommen. Das Landratsamt ließ am Abend 1200 Menschen "
        f"in Sicherheit bringen. Pumpen senken den Wasserspiegel, sagte Talsperrenmeister Uwe Reinders.",
        f"Wegen der Risse im Staudamm bei {place} mussten 1200 Bewohner ihre Häuser verlassen. Talsperrenmeister Uwe "
        f"Reinders lässt Wasser abpumpen; das Landratsamt hofft, dass der Damm nach dem Dauerregen hält.",
    )
    titles = (f"Staudamm bei {place} hat Risse", f"Risse im Staudamm: 1200 Bewohner bei {place} evakuiert")
    return make.item(titles[telling], texts[telling], hours=hours)


async def take(db: Database, items: Sequence[tuple[str, RawItem]], **more: object) -> Intake:
    """Take in items, each from a source of its own name, one after the other."""
    taking = Intake(db, Desk(), make.at_once, **more)
    for slug, item in items:
        async with db.write() as tx:
            source = await make.source(tx, slug)
        await taking.take_in([item], source=source, now=NOW)
    return taking


async def stories(db: Database) -> list[set[str]]:
    """The titles of each story."""
    async with db.read() as tx:
        rows = (await tx.exec(select(Clip.story_id, Clip.title))).all()
        known = set((await tx.exec(select(Story.id))).all())
    found: defaultdict[int, set[str]] = defaultdict(set)
    for story, title in rows:
        assert story in known
        found[story or 0].add(title)
    assert len(found) == len(known)
    return sorted(found.values(), key=sorted)


async def test_events_of_one_pattern_in_many_places_stay_apart_and_each_is_told_by_two(db: Database) -> None:
    items = [("bote", dam(place, 3 - number / 100)) for number, place in enumerate(PLACES)]
    items += [("kurier", dam(place, 2 - number / 100, telling=1)) for number, place in enumerate(PLACES)]
    await take(db, items)
    assert await stories(db) == sorted(
        ({dam(place, 1).title, dam(place, 1, telling=1).title} for place in PLACES), key=sorted
    )


@pytest.mark.parametrize("turned", [False, True])
async def test_the_order_of_a_batch_changes_nothing(db: Database, turned: bool) -> None:
    items = [dam("Kassel", 3), dam("Jena", 2.5), dam("Kassel", 2, telling=1), dam("Jena", 1, telling=1)]
    async with db.write() as tx:
        source = await make.source(tx)
    taking = Intake(db, Desk(), make.at_once)
    await taking.take_in(items[::-1] if turned else items, source=source, now=NOW)
    assert [len(story) for story in await stories(db)] == [2, 2]


async def test_a_restart_finds_the_stories_of_the_days_before(db: Database) -> None:
    await take(db, [("bote", dam("Kassel", 3))])
    await take(db, [("kurier", dam("Kassel", 2, telling=1))])
    assert [len(story) for story in await stories(db)] == [2]


async def test_what_another_process_took_in_is_seen(db: Database) -> None:
    ours = await take(db, [("bote", dam("Jena", 4))])
    await take(db, [("kurier", dam("Kassel", 3))])
    async with db.write() as tx:
        source = await make.source(tx, "zeitung")
    await ours.take_in([dam("Kassel", 2, telling=1)], source=source, now=NOW)
    assert sorted(len(story) for story in await stories(db)) == [1, 2]


async def test_two_stories_become_one_where_a_clip_shows_that_they_are_the_same(db: Database) -> None:
    taking = await take(db, [("bote", dam("Kassel", 5)), ("kurier", dam("Kassel", 4, telling=1))])
    async with db.write() as tx:
        second = (await tx.exec(select(Clip).where(Clip.title == dam("Kassel", 1, telling=1).title))).one()
        row = Story(title="x", language="de", first_at=NOW, last_at=NOW, moved_at=NOW, clip_count=1, source_count=1)
        tx.add(row)
        await tx.flush()
        await tx.exec(update(Clip).where(col(Clip.id) == second.id).values(story_id=row.id))
    taking._stories.forget()
    third = make.item("Staudamm bei Kassel: Risse nach Dauerregen, 1200 evakuiert", *dam("Kassel", 1).paragraphs)
    async with db.write() as tx:
        source = await make.source(tx, "zeitung")
    await taking.take_in([third], source=source, now=NOW)
    assert [len(story) for story in await stories(db)] == [3]


async def test_a_story_whose_halves_have_nothing_in_common_is_cut_when_it_grows(db: Database) -> None:
    items = [("bote", dam("Kassel", 5)), ("kurier", dam("Kassel", 4, telling=1))]
    wahl = "Die Bürgermeisterwahl in Fulda geht in die Stichwahl: Keine der vier Bewerberinnen kam über 50 Prozent."
    items.append(("blatt", make.item("Stichwahl in Fulda um das Amt der Bürgermeisterin", wahl, hours=3)))
    await take(db, items)
    async with db.write() as tx:
        first = (await tx.exec(select(Clip.story_id).where(Clip.title == dam("Kassel", 1).title))).one()
        await tx.exec(update(Clip).values(story_id=first))
    more = make.item("Fulda: Stichwahl entscheidet über Bürgermeisterin", wahl + " Gewählt wird in 14 Tagen.", hours=2)
    await take(db, [("zeitung", more)])
    async with db.read() as tx:
        rows = (await tx.exec(select(Clip.story_id, Clip.title))).all()
    told: defaultdict[int, set[str]] = defaultdict(set)
    for story, title in rows:
        told[story or 0].add("Staudamm" if "Staudamm" in title else "Fulda")
    assert sorted(map(sorted, told.values())) == [["Fulda"], ["Staudamm"]]


async def test_what_a_failed_batch_learnt_is_forgotten(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    taking = await take(db, [("bote", dam("Kassel", 3))])
    async with db.write() as tx:
        source = await make.source(tx, "kurier")

    async def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr("storage.intake.resolve_references", fail)
        await taking.take_in([dam("Kassel", 2, telling=1)], source=source, now=NOW)
    await taking.take_in([dam("Kassel", 2, telling=1)], source=source, now=NOW)
    assert [len(story) for story in await stories(db)] == [2]


ICE = (
    ("de", "Vulkan in Island: Blaue Lagune nach Ausbruch bei Grindavík geräumt",
     "Auf der Halbinsel Reykjanes ist erneut Lava ausgetreten. Rund 800 Gäste der Blauen Lagune und die Bewohner von "
     "Grindavík wurden in Sicherheit gebracht, teilte der Zivilschutz mit."),
    ("en", "Iceland volcano erupts again, Blue Lagoon and Grindavik evacuated",
     "Lava is flowing on Iceland's Reykjanes peninsula for the second time this year. About 800 guests of the Blue "
     "Lagoon spa and residents of Grindavik were evacuated, the civil protection agency said."),
    ("ru", "Извержение вулкана в Исландии: Голубая лагуна и Гриндавик эвакуированы",
     "На исландском полуострове Рейкьянес снова течёт лава. Около 800 гостей курорта «Голубая лагуна» и жителей "
     "Гриндавика вывезли в безопасное место, сообщила служба гражданской защиты."),
)  # fmt: skip


def told(language: str, hours: float) -> RawItem:
    _language, title, text = next(entry for entry in ICE if entry[0] == language)
    return make.item(title, text, hours=hours, language=language)


async def test_one_event_in_three_languages_is_one_story_where_an_encoder_is_installed(db: Database) -> None:
    items = [("bote", told("de", 3)), ("post", told("en", 2)), ("vesti", told("ru", 1))]
    items.append(
        ("blatt", make.item("Island wählt ein neues Parlament", "In Reykjavik öffneten die Wahllokale um neun."))
    )
    await take(db, items, encoder=LocalEncoder(make.at_once))
    assert sorted(len(story) for story in await stories(db)) == [1, 3]
    async with db.read() as tx:
        stored = (await tx.exec(select(ClipVector))).all()
    assert {row.model for row in stored} == {LocalEncoder.name}
    assert all(abs(float(np.linalg.norm(unpack(row.vector))) - 1) < 0.01 for row in stored)


async def test_without_an_encoder_each_language_tells_its_own(db: Database) -> None:
    await take(db, [("bote", told("de", 3)), ("post", told("en", 2)), ("vesti", told("ru", 1))])
    assert [len(story) for story in await stories(db)] == [1, 1, 1]


class Silent:
    """An encoder that cannot be had."""

    name = "silent"

    async def encode(self, texts: Sequence[str]) -> Vectors | None:
        return None


async def test_intake_goes_on_without_an_encoder_that_fails(db: Database) -> None:
    await take(db, [("bote", dam("Kassel", 3)), ("kurier", dam("Kassel", 2, telling=1))], encoder=Silent())
    assert [len(story) for story in await stories(db)] == [2]
    async with db.read() as tx:
        assert await vectors.newest(tx, "silent", since=NOW - timedelta(days=9), limit=9) == {}

"""/latest: newest first, of everything or of one matter, page by page, without what is muted."""

import pytest

from storage.database import Database
from tests import make
from tests.dialogue import Talk


async def test_newest_clip_comes_first_with_source_age_and_number(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx, "bote", name="Der Bote")
        old = await make.clip(tx, bote, "Mühle in Fulda steht still", hours=30)
        new = await make.clip(tx, bote, "Fähre nach Wismar fährt wieder", hours=2)
    await talk.says("/latest")
    talk.hears("Latest clips", "1. Fähre nach Wismar", f"Der Bote · 2 hours ago · #{new}", "2. Mühle", f"#{old}")


async def test_source_that_a_state_controls_is_told_with_its_country(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        source = await make.source(tx, "amt", name="Amt", ownership="state_controlled", country="RU")
        await make.clip(tx, source, "Neue Rechenzentren geplant")
    await talk.says("/latest")
    talk.hears("Amt (state-controlled, Russia)")


async def test_topic_narrows_the_list_and_offers_a_subscription(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        await make.clip(tx, bote, "Windpark vor Husum liefert Strom", topics={"energie": 0.9})
        await make.clip(tx, bote, "Bibliothek in Passau öffnet")
    await talk.says("/latest Energie")
    talk.hears("Latest: Energy", "1. Windpark", "[Subscribe]")
    talk.hears_not("Bibliothek")


async def test_story_of_two_sources_is_listed_once_by_its_latest_telling(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote, welle = await make.source(tx, "bote"), await make.source(tx, "welle")
        first = await make.clip(tx, bote, "Kühlturm fällt am Mittag", hours=3)
        second = await make.clip(tx, welle, "Kühlturm ist gesprengt", hours=2)
        await make.story(tx, first, second)
    await talk.says("/latest")
    talk.hears("1. Kühlturm ist gesprengt", "Welle · and one more source")
    talk.hears_not("fällt am Mittag")


async def test_story_of_one_source_keeps_all_its_clips(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        one = await make.clip(tx, bote, "Liveblog: Wahllokale offen", hours=3)
        two = await make.clip(tx, bote, "Liveblog: Wahllokale geschlossen", hours=2)
        await make.story(tx, one, two)
    await talk.says("/latest")
    talk.hears("1. Liveblog: Wahllokale geschlossen", "2. Liveblog: Wahllokale offen")


async def test_pages_lead_to_the_end_and_back_by_editing_the_message(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        for number in range(7):
            await make.clip(tx, bote, f"Meldung Nummer {number} aus dem Rathaus", hours=number + 1)
    await talk.says("/latest 3")
    assert talk.labels() == ["1", "2", "3", "More"]
    assert not talk.reply.edits
    await talk.presses("More")
    talk.hears("4. Meldung Nummer 3", "6. Meldung Nummer 5")
    assert talk.reply.edits
    await talk.presses("More")
    assert talk.labels() == ["7", "Back"]
    await talk.presses("Back")
    await talk.presses("Back")
    talk.hears("1. Meldung Nummer 0")


async def test_number_of_a_list_opens_the_summary_of_its_clip(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        await make.clip(tx, bote, "Fähre nach Wismar fährt wieder", hours=1)
        await make.clip(tx, bote, "Mühle in Fulda steht still", hours=2)
    await talk.says("/latest")
    await talk.presses("2")
    talk.hears("Mühle in Fulda steht still")


@pytest.mark.parametrize(("muted", "hidden"), [("bote", "Fähre"), ("energie", "Mühle")])
async def test_muted_source_or_topic_is_left_out_unless_it_is_asked_for(
    talk: Talk, db: Database, muted: str, hidden: str
) -> None:
    async with db.write() as tx:
        bote, welle = await make.source(tx, "bote"), await make.source(tx, "welle")
        await make.clip(tx, bote, "Fähre nach Wismar fährt wieder")
        await make.clip(tx, welle, "Mühle in Fulda steht still", topics={"energie": 0.9})
    await talk.says(f"/mute {muted}")
    await talk.says("/latest")
    talk.hears_not(hidden)
    assert len(talk.reply.clips) == 1
    await talk.says(f"/latest {muted}")
    talk.hears(hidden)


async def test_clip_dated_after_now_waits_for_its_time(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "Sperrfrist bis morgen", hours=-3)
    await talk.says("/latest")
    talk.hears("There is nothing here yet.")
    talk.clock.move(hours=4)
    await talk.says("/latest")
    talk.hears("1. Sperrfrist bis morgen")


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("/latest", "There is nothing here yet."),
        ("/latest -1", "-1 is not a number from 1 to 20."),
        ("/latest 0", "0 is not a number from 1 to 20."),
        ("/latest 99999999999999999999", "is not a number from 1 to 20."),
        ("/latest quatsch", "I know no topic or source called “quatsch”."),
        ("/latest >9999", "That was all."),
        ("/latest " + "x" * 5000, "I know no topic or source called"),
    ],
)
async def test_odd_argument_gets_one_clear_sentence(talk: Talk, said: str, answered: str) -> None:
    assert answered in await talk.says(said)

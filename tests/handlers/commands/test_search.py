"""/search: any form of a word, phrases, exclusions, operators, forgiven typos, and a friendly word where nothing is."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers import searching
from handlers.context import Services
from handlers.intake import Intake
from handlers.nearby import Nearby
from handlers.news.items import RawItem
from handlers.ports import Vectors
from storage.database import Database
from tests import make
from tests.dialogue import Talk
from tests.make import NOW, MovableClock

CLIPS = (
    ("de", "Alte Kernkraftwerke werden abgebaut", "In Bayern hat der Rückbau begonnen."),
    ("de", "Bundesverfassungsgericht prüft das Gesetz", "Die Klage kam aus Passau."),
    ("de", "Viele Häuser am Hang sind sicher", "Das Dorf kann bleiben. Gutachter maßen zwei Wochen lang."),
    ("ru", "Больше энергии с моря", "Новые ветряки дают много энергии."),
    ("de", "Kleine Reaktoren für Rechenzentren", "Eine große Firma plant kleine Reaktoren in Frankreich."),
    ("en", "Reactors power data centres", "The company wants small reactors near large data centres."),
)


@pytest.fixture
async def told(talk: Talk, db: Database) -> Talk:
    async with db.write() as tx:
        for place, (language, title, text) in enumerate(CLIPS):
            source = await make.source(tx, f"blatt-{language}", language=language)
            topics = {"energie": 0.9} if place in {0, 3} else {}
            await make.clip(tx, source, title, text, hours=24.0 * place + 1, topics=topics)
    return talk


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Kernkraftwerk", [1]),
        ("kernkraftwerke", [1]),
        ("kernkraft", [1]),
        ("gericht", [2]),
        ("hauser", [3]),
        ("haeuser", [3]),
        ("HÄUSER", [3]),
        ("энергия", [4]),
        ("reaktor", [5]),
        ('"kleine reaktoren"', [5]),
        ("„kleinen Reaktoren“", [5]),
        ('"reaktoren kleine"', []),
        ('"small reactors"', [6]),
        ("rechenzentren -frankreich", []),
        ("rechenzentren", [5]),
        ("source:blatt-ru", [4]),
        ("quelle:blatt-ru", [4]),
        ("topic:energie", [1, 4]),
        ("topic:Energy lang:de", [1]),
        ("lang:en", [6]),
        ("since:36h", [1, 2]),
        ("before:2026-11-20", [6]),
        ("since:2026-11-20 before:2026-11-21 lang:de", [5]),
    ],
)
async def test_words_and_operators_find_exactly_what_they_mean(told: Talk, words: str, found: list[int]) -> None:
    await told.says(f"/search {words}")
    assert sorted(told.reply.clips) == found


async def test_word_itself_goes_before_longer_words_that_contain_it(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        inside = await make.clip(tx, bote, "Rathaus in Fulda wird saniert", hours=1)
        itself = await make.clip(tx, bote, "Neues aus Husum", "Ein altes Haus ist nun Museum.", hours=2)
    await talk.says("/search Haus")
    assert talk.reply.clips == (itself, inside)


async def test_plain_words_without_a_command_are_a_search(told: Talk) -> None:
    await told.says('"kleine reaktoren"')
    told.hears('Search: "kleine reaktoren"', "1. Kleine Reaktoren für Rechenzentren")


async def test_snippet_is_the_sentence_that_answers(talk: Talk, db: Database) -> None:
    text = ("Das Dorf feiert sein Fest. Viele kamen.", "Am Abend spielte die Kapelle. Das hatte niemand erwartet.")
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "Ein Sommerabend", *text)
    await talk.through(("/search Kapelle", "Am Abend spielte die Kapelle."))
    await talk.through(("/search erwartet", "Am Abend spielte die Kapelle. Das hatte niemand erwartet."))


async def test_typing_error_is_forgiven_and_told(told: Talk) -> None:
    await told.says("/search Bundesverfasungsgericht")
    told.hears("Nothing for these words; this is for “Bundesverfassungsgericht”.", "1. Bundesverfassungsgericht")


async def test_only_the_mistyped_word_is_replaced(told: Talk) -> None:
    await told.says("/search kleine Reacktoren")
    told.hears("this is for “kleine Reaktoren”", "1. Kleine Reaktoren")


async def test_question_that_no_clip_answers_whole_gets_the_closest(told: Talk) -> None:
    await told.says("/search Wann werden die Kernkraftwerke in Sachsen abgebaut?")
    told.hears("No clip has all these words; these come closest.", "1. Alte Kernkraftwerke werden abgebaut")
    assert told.reply.clips == (1,)


async def test_common_words_of_a_question_do_not_drown_the_rare_one(
    talk: Talk, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_LOOSE", 2)
    async with db.write() as tx:
        bote = await make.source(tx)
        for number in range(4):
            await make.clip(tx, bote, f"Brücke Nummer {number} in Husum offen", hours=number + 1)
        rare = await make.clip(tx, bote, "Schleuse in Kiel geflutet", hours=9)
    await talk.says("/search Brücke Schleuse Nordsee")
    talk.hears("these come closest.")
    assert talk.reply.clips == (rare,)


async def test_search_can_be_subscribed_to_where_it_was_meant_so(told: Talk) -> None:
    await told.says("/search reaktor")
    assert told.labels()[-1] == "Subscribe"
    await told.presses("Subscribe")
    told.hears("“reaktor” now comes every day at 07:30.")
    await told.says("/search qwertzuiop")
    await told.presses("Subscribe")
    told.hears("“qwertzuiop” now comes")
    await told.says("/search Bundesverfasungsgericht")
    assert "Subscribe" not in told.labels()


async def test_clips_since_an_instant_are_found_whenever_they_were_taken_in(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        await make.clip(tx, bote, "Brücke gestern offen", hours=30)
        late = await make.clip(tx, bote, "Brücke heute offen", hours=2, added_at=NOW)
        await make.clip(tx, bote, "Alte Brücke, spät gelesen", hours=90, added_at=NOW)
    await talk.says("/search brücke since:1d")
    assert talk.reply.clips == (late,)


async def test_long_hit_list_is_walked_without_gap_or_repeat(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        for number in range(12):
            await make.clip(tx, bote, f"Brücke Nummer {number} ist offen", hours=number + 1)
    await talk.says("/search brücke")
    seen = list(talk.reply.clips)
    while "More" in talk.labels():
        await talk.presses("More")
        seen += talk.reply.clips
    assert sorted(seen) == list(range(1, 13))


async def test_forgiven_search_goes_on_the_same_way_on_its_next_pages(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        for number in range(7):
            await make.clip(tx, bote, f"Bibliothek Nummer {number} ist offen", hours=number + 1)
    await talk.says("/search Bibliotek")
    await talk.presses("More")
    talk.hears("this is for “Bibliothek”", "6. Bibliothek")
    assert len(talk.reply.clips) == 2


async def test_notice_of_a_source_is_never_found(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "Fest in Husum", notices=("Bitte unterstützt unser Magazin.",))
    await talk.through(("/search Magazin", "I found nothing for “Magazin”."))


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("/search", "What shall I look for?"),
        ('/search ""', "What shall I look for?"),
        ("/search *", "What shall I look for?"),
        ("/search -reaktor", "What shall I look for?"),
        ("/search qwertzuiop", "I found nothing for “qwertzuiop”."),
        ("/search topic:quatsch", "I know no topic called “quatsch”."),
        ("/search source:quatsch", "I know no source called “quatsch”."),
        ("/search lang:xx", "I know no language “xx”; there are de, en, ru and fr."),
        ("/search since:gestern", "I found nothing"),
        ("/search 🙈", "What shall I look for?"),
        ("/search " + "wort " * 2500, "I found nothing"),
    ],
)
async def test_search_that_leads_nowhere_gets_a_friendly_word(told: Talk, said: str, answered: str) -> None:
    assert answered in await told.says(said)


async def test_each_example_that_is_shown_finds_something_in_the_demo_news(demo_talk: Talk) -> None:
    await demo_talk.says("/search")
    examples = [line.removeprefix("• ") for line in demo_talk.heard.splitlines() if line.startswith("• ")]
    assert len(examples) == 3
    for example in examples:
        await demo_talk.says(example)
        assert demo_talk.reply.clips, example


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60) | st.text(alphabet="\"-*()':^{}[]ANDORNT topic:since: „“«»\\", max_size=40))
async def test_whatever_is_typed_is_answered_without_an_error(told: Talk, text: str) -> None:
    heard = await told.says(f"/search {text}")
    assert "went wrong" not in heard


async def test_a_question_is_answered_by_what_it_is_about_and_not_by_its_little_words(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        answer = await make.clip(tx, bote, "Fähre nach Amrum", "Kapitän Petersen fuhr die Fähre zuletzt bei Sturm.")
        await make.clip(tx, bote, "Wer fuhr wann", "Wer die Linie fuhr, war zuletzt bei der Stadt zu erfahren.")
    await talk.says("/search Wer fuhr die Fähre nach Amrum zuletzt bei Sturm?")
    assert talk.reply.clips[0] == answer


async def test_a_phrase_among_many_words_still_narrows_the_search(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        await make.clip(tx, bote, "Fähre, Hafen, Amrum, Sturm und Kapitän", "Fähre, Hafen, Amrum, Sturm und Kapitän.")
        whole = await make.clip(tx, bote, "Alte Boote", "Fähre, Hafen, Amrum, Sturm und Kapitän für alte Boote.")
    await talk.says('/search Fähre Hafen Amrum Sturm Kapitän "alte Boote"')
    assert talk.reply.clips == (whole,)


async def test_a_compound_that_no_clip_has_is_looked_for_by_its_parts(told: Talk) -> None:
    await told.says("/search Frankreichreaktoren")
    told.hears("this is for “Frankreich Reaktoren”", "Kleine Reaktoren für Rechenzentren")
    told.hears_not("Reactors power")


class Meaning:
    """An encoder that knows two matters, by what its texts say of them."""

    name = "two-matters"

    async def encode(self, texts: Sequence[str]) -> Vectors:
        about = [[any(word in text.casefold() for word in words) for words in MATTERS] for text in texts]
        rows = np.array([[*each, not any(each)] for each in about], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


MATTERS = (("warming", "erwärmung", "klima"), ("football", "fußball", "tore"))


async def test_what_means_the_same_in_other_words_is_found_where_there_is_an_encoder(
    db: Database, services: Services, clock: MovableClock
) -> None:
    encoder = Meaning()
    nearby = Nearby(encoder.name)
    intake = Intake(db, services.desk, make.at_once, encoder)
    talk = Talk(replace(services, encoder=encoder, nearby=nearby, intake=intake), clock)
    async with db.write() as tx:
        source = await make.source(tx)
    items = [
        RawItem(title="Gletscher schmelzen schneller", paragraphs=("Das Klima ändert sich.",), language="de"),
        RawItem(title="Drei Tore in zehn Minuten", paragraphs=("Ein Abend der Stürmer.",), language="de"),
    ]
    await intake.take_in(items, source=source, now=clock())
    await talk.says("/search what does warming do")
    talk.hears("these come closest", "Gletscher schmelzen schneller")
    talk.hears_not("Drei Tore")
    await talk.says("/search recipes with apples please")
    talk.hears("I found nothing")

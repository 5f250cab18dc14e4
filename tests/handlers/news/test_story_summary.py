from handlers.news.story_summary import Telling, story_summary
from handlers.news.summary import LONG_LETTERS

BOTE = Telling(
    1,
    10,
    "Rostock sperrt Warnowbrücke für Lastwagen",
    (
        "Die Warnowbrücke in Rostock ist seit Montag für Lastwagen gesperrt. Prüfer hatten Risse in zwei Trägern der"
        " Brücke entdeckt.",
        "Autos dürfen weiter fahren.",
    ),
    "de",
)
KURIER = Telling(
    2,
    20,
    "Lastwagen dürfen nicht mehr über die Warnowbrücke",
    (
        "Seit Montag ist die Warnowbrücke in Rostock für Lastwagen gesperrt.",
        "Spediteure in Rostock rechnen wegen der Brücke mit Umwegen von 40 Kilometern und 2 Mio. Euro Kosten.",
        "Er sprach von einem Schock.",
    ),
    "de",
)
HERALD = Telling(
    3, 30, "Rostock bridge closed to lorries", ("The bridge in Rostock needs repairs worth 9m euros.",), "en"
)


def test_first_clip_opens_and_others_add_what_is_new_each_with_its_clip():
    told = story_summary([BOTE, KURIER])
    assert [clip_id for _, clip_id in told] == [1, 1, 2]
    assert told[0][0] == "Die Warnowbrücke in Rostock ist seit Montag für Lastwagen gesperrt."
    assert told[2][0].startswith("Spediteure in Rostock rechnen")


def test_copy_of_the_first_clip_adds_nothing():
    copy = Telling(4, 40, BOTE.title, BOTE.paragraphs, "de")
    assert {clip_id for _, clip_id in story_summary([BOTE, copy])} == {1}


def test_clip_in_another_language_is_not_quoted():
    assert {clip_id for _, clip_id in story_summary([BOTE, HERALD])} == {1}


def test_second_clip_of_the_same_source_is_not_quoted():
    again = Telling(5, 10, KURIER.title, KURIER.paragraphs, "de")
    assert {clip_id for _, clip_id in story_summary([BOTE, again])} == {1}


def test_sentence_on_another_matter_is_not_quoted():
    other = Telling(6, 60, "Wetter", ("In Passau werden am Samstag bis zu 12 Grad und viel Sonne erwartet.",), "de")
    assert {clip_id for _, clip_id in story_summary([BOTE, other])} == {1}


def test_story_of_many_sources_stays_within_the_long_form():
    many = [
        Telling(
            number,
            number,
            KURIER.title,
            (f"Die Warnowbrücke in Rostock trifft auch Firma {number}, deren {name} {number} Stunden braucht.",),
            "de",
        )
        for number, name in enumerate(("Flotte", "Lieferung", "Fracht", "Spedition", "Abholung"), 100)
    ]
    told = story_summary([BOTE, *many])
    assert len(told) > 2
    assert sum(len(text) + 1 for text, _ in told) <= LONG_LETTERS


def test_no_clip_and_a_clip_without_sentences_give_nothing():
    assert story_summary([]) == ()
    assert story_summary([Telling(1, 1, "Bildergalerie", ("3:1",), "de"), KURIER]) == ()

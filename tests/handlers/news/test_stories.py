from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from handlers.news import duplicates, stories, terms
from handlers.news.related import Candidate
from handlers.news.similarity import Comparison
from tests.handlers.news.engine_texts import BY_KEY, LOOKALIKES, TEXTS, TWINS

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
STORY = {text.key: number for number, text in enumerate(TEXTS, start=1)}
SECOND_VERSION = "koalition-2"


def clip(text, clip_id=1000, *, story_id=None, source_id=9, at=NOON):
    whole = " ".join((text.title, *text.paragraphs))
    bag = terms.bag(text.title, text.paragraphs, text.language)
    return Candidate(clip_id, story_id, source_id, text.language, at, bag, duplicates.simhash(whole), text.title)


ARCHIVE = [
    clip(text, number, story_id=number, source_id=number % 3)
    for number, text in enumerate(TEXTS, start=1)
    if text.key != SECOND_VERSION
]
COUNTS = Counter(stem for one in ARCHIVE for stem in one.terms)


def chosen(text, candidates=ARCHIVE, **facts):
    return stories.choose(clip(text, **facts), candidates, document_counts=COUNTS, documents=len(ARCHIVE))


@pytest.mark.parametrize("text", TWINS, ids=lambda text: f"{text.key}-{text.language}")
def test_other_source_on_the_same_event_joins_its_story(text):
    assert chosen(text) == STORY[text.key]


def test_second_version_of_a_political_story_joins_it():
    assert chosen(BY_KEY[SECOND_VERSION]) == STORY["koalition"]


@pytest.mark.parametrize("text", LOOKALIKES, ids=lambda text: f"{text.key}-{text.language}-{text.title[:20]}")
def test_event_that_only_shares_words_begins_its_own_story(text):
    assert chosen(text) is None


@pytest.mark.parametrize(("one", "other"), [("bgh-miete", "bgh-diesel"), ("spiel-nord", "spiel-sued")])
def test_two_rulings_and_two_matches_stay_apart(one, other):
    assert chosen(BY_KEY[one], [clip(BY_KEY[other], 1, story_id=1)]) is None


def test_same_teams_with_another_result_are_another_match():
    text = BY_KEY["spiel-nord"]
    again = type(text)(
        "again", "de", ("15",), "Kiel gewinnt Spitzenspiel gegen Bremen 4:0",
        (text.paragraphs[0].replace("3:1", "4:0").replace("Jonas Petersen", "Paul Witt"),),
    )  # fmt: skip
    assert chosen(again, [clip(text, 1, story_id=1)]) is None


def test_every_clip_alone_begins_a_story():
    assert chosen(TWINS[0], []) is None


def test_clips_without_a_story_are_not_joined():
    assert chosen(TWINS[0], [clip(BY_KEY["flut"], 1)]) is None


@pytest.mark.parametrize(("days", "joins"), [(0, True), (1, True), (8, False), (30, False)])
def test_time_parts_stories(days, joins):
    found = chosen(TWINS[4], at=NOON + timedelta(days=days))
    assert (found == STORY[TWINS[4].key]) is joins


def test_copy_of_a_text_joins_whatever_its_words():
    text = BY_KEY["netz"]
    assert chosen(text, [clip(text, 1, story_id=7), clip(BY_KEY["flut"], 2, story_id=7)]) == 7


def test_story_does_not_grow_link_by_link():
    """A clip that is near to one member only, and far from the many others, begins its own story."""
    mixed = [clip(BY_KEY["flut"], 1, story_id=1)]
    mixed += [
        clip(BY_KEY[key], number, story_id=1) for number, key in enumerate(("museum", "schule", "reise", "netz"), 2)
    ]
    assert chosen(TWINS[0], mixed) is None
    assert chosen(TWINS[0], mixed[:1]) == 1


def test_order_of_candidates_does_not_matter():
    assert chosen(TWINS[2], ARCHIVE[::-1]) == chosen(TWINS[2])


def test_neighbours_say_why():
    found = stories.neighbours(clip(TWINS[2]), ARCHIVE, Comparison(COUNTS, len(ARCHIVE), is_about_events=True))
    assert found[0][0] == STORY["sonde"]
    assert found[0][1] >= stories.JOIN_AT


def test_empty_clip_begins_a_story():
    empty = Candidate(1000, None, 1, "de", NOON, {}, 0, "")
    assert (
        stories.choose(
            empty, [*ARCHIVE, Candidate(5000, 77, 1, "de", NOON, {}, 0, "")], document_counts={}, documents=0
        )
        is None
    )


def test_stream_of_events_does_not_chain_into_one():
    """Twelve events, each told three times with shared phrases, in turn: each gets a story of its own."""
    members: list[Candidate] = []
    counts: Counter[str] = Counter()
    places = [
        "Kassel",
        "Jena",
        "Fulda",
        "Trier",
        "Celle",
        "Lingen",
        "Emden",
        "Soest",
        "Hof",
        "Worms",
        "Bautzen",
        "Stade",
    ]
    found: dict[str, set[int]] = {}
    for telling in range(3):
        for number, place in enumerate(places):
            title = f"Brand in {place}: Feuerwehr rettet {number + 3} Bewohner"
            body = (
                f"Bei einem Brand in {place} hat die Feuerwehr {number + 3} Bewohner gerettet. Das Feuer brach in der "
                f"{place}er Straße aus. Die Polizei ermittelt die Ursache. Verletzt wurde nach Angaben vom "
                f"{['Abend', 'Morgen', 'Mittag'][telling]} niemand."
            )
            text = type(TEXTS[0])("brand", "de", (), title, (body,))
            new = clip(text, len(members) + 1, source_id=telling, at=NOON + timedelta(hours=telling))
            story = stories.choose(new, members, document_counts=counts, documents=len(members))
            story = story or new.clip_id
            found.setdefault(place, set()).add(story)
            members.append(clip(text, new.clip_id, story_id=story, source_id=telling, at=new.published_at))
            counts.update(new.terms.keys())
    assert all(len(ids) == 1 for ids in found.values())
    assert len(set().union(*found.values())) == len(places)


def test_a_clip_that_is_like_one_clip_of_a_grown_story_is_not_like_all_of_it():
    comparison = Comparison(COUNTS, len(ARCHIVE), is_about_events=True)
    told = clip(BY_KEY["flut"])
    others = [clip(BY_KEY[key], number) for number, key in enumerate(("museum", "schule", "reise", "netz"), 2)]
    assert stories.is_like_all(told, [clip(BY_KEY["flut"], number) for number in range(8)], comparison)
    assert not stories.is_like_all(told, [clip(BY_KEY["flut"], 1), *others, *others], comparison)

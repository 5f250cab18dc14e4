from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from handlers.news import duplicates, terms
from handlers.news.related import Candidate, Why, likest_first, rank
from tests.handlers.news.engine_texts import BY_KEY, LOOKALIKES, TEXTS, TWINS

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def clip(text, clip_id, *, story_id=None, at=NOON):
    whole = " ".join((text.title, *text.paragraphs))
    bag = terms.bag(text.title, text.paragraphs, text.language)
    return Candidate(clip_id, story_id, clip_id % 4, text.language, at, bag, duplicates.simhash(whole), text.title)


ARCHIVE = [clip(text, number) for number, text in enumerate((*TEXTS, *LOOKALIKES), start=1)]
IDS = {text.title: number for number, text in enumerate((*TEXTS, *LOOKALIKES), start=1)}
COUNTS = Counter(stem for one in ARCHIVE for stem in one.terms)


def related(target, candidates=ARCHIVE, limit=3):
    return rank(target, candidates, document_counts=COUNTS, documents=len(ARCHIVE), limit=limit)


def test_clip_on_the_same_matter_comes_first():
    found = related(clip(BY_KEY["bgh-miete"], 900))
    assert found[0].clip_id == IDS[BY_KEY["bgh-diesel"].title]
    assert found[0].why is Why.SIMILAR
    assert "Bundesgerichtshof" in found[0].shared


def test_match_of_the_same_league_is_related_to_a_match():
    target = clip(BY_KEY["spiel-nord"], 900)
    assert IDS[BY_KEY["spiel-sued"].title] in [one.clip_id for one in related(target)]


def test_the_clip_itself_its_copies_and_its_story_are_left_out():
    target = replace(ARCHIVE[1], story_id=5)
    copy = replace(ARCHIVE[1], clip_id=901)
    sibling = clip(TWINS[0], 902, story_id=5)
    assert not {target.clip_id, 901, 902} & {
        one.clip_id for one in related(target, [*ARCHIVE, copy, sibling], limit=50)
    }


def test_of_one_story_only_one_clip_is_named():
    told_twice = [replace(ARCHIVE[2], story_id=8), clip(LOOKALIKES[0], 903, story_id=8)]
    found = related(clip(BY_KEY["bgh-miete"], 900), told_twice, limit=10)
    assert len(found) == 1


def test_newer_of_two_equally_similar_clips_comes_first():
    text = LOOKALIKES[1]
    title = "Warnstreik am Flughafen Bremen: 90 Flüge fallen aus"
    other = type(text)(
        "other", "de", (), title, (text.paragraphs[0].replace("Hamburg", "Bremen"), "Neues gibt es nicht.")
    )
    old, new = clip(text, 901, at=NOON - timedelta(days=20)), clip(other, 902, at=NOON)
    swapped = [clip(text, 901, at=NOON), clip(other, 902, at=NOON - timedelta(days=20))]
    target = clip(BY_KEY["streik"], 900)
    assert related(target, [old, new])[0].clip_id == 902
    assert related(target, swapped)[0].clip_id == 901


def test_nothing_in_common_is_not_related():
    assert related(clip(BY_KEY["museum"], 900), [clip(BY_KEY["wetter"], 1)]) == []


def test_no_more_than_asked_for():
    assert len(related(clip(BY_KEY["koalition"], 900), limit=1)) == 1
    assert related(clip(BY_KEY["koalition"], 900), limit=0) == []


def test_scores_fall_and_lie_between_zero_and_one():
    scores = [round(one.score, 2) for one in related(clip(BY_KEY["koalition"], 900), limit=20)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_words_that_both_are_about_are_things_and_no_numbers():
    text = LOOKALIKES[1]
    told = (
        "Der Kühlturm wurde um zwölf gesprengt, zwölf Helfer waren nahe.",
        "Kühlturm und Kraftwerk sind Geschichte.",
    )
    old = type(text)("one", "de", (), "Kühlturm um zwölf nahe der Stadt gesprengt", told)
    new = type(text)("other", "de", (), "Zwölf Helfer nahe dem Kühlturm, der gesprengt wurde", told[::-1])
    (found,) = related(clip(old, 901), [replace(clip(new, 902), signature=~clip(old, 901).signature & (2**63 - 1))])
    assert set(found.shared) == {"Kühlturm", "Helfer"}


def test_of_a_story_the_copy_of_the_text_is_named_before_other_reports() -> None:
    target = clip(TEXTS[0], 1, story_id=7)
    copy = clip(TEXTS[0], 2, story_id=7)
    others = [clip(text, number, story_id=7) for number, text in enumerate(TEXTS[1:5], 3)]
    assert likest_first(target, [*others, copy])[0] == 2


def test_meaning_brings_another_language_near_and_keeps_general_words_away() -> None:
    target, other = clip(TEXTS[0], 1), clip(TEXTS[5], 2)
    known = {"document_counts": COUNTS, "documents": len(ARCHIVE), "limit": 3}
    assert rank(target, [other], **known) == []
    assert [each.clip_id for each in rank(target, [other], near={2: 0.7}, **known)] == [2]
    like = clip(BY_KEY["bgh-miete"], 1), clip(BY_KEY["bgh-diesel"], 2)
    assert [each.clip_id for each in rank(like[0], [like[1]], **known)] == [2]
    assert rank(like[0], [like[1]], near={2: -0.6}, **known) == []

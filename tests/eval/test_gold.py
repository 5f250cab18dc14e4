"""The gold is what its README says."""

from collections import Counter

from handlers.news.iptc import iptc_topics
from tests.eval import gold

NEWS = gold.load()
BY_ID = {clip.id: clip for clip in NEWS.clips}


def _stories() -> list[list[gold.GoldClip]]:
    groups: dict[str, list[gold.GoldClip]] = {}
    for clip in NEWS.clips:
        groups.setdefault(clip.story, []).append(clip)
    return [clips for clips in groups.values() if len(clips) > 1]


def test_ids_and_addresses_are_unique() -> None:
    assert len(BY_ID) == len(NEWS.clips)
    assert len({clip.url for clip in NEWS.clips}) == len(NEWS.clips)


def test_there_are_enough_clips_of_each_language() -> None:
    count = Counter(clip.language for clip in NEWS.clips)
    assert count.total() >= 150
    assert count.keys() == {"de", "en", "ru", "fr"}
    assert count["de"] >= 90
    assert min(count["en"], count["ru"], count["fr"]) >= 15


def test_desks_say_that_they_are_demo_desks() -> None:
    for clip in NEWS.clips:
        desk = NEWS.sources[clip.source]
        assert desk.name.startswith("Kurzclips")
        assert desk.language == clip.language


def test_topics_are_one_to_three_of_the_iptc() -> None:
    known = {topic.id for topic in iptc_topics()}
    for clip in NEWS.clips:
        assert 1 <= len(clip.topics) <= 3, clip.id
        assert known.issuperset(clip.topics), clip.id
        assert len(set(clip.topics)) == len(clip.topics), clip.id


def test_every_topic_occurs() -> None:
    assert {topic for clip in NEWS.clips for topic in clip.topics} == {topic.id for topic in iptc_topics()}


def test_lines_are_short_sentences_that_do_not_repeat_the_title() -> None:
    for clip in NEWS.clips:
        assert 30 <= len(clip.line) <= 120, clip.id
        assert clip.line.endswith("."), clip.id
        assert clip.line != clip.title


def test_stories_have_two_to_five_clips_and_some_have_several_languages() -> None:
    stories = _stories()
    assert len(stories) >= 35
    assert all(len(clips) <= 5 for clips in stories)
    assert sum(len({clip.language for clip in clips}) > 1 for clips in stories) >= 8


def test_story_that_a_clip_names_is_no_clip_of_another_story() -> None:
    for clip in NEWS.clips:
        if clip.story in BY_ID:
            assert BY_ID[clip.story].story == clip.story, clip.id


def test_related_pairs_are_enough_and_not_the_same_news() -> None:
    assert len(NEWS.related) >= 60
    for a, b in NEWS.related:
        assert BY_ID[a].story != BY_ID[b].story, (a, b)


def test_questions_are_enough_and_name_clips_of_their_language() -> None:
    assert len(NEWS.questions) >= 60
    for asked in NEWS.questions:
        assert asked.clips
        assert all(BY_ID[name].language == asked.language for name in asked.clips), asked.text


def test_there_are_notices_and_pointers_to_find() -> None:
    assert sum(len(clip.notices) for clip in NEWS.clips) >= 20
    assert sum(len(clip.pointers) for clip in NEWS.clips) >= 5

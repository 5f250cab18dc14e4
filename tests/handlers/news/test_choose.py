"""Which stories a digest tells: ranked, varied, never twice unless they moved."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.choose import Chosen, Tale, choose
from tests.make import NOW


def tale(clip_id: int, **fields: object) -> Tale:
    plain = Tale(
        clip_id=clip_id,
        story_id=clip_id + 100,
        source_id=clip_id,
        language="de",
        heading="topic:energie",
        fit=0.5,
        source_count=1,
        published_at=NOW - timedelta(hours=3),
        revision=1,
        has_summary=True,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def chosen(*tales: Tale, limit: int = 7, told: dict[int, int] | None = None, language: str = "de") -> list[Chosen]:
    headings = list(dict.fromkeys(each.heading for each in tales))
    return choose(tales, headings=headings, told=told or {}, language=language, limit=limit, now=NOW)


def ids(found: list[Chosen]) -> list[int]:
    return [each.tale.clip_id for each in found]


@pytest.mark.parametrize(
    "better",
    [
        {"source_count": 4},
        {"published_at": NOW - timedelta(minutes=5)},
        {"fit": 1.0},
    ],
)
def test_more_sources_fresher_or_better_fitting_story_comes_first(better: dict[str, object]) -> None:
    assert ids(chosen(tale(1), tale(2, **better), tale(3)))[0] == 2


def test_clip_in_the_readers_language_tells_the_story() -> None:
    clips = (tale(1, story_id=9, language="ru", fit=0.9), tale(2, story_id=9, language="de"))
    assert ids(chosen(*clips)) == [2]
    assert ids(chosen(*clips, language="ru")) == [1]


def test_newest_clip_with_a_summary_tells_the_story() -> None:
    older = tale(1, story_id=9, published_at=NOW - timedelta(hours=9))
    newer = tale(2, story_id=9)
    bare = tale(3, story_id=9, published_at=NOW, has_summary=False)
    assert ids(chosen(older, newer, bare)) == [2]


def test_told_story_is_left_out_until_more_sources_tell_it() -> None:
    assert ids(chosen(tale(1, story_id=9, source_count=2), tale(2), told={9: 2})) == [2]
    moved = chosen(tale(1, story_id=9, source_count=3), tale(2), told={9: 2})
    assert {each.tale.clip_id: each.is_update for each in moved} == {1: True, 2: False}


def test_clip_without_a_story_is_told_once_too() -> None:
    assert chosen(tale(5, story_id=None), told={-5: 1}) == []
    assert ids(chosen(tale(5, story_id=None), told={5: 1})) == [5]


def test_one_source_does_not_fill_the_digest_while_others_have_something() -> None:
    loud = [tale(n, source_id=1, fit=0.6) for n in range(1, 6)]
    others = [tale(n, source_id=n, fit=0.4) for n in range(6, 8)]
    assert {6, 7} <= set(ids(chosen(*loud, *others, limit=4)))


def test_one_topic_does_not_fill_the_digest_while_others_have_something() -> None:
    loud = [tale(n, fit=0.6) for n in range(1, 8)]
    quiet = tale(8, heading="topic:ki", fit=0.4)
    assert 8 in ids(chosen(*loud, quiet, limit=4))


def test_stories_stand_together_under_the_headings_in_the_order_that_was_asked() -> None:
    tales = [tale(1, heading="topic:b", source_count=5), tale(2, heading="topic:a"), tale(3, heading="topic:b")]
    found = choose(tales, headings=["topic:a", "topic:b"], told={}, language="de", limit=7, now=NOW)
    assert ids(found) == [2, 1, 3]


TALES = st.builds(
    tale,
    st.integers(1, 500),
    story_id=st.none() | st.integers(1, 30),
    source_id=st.integers(1, 4),
    language=st.sampled_from(["de", "en"]),
    heading=st.sampled_from(["topic:a", "topic:b", "keyword:c"]),
    fit=st.floats(0, 1),
    source_count=st.integers(1, 6),
    published_at=st.integers(-5, 3000).map(lambda minutes: NOW - timedelta(minutes=minutes)),
    has_summary=st.booleans(),
)


@given(
    st.lists(TALES, max_size=40, unique_by=lambda each: each.clip_id),
    st.dictionaries(st.integers(-40, 30), st.integers(1, 6)),
    st.integers(0, 12),
)
def test_choice_is_bounded_grouped_without_repeats_and_the_same_in_any_order(
    tales: list[Tale], told: dict[int, int], limit: int
) -> None:
    headings = ["topic:a", "topic:b", "keyword:c"]
    found = choose(tales, headings=headings, told=told, language="de", limit=limit, now=NOW)
    keys = [each.tale.key for each in found]
    assert len(keys) == len(set(keys)) <= limit
    assert [headings.index(each.tale.heading) for each in found] == sorted(
        headings.index(each.tale.heading) for each in found
    )
    for each in found:
        assert each.tale.source_count > told.get(each.tale.key, 0)
        assert each.is_update == (each.tale.key in told)
    again = choose(tales[::-1], headings=headings, told=told, language="de", limit=limit, now=NOW)
    assert [each.tale.key for each in again] == keys

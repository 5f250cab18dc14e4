"""What a typed search means: words, phrases, exclusions, operators, and spans of time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news import query
from handlers.news.query import Wanted
from storage.clips import ClipFilter
from storage.search import SearchQuery

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
LANGUAGES = ("de", "en", "ru", "fr")


def read(text: str, *, is_typing: bool = False) -> Wanted:
    return query.read(text, now=NOW, is_typing=is_typing)


def stems(text: str, *, is_typing: bool = False, reader: str = "de") -> SearchQuery:
    wanted = read(text, is_typing=is_typing)
    return query.to_query(wanted, languages=LANGUAGES, reader_language=reader, longer={}, where=ClipFilter())


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Kern Kraft", Wanted(words=("kern", "kraft"))),
        ("Kern-Kraft", Wanted(words=("kern", "kraft"))),
        ('"kleine Reaktoren"', Wanted(phrases=(("kleine", "reaktoren"),))),
        ("„kleine Reaktoren“", Wanted(phrases=(("kleine", "reaktoren"),))),
        ("«малые реакторы»", Wanted(phrases=(("малые", "реакторы"),))),
        ('"Reaktor"', Wanted(words=("reaktor",))),
        ('"kleine Reaktoren', Wanted(phrases=(("kleine", "reaktoren"),))),
        ("Reaktor -Frankreich", Wanted(words=("reaktor",), excluded=("frankreich",))),
        ('-"kleine Reaktoren"', Wanted(excluded=("kleine", "reaktoren"))),
        ("topic:energie", Wanted(topic="energie")),
        ("Thema:Energie Quelle:dw", Wanted(topic="Energie", source="dw")),
        ("lang:DE", Wanted(language="de")),
        ("since:7d", Wanted(since=NOW - timedelta(days=7))),
        (
            "since:24h before:2026-11-01",
            Wanted(since=NOW - timedelta(days=1), before=datetime(2026, 11, 1, tzinfo=UTC)),
        ),
        ("topic:", Wanted(words=("topic",))),
        ("16:9", Wanted(words=("16:9",))),
        ("https://x.example/a", Wanted(words=("https", "x", "example", "a"))),
        ("since:gestern", Wanted(words=("since", "gestern"))),
        ("", Wanted()),
        ("- -- *", Wanted()),
    ],
)
def test_typed_words_mean(text: str, meant: Wanted) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("7d", NOW - timedelta(days=7)),
        ("2W", NOW - timedelta(weeks=2)),
        ("3m", NOW - timedelta(days=90)),
        ("0d", NOW),
        ("9999m", NOW - timedelta(days=30 * 9999)),
        ("2026-02-30", None),
        ("99999d", None),
        ("gestern", None),
        ("", None),
    ],
)
def test_instant_is_a_span_or_a_day(value: str, at: datetime | None) -> None:
    assert query.instant(value, NOW) == at


def test_word_is_looked_for_in_the_stems_of_all_languages() -> None:
    (group,) = stems("Häuser").groups
    assert {"hauser", "haus"} <= set(group)
    assert "energie" in stems("énergie").groups[0]


def test_stop_words_of_the_reader_are_dropped_unless_alone() -> None:
    assert len(stems("die Energie der Zukunft").groups) == 2
    assert len(stems("die der").groups) == 2


def test_last_word_is_open_only_while_it_is_typed() -> None:
    assert stems("rückbau kern", is_typing=True).prefix == "kern"
    assert stems("rückbau kern ", is_typing=True).prefix == ""
    assert stems("rückbau kern").prefix == ""
    assert stems("kern -x", is_typing=True).prefix in {"", "kern"}


def test_phrase_is_looked_for_in_the_stems_of_each_language() -> None:
    (forms,) = stems('"kleine Reaktoren"').phrases
    assert ("klein", "reaktor") in forms


@given(st.text(max_size=300), st.booleans())
def test_any_text_gives_a_bounded_search(text: str, is_typing: bool) -> None:
    wanted = read(text, is_typing=is_typing)
    assert len(wanted.words) <= query.MAX_WORDS
    assert len(wanted.excluded) <= query.MAX_WORDS
    stems(text, is_typing=is_typing)

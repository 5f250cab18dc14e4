from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.news.analyse import analyse
from handlers.news.iptc import IPTC_TOPICS
from handlers.news.items import RawItem, RawReference
from handlers.news.notices import fingerprint
from tests.handlers.news.engine_texts import TEXTS

ALLOWED = ("de", "en", "ru", "fr")
SEED = Path(__file__).parents[4] / "shared" / "seeds" / "kurzclip-ai-journey.txt"


def _analyse(item, *, stated="", repeated=frozenset()):
    return analyse(item, allowed=ALLOWED, stated=stated, repeated=repeated, topics=IPTC_TOPICS)


@pytest.mark.skipif(not SEED.is_file(), reason="the example document is not here")
def test_example_document_is_understood():
    section, title, *paragraphs = SEED.read_text(encoding="utf-8").strip().split("\n\n")
    found = _analyse(RawItem(title=title, section=section, paragraphs=tuple(paragraphs)))
    assert found.language == "de"
    assert len(found.paragraphs) <= 4
    assert [reference.title.split(":")[0] for reference in found.references] == ["Sacharowa"]
    assert {"medtop:13000000", "medtop:11000000"} & {topic.topic_id for topic in found.topics}
    text = " ".join((found.summary.line, found.summary.short, found.summary.long))
    assert "Moskau" in found.summary.short
    assert not any(word in text for word in ("Sperrung", "Österreich", "teilt", "Mehr zum Thema", "Sacharowa"))
    assert not any(stem in found.search.body.split() for stem in ("sperrung", "osterreich", "account"))
    assert not {"sperrung", "osterreich", "account"} & found.terms.keys()


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.key)
def test_all_parts_of_ordinary_news_are_filled(text):
    found = _analyse(RawItem(title=text.title, paragraphs=text.paragraphs))
    assert found.language == text.language
    assert found.paragraphs == text.paragraphs
    assert found.notices == ()
    assert found.summary.short
    assert found.keywords
    assert found.terms
    assert found.signature


def test_notice_and_reference_leave_no_trace_in_what_is_computed():
    text = TEXTS[0]
    plain = _analyse(RawItem(title=text.title, paragraphs=text.paragraphs))
    standing = "Der Beispielbote erscheint seit 1899 an jedem Werktag und gehört seinen Lesern."
    noisy = _analyse(
        RawItem(title=text.title, paragraphs=(*text.paragraphs, "Mehr zum Thema - Quarkspeise", standing)),
        repeated={fingerprint(standing)},
    )
    assert noisy.notices == (standing,)
    assert noisy.references == (RawReference("Quarkspeise"),)
    for part in ("paragraphs", "topics", "summary", "keywords", "search", "signature", "terms"):
        assert getattr(noisy, part) == getattr(plain, part), part


def test_first_paragraph_that_says_the_title_again_is_dropped():
    found = _analyse(
        RawItem(title="Rat beschließt Haushalt", paragraphs=("Rat beschliesst Haushalt!", "Es gab Streit im Rat."))
    )
    assert found.paragraphs == ("Es gab Streit im Rat.",)


def test_item_with_nothing_but_a_teaser_is_understood_by_it():
    item = RawItem(title="Streit im Rat", teaser="Die Gewerkschaft Verdi hat Beschäftigte zum Warnstreik aufgerufen.")
    found = _analyse(item)
    assert found.summary.short == item.teaser
    assert "warnstreik" in found.search.body
    assert found.topics[0].topic_id == "medtop:09000000"


def test_item_with_nothing_but_a_title_is_understood_by_it():
    found = _analyse(RawItem(title="Bundestag beschließt Wahlrecht"))
    assert found.summary.short == ""
    assert found.topics[0].topic_id == "medtop:11000000"


def test_statement_of_the_item_goes_before_that_of_the_source():
    found = _analyse(RawItem(title="Google", language="fr"), stated="en")
    assert found.language == "fr"


def test_threads_get_the_same_answers_as_one():
    items = [RawItem(title=text.title, paragraphs=text.paragraphs) for text in TEXTS] * 3
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(_analyse, items)) == [_analyse(item) for item in items]


def test_huge_item_is_read_in_bounded_time_and_kept_whole():
    paragraphs = tuple(f"Absatz {number}: der Rat tagt." * 50 for number in range(2000))
    assert _analyse(RawItem(title="Rat " * 5000, paragraphs=paragraphs)).paragraphs == paragraphs


@pytest.mark.parametrize(
    "odd", ["\u202e", "a" * 20_000, "((((" * 500, "„" * 3000, ". " * 3000, "Mehr zum Thema " * 300, "ф" * 9999]
)
def test_odd_text_does_no_harm(odd):
    assert _analyse(RawItem(title="Titel", paragraphs=(odd, odd))).language in ALLOWED


@settings(deadline=None)
@given(st.text(min_size=1, max_size=80), st.lists(st.text(max_size=300), max_size=4), st.text(max_size=100))
def test_any_item_is_analysed(title, paragraphs, teaser):
    found = _analyse(RawItem(title=title, paragraphs=tuple(paragraphs), teaser=teaser))
    assert found.language in ALLOWED

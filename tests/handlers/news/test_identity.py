"""Which addresses and items count as the same."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.news.identity import canonical_url, content_hash, keys
from handlers.news.items import RawItem

PLAIN = "https://example.org/news/trasse?id=7"


@pytest.mark.parametrize(
    "url",
    [
        PLAIN,
        "HTTPS://EXAMPLE.org:443/news/trasse?id=7",
        "https://example.org/news/trasse?id=7#kommentare",
        "https://example.org/news/trasse?utm_source=rss&id=7&utm_medium=feed",
        "https://example.org/news/trasse?id=7&fbclid=abc",
        "https://m.example.org/news/trasse?id=7",
        "https://amp.example.org/news/trasse?id=7",
        "https://example.org/news/trasse/amp/?id=7",
        "https://example.org/news/trasse?id=7&amp=1",
        "https://example.org/news/./archiv/../trasse?id=7",
        "https://example.org//news/%74rasse?id=7",
        "https://user:pass@example.org/news/trasse?id=7",
        "https://example.org./news/trasse?id=7",
        "https://www.google.com/amp/s/example.org/news/trasse?id=7",
        "https://example-org.cdn.ampproject.org/c/s/example.org/news/trasse?id=7",
        "  https://example.org/news/trasse?id=7 ",
    ],
)
def test_the_addresses_of_one_article_have_one_form(url: str) -> None:
    assert canonical_url(url) == PLAIN


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a", "https://example.net/a"),
        ("https://example.org/#!a", "https://example.org/#!b"),
        ("https://m.de/a", "https://de/a"),
        ("https://example.org:8443/a", "https://example.org/a"),
    ],
)
def test_different_articles_stay_apart(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url", ["", "mailto:a@example.org", "ftp://example.org/a", "/a", "https://", "https://[", "https://a b/"]
)
def test_what_is_no_web_address_has_no_form(url: str) -> None:
    assert canonical_url(url) == ""


def test_names_outside_ascii_are_written_one_way() -> None:
    assert canonical_url("https://münchen.example/straße ä") == "https://xn--mnchen-3ya.example/stra%C3%9Fe%20%C3%A4"


ODD = st.builds(
    "http{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["", "s"]),
    st.sampled_from(["", "m.", "amp.m.", "www.", "www.google.com/amp/s/", "x.cdn.ampproject.org/c/"]),
    st.text(max_size=12),
    st.text(max_size=20) | st.sampled_from(["amp/amp", "x.amp.html", "..", "a/%2e%2E/b/.", "a.amp.amp", "%25%2541"]),
    st.text(max_size=20) | st.sampled_from(["amp=1&amp", "b=2&a=1&&", "%61=%ff", "a=%2B+"]),
    st.text(max_size=5),
)


@settings(max_examples=500)
@given(st.text(max_size=60) | ODD)
def test_the_form_of_a_form_is_itself(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


ITEM = RawItem(title="Neue Trasse", paragraphs=("Der Bau beginnt.",), external_id="g-1", url=PLAIN)


def test_the_chain_goes_from_id_over_url_to_text() -> None:
    assert [key.partition(":")[0] for key in keys(ITEM, source_key="dw")] == ["id", "url", "text"]
    assert all(len(key.partition(":")[2]) == 40 for key in keys(ITEM, source_key="dw"))
    assert [key[:4] for key in keys(replace(ITEM, external_id="", url=""), source_key="dw")] == ["text"]


def test_ids_and_texts_belong_to_a_source_and_urls_to_everybody() -> None:
    mine, yours = keys(ITEM, source_key="dw"), keys(ITEM, source_key="orf")
    assert [a == b for a, b in zip(mine, yours, strict=True)] == [False, True, False]


def test_scheme_www_and_a_last_slash_make_no_other_url_key() -> None:
    other = replace(ITEM, url="http://www.example.org/news/trasse/?id=7")
    assert keys(other, source_key="dw")[1] == keys(ITEM, source_key="dw")[1]


def test_an_id_that_is_an_address_may_change_its_tracking() -> None:
    one, other = replace(ITEM, external_id=PLAIN), replace(ITEM, external_id=PLAIN + "&utm_source=rss")
    assert keys(one, source_key="dw")[0] == keys(other, source_key="dw")[0]


def test_a_link_to_the_home_page_identifies_nothing() -> None:
    assert [key[:4] for key in keys(replace(ITEM, external_id="", url="https://example.org/"), source_key="dw")] == [
        "text"
    ]


def test_the_text_key_folds_case_and_space_and_nothing_else() -> None:
    def key(item: RawItem) -> str:
        return keys(item, source_key="dw")[-1]

    assert key(replace(ITEM, title="NEUE  Trasse")) == key(ITEM)
    assert key(replace(ITEM, paragraphs=("Der Bau", "beginnt."))) != key(ITEM)
    assert key(replace(ITEM, paragraphs=("Der Bau endet.",))) != key(ITEM)


def test_the_hash_changes_with_what_is_read_only() -> None:
    assert content_hash(ITEM) == content_hash(
        replace(ITEM, external_id="g-2", url="", author="Anna", categories=("x",))
    )
    assert content_hash(ITEM) != content_hash(replace(ITEM, title="Neue Trassen"))
    assert content_hash(ITEM) != content_hash(replace(ITEM, paragraphs=("Der Bau beginnt bald.",)))

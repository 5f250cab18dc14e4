"""Feeds that nobody wrote by hand: mutated ones, cut ones, and bytes of any kind; never a crash, never a hang."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.news.feed_parts import MAX_ITEMS
from handlers.news.items import Parsed
from handlers.news.parse import parse

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIMIT_S = 5.0
RSS = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/">'
    "<channel><title>Bote</title><ttl>60</ttl><skipHours><hour>3</hour></skipHours><item><title>Brücke &amp; Straße"
    "</title><link>/a?x=1&amp;y=2</link><guid>1</guid><pubDate>Mon, 02 Mar 2026 07:00:00 +0100</pubDate>"
    '<media:content url="a.jpg" medium="image"/><description><![CDATA[<p>Die Brücke ist offen.</p>]]></description>'
    "</item><item><title>Zwei</title></item></channel></rss>"
).encode()
ATOM = (
    b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://bote.example/"><title>Bote</title><entry><id>1</id>'
    b'<title type="html">Eins &lt;b&gt;zwei&lt;/b&gt;</title><link href="a"/><updated>2026-03-02T07:00:00Z</updated>'
    b'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Text</p></div></content></entry></feed>'
)
JSON = (
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "Bote", "items": [{"id": "1", "url": "https://b.example/1",'
    b'"title": "Eins", "content_html": "<p>Text</p>", "date_published": "2026-03-02T07:00:00Z", "tags": ["a"]}]}'
)
RDF = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel>'
    b"<title>Bote</title></channel><item><title>Eins</title><link>https://b.example/1</link></item></rdf:RDF>"
)
SPLICES = (
    b"<", b">", b"&", b"\x00", b"\xff\xfe", b"<![CDATA[", b"]]>", b"<!DOCTYPE x [", b"<!ENTITY a 'b'>", b"&#x0;",
    b"&a;", b"</item>", b"<item>", b"<entry>", b"--", b"<!--", b"<?xml encoding='utf-16'?>", b"\xc3", b"9" * 400, b"{",
    b'"', b"\\u",
)  # fmt: skip
CHANGES = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 60), st.one_of(st.sampled_from(SPLICES), st.binary(max_size=12))),
    max_size=8,
)
TYPES = st.sampled_from(["", "text/xml; charset=windows-1251", "application/json", "text/html; charset=x-none"])


def read(data: bytes, content_type: str = "") -> Parsed:
    began = time.perf_counter()
    parsed = parse(data, content_type=content_type, url="https://bote.example/f", now=NOW)
    assert time.perf_counter() - began < LIMIT_S
    assert all(item.title for item in parsed.items)
    return parsed


@settings(max_examples=600, deadline=None)
@given(st.sampled_from([RSS, ATOM, JSON, RDF]), CHANGES, TYPES)
def test_mutated_feeds_are_read_or_refused(feed: bytes, changes: list[tuple[float, int, bytes]], kind: str) -> None:
    for at, gone, put in changes:
        place = int(at * len(feed))
        feed = feed[:place] + put + feed[place + gone :]
    read(feed, kind)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))), TYPES
)
def test_bytes_of_any_kind_are_read_or_refused(data: bytes, kind: str) -> None:
    read(data, kind)


def test_each_beginning_of_a_feed_is_read_or_refused() -> None:
    for feed in (RSS, ATOM, JSON, RDF):
        for end in range(len(feed)):
            read(feed[:end])
        assert len(read(feed).items) >= 1


ITEM = b"<item><title>Eins</title></item>"


@pytest.mark.slow
@pytest.mark.parametrize(
    "bomb",
    [
        b"<a>" * 500_000,
        b"<a " * 500_000,
        b"<" * 1_000_000,
        b"&" * 3_000_000,
        b"<item></item>" * 100_000,
        b"<title>" * 200_000,
        b"<![CDATA[ ]]>" * 200_000,
        b"<item><title>Zwei</title>" + b"".join(b"<category>%d</category>" % number for number in range(100_000)),
        b"<item xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd'><i:keywords>"
        + b",".join(b"%d" % number for number in range(300_000))
        + b"</i:keywords>",
        b"<item><description>" + b"&lt;div&gt;" * 100_000,
        b"<item><author>" + b"a@b (" * 100_000,
        b"<item><author><name>" + b"<![CDATA[a]]>" * 50_000 + b"</name></author></item>",
        b"<managingEditor>" + b"a" * 400_000 + b"</managingEditor>",
        b"<skipHours>" + b"<hour>1</hour>" * 100_000,
        b"<item><title>" + b"1 " * 1_000_000 + b"</title></item>",
        b"<item><pubDate>" + b"2026-" * 200_000 + b"</pubDate></item>",
        b"<?a " + b"encoding='a' ?> " * 10_000,
        b"<x encoding='a'/>" * 3_000 + b"encoding='" * 20_000,
    ],
    ids=lambda bomb: bomb[:24].decode(),
)
def test_endless_markup_costs_neither_much_time_nor_the_item_before_it(bomb: bytes) -> None:
    began = time.process_time()
    parsed = parse(b"<rss version='2.0'><channel>" + ITEM + bomb, now=NOW)
    assert time.process_time() - began < 20
    assert parsed.items[0].title == "Eins"


@pytest.mark.slow
@pytest.mark.parametrize(
    "bomb", [b"<p>" * 900_000, b"a<br>" * 400_000, b"<div>" * 400_000, b"<table><tr><td>" * 100_000]
)
def test_a_page_of_endless_elements_costs_little_time(bomb: bytes) -> None:
    began = time.process_time()
    parse(b"<html><body>" + bomb, now=NOW)
    assert time.process_time() - began < 20


def test_a_thousand_items_are_read_and_the_feed_is_whole() -> None:
    head = b"<rss version='2.0'><channel><title>Bote</title>"
    parsed = parse(head + b"".join(b"<item><title>%d</title></item>" % number for number in range(1500)), now=NOW)
    assert [item.title for item in parsed.items] == [str(number) for number in range(MAX_ITEMS)]
    assert parsed.refused == ()

"""The one door: any bytes in, never an exception out."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from handlers.news.items import Parsed, Refused
from handlers.news.parse import MAX_DOCUMENT_BYTES, parse

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>
<item><title>Eins</title><guid>1</guid>
<description>&lt;p&gt;Text &amp;amp; mehr&lt;/p&gt;</description></item></channel></rss>"""
JSON_FEED = (
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "content_text": "Eins"}]}'
)
JSONL = b'{"title": "Eins", "text": "Text"}\n{"title": "Zwei", "text": "Text"}\n'
PAGE = (
    b"<!DOCTYPE html><html><body><article><h1>Eins</h1>" + b"<p>Ein Satz, der lang genug ist, um Text zu sein.</p>" * 5
)
DOCUMENT = "Kurzclips\n\nEins\n\nText des Clips, länger als die Zeile darüber.".encode()


def codes(parsed: Parsed) -> list[Refused]:
    return [refusal.code for refusal in parsed.refused]


@pytest.mark.parametrize(
    ("data", "name", "content_type", "items"),
    [
        (RSS, "", "", 1),
        (RSS, "feed.txt", "text/plain", 1),
        (RSS, "", "text/html", 1),
        (b"\n\n" + RSS, "", "", 1),
        (b"Warning: something in index.php\n" + RSS, "feed.xml", "", 1),
        (b"<!-- <html> -->" + RSS.partition(b"?>")[2], "", "", 1),
        (RSS.decode().encode("utf-16"), "", "", 1),
        (JSON_FEED, "", "", 1),
        (JSON_FEED, "feed.json", "application/json", 1),
        (JSONL, "", "", 2),
        (JSONL, "clips.jsonl", "", 2),
        (JSONL.decode().encode("utf-16"), "clips.jsonl", "", 2),
        (PAGE, "", "", 1),
        (DOCUMENT, "clip.txt", "", 1),
        (DOCUMENT, "", "", 1),
        (DOCUMENT.decode().encode("windows-1252"), "", "", 1),
        (b"[Update] Neue Trasse\n\nDer Bau beginnt.", "clip.txt", "", 1),
    ],
)
def test_the_format_is_found_in_the_content(data: bytes, name: str, content_type: str, items: int) -> None:
    parsed = parse(data, name=name, content_type=content_type, now=NOW)
    assert (len(parsed.items), parsed.refused) == (items, ())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", Refused.EMPTY),
        (b" \r\n\t ", Refused.EMPTY),
        (b"\xef\xbb\xbf\n", Refused.EMPTY),
        (b"\x00" * 50, Refused.BINARY),
        (b"Text\x00mit Null\n\nText", Refused.BINARY),
        (b"\x89PNG\r\n\x1a\n", Refused.BINARY),
        (b"%PDF-1.7 text", Refused.BINARY),
        (b"PK\x03\x04", Refused.BINARY),
        (bytes(range(1, 32)) * 20, Refused.BINARY),
        (b"x" * (MAX_DOCUMENT_BYTES + 1), Refused.TOO_LARGE),
        (b"<?xml version='1.0'?><opml><body/></opml>", Refused.UNKNOWN_FORMAT),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Refused.UNKNOWN_FORMAT),
        (b"<html><body><p>Hallo</p></body></html>", Refused.NO_TEXT),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', Refused.BROKEN_JSON),
        (b'{"version": "https://jsonfeed.org/version/1"}', Refused.WRONG_TYPE),
    ],
)
def test_what_cannot_be_read_has_one_refusal(data: bytes, code: Refused) -> None:
    assert codes(parse(data, now=NOW)) == [code]


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>",
        "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE rss [<!ENTITY % x SYSTEM 'http://127.0.0.1/x.dtd'> %x;]>",
        "<!doctype rss [\n<!-- ]> -->\n<!entity x 'y'>]>",
        "<!DOCTYPE rss [<!ELEMENT rss ANY> <!ENTITY nbsp '&#160;'>]>",
        "<!-- a --><?pi b?><!DOCTYPE rss [<!ENTITY x 'y'>]>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_refused(head: str, encoding: str) -> None:
    data = f'<?xml version="1.0"?>{head}<rss version="2.0"><channel><item><title>&x;</title></item></channel></rss>'
    assert codes(parse(data.encode(encoding), now=NOW)) == [Refused.UNSAFE_XML]


def test_a_document_type_without_entities_is_harmless() -> None:
    doctype = b'<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://example.org/rss.dtd">'
    data = RSS.replace(b"?><rss", b"?>" + doctype + b"<rss")
    assert len(parse(data, now=NOW).items) == 1


def test_entities_as_text_of_an_item_are_no_attack() -> None:
    data = RSS.replace(b"Eins", b"<![CDATA[Was <!ENTITY x 'y'> bedeutet]]>")
    assert parse(data, now=NOW).items[0].title == "Was <!ENTITY x 'y'> bedeutet"


BASES = st.sampled_from([RSS, JSON_FEED, JSONL, PAGE, DOCUMENT])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A document with some bytes cut out, doubled or replaced."""
    data = draw(BASES)
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 20))
        data = (
            data[:at]
            + draw(st.binary(max_size=8) | st.sampled_from([b"<", b"&", b"]]>", b"<![CDATA[", b"\x00", data[:50]]))
            + data[at + length :]
        )
    return data


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300) | mutated())
@example(b"<rss>")
@example(b"{" * 5000)
@example(b'{"a":' * 5000)
@example(b"<" * 5000)
@example(b"<div>" * 5000)
@example(b"\xff\xfe<\x00")
def test_no_bytes_raise(data: bytes) -> None:
    parsed = parse(data, now=NOW)
    assert parsed.items or parsed.refused or parsed.feed is not None
    assert all(item.title and item.title == item.title.strip() for item in parsed.items)
    assert all(len(refusal.detail) <= 120 for refusal in parsed.refused)

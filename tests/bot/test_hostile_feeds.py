"""Feeds of every kind, encoding and state, polled over HTTP: the texts that are kept of them, or the code noted."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from handlers.waves import LONG_AGO
from storage.database import Database
from tests.fakes.feeds import Answer, FeedServer
from tests.make import MovableClock
from tests.polling import Desktop

ITEM = (
    "<item><title>Eins</title><link>https://bote.example/1</link>"
    "<description>Die Brücke ist offen.</description></item>"
)
RDF = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
GERMAN, RUSSIAN = "Größe „Maß“ für Köln", "Москва объявила о новой программе"
POLISH, CZECH = "Łódź ogłosiła nowy program źródeł", "Nový program pro žáky začíná"
CHINESE, JAPANESE, KOREAN = (
    "北京今天宣布新的能源计划，将在明年开始",
    "東京で新しい計画が発表されました",
    "서울에서 새로운 계획을 발표했다",
)


@pytest.fixture
async def desk(db: Database, clock: MovableClock) -> AsyncIterator[Desktop]:
    async with FeedServer() as server:
        desktop = Desktop(db, server, clock)
        async with desktop.fetcher:
            yield desktop


async def kept(desk: Desktop, body: str | bytes, content_type: str = "application/xml") -> tuple[list[str], str]:
    data = body.encode() if isinstance(body, str) else body
    feed = await desk.poll(await desk.add("/f", Answer(body=data, content_type=content_type)))
    return await desk.titles(), feed.error_code


def rss(items: str, head: str = "") -> str:
    return (
        "<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/' "
        "xmlns:media='http://search.yahoo.com/mrss/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
        f"xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel><title>Bote</title>{head}{items}</channel></rss>"
    )


KINDS = {
    "RSS 0.90": f"<rdf:RDF {RDF} xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel><title>B</title></channel>"
    f"{ITEM}</rdf:RDF>",
    "RSS 0.91": f"<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' 'http://dtd.example/rss.dtd'>"
    f"<rss version='0.91'><channel><title>B</title>{ITEM}</channel></rss>",
    "RSS 0.92": f"<rss version='0.92'><channel><title>B</title>{ITEM}</channel></rss>",
    "RSS 0.93": f"<rss version='0.93'><channel><title>B</title>{ITEM}</channel></rss>",
    "RSS 1.0": f"<rdf:RDF {RDF} xmlns='http://purl.org/rss/1.0/'><channel rdf:about='x'><title>B</title></channel>"
    f"{ITEM}</rdf:RDF>",
    "RSS 2.0": rss(ITEM),
    "RSS without version": f"<rss><channel>{ITEM}</channel></rss>",
    "RSS in capitals": f"<RSS version='2.0'><CHANNEL>{ITEM}</CHANNEL></RSS>",
    "Atom 0.3": "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title>Eins</title><link rel='alternate' "
    "href='https://bote.example/1'/><summary>Die Brücke ist offen.</summary></entry></feed>",
    "Atom 1.0": "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><title>Eins</title><link "
    "href='https://bote.example/1'/><summary>Die Brücke ist offen.</summary></entry></feed>",
    "Atom with a prefix": "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>Eins</a:title><a:link "
    "href='https://bote.example/1'/><a:summary>Die Brücke ist offen.</a:summary></a:entry></a:feed>",
    "JSON Feed 1.0": '{"version": "https://jsonfeed.org/version/1", "title": "B", "items": [{"id": 1, "title": "Eins", '
    '"url": "https://bote.example/1", "content_text": "Die Brücke ist offen."}]}',
    "JSON Feed 1.1": '{"version": "https://jsonfeed.org/version/1.1", "title": "B", "items": [{"id": "1", "title": '
    '"Eins", "url": "https://bote.example/1", "content_html": "<p>Die Brücke ist offen.</p>"}]}',
}


@pytest.mark.parametrize("body", KINDS.values(), ids=KINDS)
async def test_each_kind_of_feed_is_kept(desk: Desktop, body: str) -> None:
    assert await kept(desk, body) == (["Eins"], "")
    (clip,) = await desk.clips()
    assert (clip.paragraphs, clip.url) == (["Die Brücke ist offen."], "https://bote.example/1")


ENCODINGS = [
    (GERMAN, "utf-8"), (GERMAN, "utf-8-sig"), (GERMAN, "utf-16"), (GERMAN, "windows-1252"),
    ("Größe für Köln", "iso-8859-1"), ("Größe für Köln, 5 €", "iso-8859-15"), (POLISH, "iso-8859-2"),
    (CZECH, "windows-1250"), (RUSSIAN, "windows-1251"), (RUSSIAN, "koi8-r"), (RUSSIAN, "iso-8859-5"),
    (CHINESE, "gbk"), (CHINESE, "gb18030"), (JAPANESE, "shift_jis"), (JAPANESE, "euc_jp"), (KOREAN, "euc_kr"),
]  # fmt: skip


@pytest.mark.parametrize("by", ["document", "server", "nobody"])
@pytest.mark.parametrize(("title", "encoding"), ENCODINGS)
async def test_each_encoding_is_read_whoever_names_it(desk: Desktop, title: str, encoding: str, by: str) -> None:
    if by == "nobody" and encoding == "iso-8859-15":
        title = title.replace(", 5 €", "")  # its one letter more than iso-8859-1 cannot be told without a name
    declared = f"<?xml version='1.0' encoding='{encoding}'?>" if by == "document" else ""
    body = (declared + rss(f"<item><title>{title}</title></item>")).encode(encoding)
    content_type = f"text/xml; charset={encoding}" if by == "server" else "text/xml"
    assert await kept(desk, body, content_type) == ([title], "")


@pytest.mark.parametrize(
    ("encoding", "document", "server"),
    [
        ("utf-8", "iso-8859-1", ""),
        ("utf-8", "", "iso-8859-1"),
        ("utf-8", "utf-16", ""),
        ("utf-8", "windows-1251", "us-ascii"),
        ("utf-8-sig", "iso-8859-1", "koi8-r"),
        ("utf-16-le", "utf-16", "utf-8"),
        ("utf-16-be", "utf-8", "iso-8859-1"),
        ("utf-16", "iso-8859-1", "iso-8859-1"),
        ("windows-1252", "utf-8", "utf-8"),
        ("windows-1252", "windows-1252", "koi8-r"),
        ("windows-1252", "nonsense", "x-unknown"),
    ],
)
async def test_where_document_and_server_contradict_the_bytes_decide(
    desk: Desktop, encoding: str, document: str, server: str
) -> None:
    declared = f"<?xml version='1.0' encoding='{document}'?>" if document else "<?xml version='1.0'?>"
    body = (declared + rss(f"<item><title>{GERMAN}</title></item>")).encode(encoding)
    content_type = f"text/xml; charset={server}" if server else "text/xml"
    assert await kept(desk, body, content_type) == ([GERMAN], "")


async def test_one_text_in_another_encoding_does_not_cost_the_others(desk: Desktop) -> None:
    body = rss("<item><title>Größe</title></item><item><title>Maß</title></item>").encode()
    titles, code = await kept(desk, body.replace("Maß".encode(), "Maß".encode("latin-1")))
    assert code == ""
    assert len(titles) == 2


STATES = {
    "control characters": (rss("<item><title>E\x01i\x0bn\x08s</title></item>"), ["Ei ns"]),
    "bare ampersand": (rss("<item><title>Kunst & Bau</title></item>"), ["Kunst & Bau"]),
    "names of HTML": (rss("<item><title>Caf&eacute;&nbsp;&euro;</title></item>"), ["Café €"]),
    "unknown name": (rss("<item><title>A &unbekannt; B</title></item>"), ["A &unbekannt; B"]),
    "cut off": (rss(f"{ITEM}<item><title>Zwei</title><description>Te")[:-16], ["Eins"]),
    "cut off in a tag": (rss(f"{ITEM}<item><tit").partition("<tit" + "</")[0] or "", ["Eins"]),
    "white space first": (" \r\n\t" + "<?xml version='1.0'?>" + rss(ITEM), ["Eins"]),
    "mark and white space first": ("\ufeff\n<?xml version='1.0'?>" + rss(ITEM), ["Eins"]),
    "comment first": ("<!-- Bote --><?xml version='1.0'?><!-- x -->" + rss(ITEM), ["Eins"]),
    "warning first": ("<br />\n<b>Warning</b>: x in <b>y</b>\n<?xml version='1.0'?>" + rss(ITEM), ["Eins"]),
    "style sheet": ("<?xml version='1.0'?><?xml-stylesheet href='a.xsl'?>" + rss(ITEM), ["Eins"]),
    "rubbish behind": (rss(ITEM) + "<!-- 0.2 s --><script>x()</script>", ["Eins"]),
    "crossed tags": (rss("<item><title>Eins</title><description><b>x<i></b></i></description></item>"), ["Eins"]),
    "tag without end": (rss("<item><title>Eins</title><br><description>x</description></item>"), ["Eins"]),
    "prefix without name space": (rss("<item><title>Eins</title><foo:bar>x</foo:bar></item>"), ["Eins"]),
    "CDATA in the title": (rss("<item><title><![CDATA[Müller & <b>Söhne</b>]]></title></item>"), ["Müller & Söhne"]),
    "escaped twice": (rss("<item><title>A &amp;amp; B &amp;quot;C&amp;quot;</title></item>"), ['A & B "C"']),
    "less than": (rss("<item><title>5 &lt; 6</title></item>"), ["5 < 6"]),
    "no title": (rss("<item><description>Die Brücke ist offen.</description></item>"), ["Die Brücke ist offen."]),
    "title alone": (rss("<item><title>Eins</title></item>"), ["Eins"]),
    "nothing in an item": (rss(f"<item></item>{ITEM}<item><guid>7</guid></item>"), ["Eins"]),
    "deep nesting": (rss(ITEM + "<item><title>Zwei</title>" + "<a>" * 3000 + "</a>" * 3000 + "</item>"), None),
    "HTML parameter entities": (
        "<!DOCTYPE rdf:RDF [<!ENTITY % HTMLlat1 PUBLIC '-//DTD//EN' 'http://dtd.example/l.ent'> %HTMLlat1;]>"
        + KINDS["RSS 1.0"],
        ["Eins"],
    ),
    "empty": ("", []),
    "white space alone": (" \n ", []),
    "a page": ("<!DOCTYPE html><html><body><p>Wartung</p></body></html>", []),
    "plain text": ("Too many connections", []),
    "other XML": ("<?xml version='1.0'?><sitemap><loc>x</loc></sitemap>", []),
    "other JSON": ('{"error": "rate limit"}', []),
    "broken JSON": ('{"version": "https://jsonfeed.org/version/1", "items": [{"title": "Eins"', []),
    "billion laughs": (
        "<!DOCTYPE rss [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>"
        + rss("<item><title>&c;</title></item>"),
        [],
    ),
    "external entity": (
        "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + rss("<item><title>&x;</title></item>"),
        [],
    ),
}


@pytest.mark.parametrize(("body", "titles"), STATES.values(), ids=STATES)
async def test_each_state_of_a_feed_is_read_or_refused(desk: Desktop, body: str, titles: list[str] | None) -> None:
    found, code = await kept(desk, body)
    if titles is None:
        assert "Eins" in found
    else:
        assert (found, code) == (titles, "" if titles else "no_feed")


PARTS = [
    ("<description>Kurz.</description><content:encoded>&lt;p&gt;Lang und breit.&lt;/p&gt;</content:encoded>",
     "paragraphs", ["Lang und breit."]),
    ("<content:encoded>&lt;p&gt;Kurz.&lt;/p&gt;</content:encoded><description>Viel länger als das.</description>",
     "paragraphs", ["Viel länger als das."]),
    ("<description>&amp;lt;p&amp;gt;Zweimal.&amp;lt;/p&amp;gt;</description>", "paragraphs", ["<p>Zweimal.</p>"]),
    ("<link>/1</link>", "url", "/1"),
    ("<link>  https://bote.example/ä b </link>", "url", "https://bote.example/%C3%A4%20b"),
    ("<guid isPermaLink='true'>https://bote.example/g</guid>", "url", "https://bote.example/g"),
    ("<guid isPermaLink='false'>g-7</guid>", "external_id", "g-7"),
    ("<link>javascript:alert(1)</link>", "url", ""),
    ("<dc:creator>Anna Beispiel</dc:creator>", "author", "Anna Beispiel"),
    ("<author>anna@bote.example (Anna Beispiel)</author>", "author", "Anna Beispiel"),
    ("<itunes:author>Anna</itunes:author>", "author", "Anna"),
    ("<media:content url='https://b.example/a.jpg' medium='image'/>", "image_url", "https://b.example/a.jpg"),
    ("<media:group><media:content url='https://b.example/g.jpg' type='image/jpeg'/></media:group>", "image_url",
     "https://b.example/g.jpg"),
    ("<media:thumbnail url='https://b.example/t.jpg'/>", "image_url", "https://b.example/t.jpg"),
    ("<enclosure url='https://b.example/e.png' type='image/png' length='x'/>", "image_url", "https://b.example/e.png"),
    ("<itunes:image href='https://b.example/i.jpg'/>", "image_url", "https://b.example/i.jpg"),
    ("<description>&lt;img src='/bild.jpg'&gt;Die Brücke.</description>", "image_url", "/bild.jpg"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "name", "expected"), PARTS)
async def test_each_part_of_an_item_is_kept(desk: Desktop, part: str, name: str, expected: object) -> None:
    assert await kept(desk, rss(f"<item><title>Eins</title>{part}</item>")) == (["Eins"], "")
    (clip,) = await desk.clips()
    if isinstance(expected, str) and expected.startswith("/"):
        expected = desk.server.url(expected)
    assert getattr(clip, name) == expected


async def test_relative_links_start_where_the_feed_says(desk: Desktop) -> None:
    body = (
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://bote.example/x/'><entry xml:base='y/'>"
        "<title>Eins</title><link href='1'/></entry></feed>"
    )
    await kept(desk, body)
    (clip,) = await desk.clips()
    assert clip.url == "https://bote.example/x/y/1"


AT = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Mon, 23 Nov 2026 07:30:00 +0100", AT),
        ("Mon, 23 Nov 2026 06:30:00", AT),
        ("Mon, 23 Nov 26 06:30 GMT", AT),
        ("Mo, 23 Nov 2026 07:30:00 MEZ", AT),
        ("Mon, 23 Nov 2026 08:30:00 MESZ", AT),
        ("Mon, 23 Nov 2026 01:30:00 EST", AT),
        ("23. November 2026 07:30 MEZ", AT),
        ("23 ноября 2026 09:30 MSK", AT),
        ("2026-11-23T06:30:00", AT),
        ("2026-11-23T07:30:00.123456789+01:00", AT),
        ("2026-11-23T06:30Z", AT),
        ("2026-11-23 06:30", AT),
        ("23.11.2026 06:30", AT),
        ("11/23/2026 06:30", AT),
        ("23/11/2026 06:30", AT),
        ("1795415400", AT),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Mon, 23 Nov 2099 06:30:00 GMT", None),
        ("0000-00-00 00:00:00", None),
        ("gestern", None),
    ],
)
async def test_dates_of_every_form_are_read(desk: Desktop, date: str, expected: datetime | None) -> None:
    await kept(desk, rss(f"<item><title>Eins</title><pubDate>{date}</pubDate></item>"))
    (clip,) = await desk.clips()
    # In a new feed what has no date is nobody's news.
    assert clip.published_at.replace(microsecond=0) == (expected or desk.clock.at - LONG_AGO)

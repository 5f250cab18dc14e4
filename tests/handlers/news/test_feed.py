"""Feeds of every kind and state, through the one door."""

from datetime import UTC, datetime

import pytest

from handlers.news.items import FeedFacts, Parsed, RawItem, RawMedia, RawReference, Refused
from handlers.news.parse import parse

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
URL = "https://zeitung.example/feeds/news.xml"


def read(text: str | bytes, content_type: str = "") -> Parsed:
    data = text.encode() if isinstance(text, str) else text
    return parse(data, url=URL, content_type=content_type, now=NOW)


def rss(items: str, channel: str = "") -> str:
    return f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"
    xmlns:content="http://purl.org/rss/1.0/modules/content/"
    xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:atom="http://www.w3.org/2005/Atom">
    <channel><title>Zeitung</title><link>https://zeitung.example/</link>{channel}{items}</channel></rss>"""


def one(item: str) -> RawItem:
    parsed = read(rss(f"<item>{item}</item>"))
    assert parsed.refused == ()
    return parsed.items[0]


FULL = """<title>Netz &amp;amp; Trasse</title><link>../a/1?x=1&amp;y=2</link><guid isPermaLink="false">g-1</guid>
<pubDate>Sun, 01 Mar 2026 07:30:00 +0100</pubDate><dc:creator>Anna Beispiel</dc:creator>
<category>Energie</category><category>Netz</category><category>Energie</category>
<description>Kurz gesagt.</description>
<content:encoded><![CDATA[<p>Erster <b>Absatz</b> &amp; mehr.</p><script>kein()</script><p>Zweiter<br>Absatz.</p>
<ul><li>Punkt</li></ul><img src="/bild.jpg"><img src="/pixel.gif" width="1" height="1">]]></content:encoded>
<media:content url="/gross.jpg" medium="image" type="image/jpeg"/>
<enclosure url="film.mp4" type="video/mp4" length="9"/>"""


def test_rss_2_is_read_whole() -> None:
    assert one(FULL) == RawItem(
        title="Netz & Trasse",
        paragraphs=("Erster Absatz & mehr.", "Zweiter Absatz.", "Punkt"),
        external_id="g-1",
        url="https://zeitung.example/a/1?x=1&y=2",
        published_at=MORNING,
        author="Anna Beispiel",
        teaser="Kurz gesagt.",
        categories=("Energie", "Netz"),
        media=(
            RawMedia("image", "https://zeitung.example/gross.jpg", "image/jpeg"),
            RawMedia("video", "https://zeitung.example/feeds/film.mp4", "video/mp4"),
            RawMedia("image", "https://zeitung.example/bild.jpg"),
        ),
    )


ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"
xml:base="https://zeitung.example/x/" xml:lang="de">
<title>Zeitung</title><link href="https://zeitung.example/"/><link rel="self" href="atom.xml"/>
<link rel="hub" href="https://hub.example/"/>
<entry xml:lang="fr"><id>urn:1</id><title type="text">a &lt;b&gt; c</title><link href="a/1"/>
<link rel="related" title="Davor" href="/a/0"/><author><name>Anna</name></author><author><name>Karl</name></author>
<published>2026-03-01T07:30:00+01:00</published><updated>2026-03-01T08:30:00+01:00</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Eins.</p><p>Zwei.</p></div></content></entry></feed>"""


def test_atom_1_is_read_whole() -> None:
    parsed = read(ATOM)
    assert parsed.feed == FeedFacts(
        title="Zeitung",
        home_url="https://zeitung.example/",
        language="de",
        hub_url="https://hub.example/",
        self_url="https://zeitung.example/x/atom.xml",
    )
    assert parsed.items == (
        RawItem(
            title="a <b> c",
            paragraphs=("Eins.", "Zwei."),
            external_id="urn:1",
            url="https://zeitung.example/x/a/1",
            published_at=MORNING,
            updated_at=datetime(2026, 3, 1, 7, 30, tzinfo=UTC),
            language="fr",
            author="Anna, Karl",
            references=(RawReference("Davor", "https://zeitung.example/a/0"),),
        ),
    )


OLD_ITEM = """<title>Z</title><item><title>Eins</title><link>https://z.example/1</link>
<description>Text.</description></item>"""
OTHER_KINDS = {
    "rss 0.91": f'<rss version="0.91"><channel>{OLD_ITEM}</channel></rss>',
    "rss 0.92 without version": f"<rss><channel>{OLD_ITEM}</channel></rss>",
    "rss 1.0": """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
        <channel rdf:about="https://z.example/"><title>Z</title></channel>
        <item rdf:about="https://z.example/1"><title>Eins</title>
        <link>https://z.example/1</link><description>Text.</description></item></rdf:RDF>""",
    "rss 0.90": """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://my.netscape.com/rdf/simple/0.9/">
        <channel><title>Z</title></channel><item><title>Eins</title>
        <link>https://z.example/1</link><description>Text.</description></item></rdf:RDF>""",
    "atom 0.3": """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Z</title><entry><title>Eins</title>
        <link rel="alternate" href="https://z.example/1"/><summary>Text.</summary></entry></feed>""",
    "json 1.0": """{"version": "https://jsonfeed.org/version/1", "title": "Z",
        "items": [{"id": 1, "title": "Eins", "url": "https://z.example/1", "content_text": "Text."}]}""",
}


@pytest.mark.parametrize("text", OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_older_kinds_give_title_text_and_link(text: str) -> None:
    parsed = read(text)
    (item,) = parsed.items
    assert (item.title, item.paragraphs, item.url) == ("Eins", ("Text.",), "https://z.example/1")
    assert parsed.feed is not None
    assert parsed.feed.title == "Z"


def test_json_feed_1_1_is_read_whole() -> None:
    parsed = read(
        """{"version": "https://jsonfeed.org/version/1.1", "title": "Z",
        "home_page_url": "https://z.example/", "language": "de-DE",
        "feed_url": "https://z.example/feed.json", "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        "items": [{"id": "1", "url": "/1", "title": "Eins",
        "content_html": "<p>A</p><p>B <img src='i.png'></p>", "summary": "Kurz.",
        "date_published": "2026-03-01T07:30:00+01:00", "authors": [{"name": "Anna"}], "tags": ["Energie"],
        "language": "en",
        "attachments": [{"url": "/ton.mp3", "mime_type": "audio/mpeg", "duration_in_seconds": 61}]},
        7, {"id": "2"}, {"id": "3", "title": ["x"], "content_text": "Nur Text, kein Titel"}]}"""
    )
    assert parsed.feed == FeedFacts(
        title="Z",
        home_url="https://z.example/",
        language="de",
        hub_url="https://hub.example/",
        self_url="https://z.example/feed.json",
    )
    assert parsed.items[0] == RawItem(
        title="Eins",
        paragraphs=("A", "B"),
        external_id="1",
        url="https://zeitung.example/1",
        published_at=MORNING,
        language="en",
        author="Anna",
        teaser="Kurz.",
        categories=("Energie",),
        media=(
            RawMedia("audio", "https://zeitung.example/ton.mp3", "audio/mpeg", 61),
            RawMedia("image", "https://zeitung.example/feeds/i.png"),
        ),
    )
    assert parsed.items[1].title == "Nur Text, kein Titel"
    assert [(refusal.code, refusal.where) for refusal in parsed.refused] == [
        (Refused.WRONG_TYPE, "2"),
        (Refused.NO_TITLE, "3"),
    ]


@pytest.mark.parametrize(
    ("channel", "facts"),
    [
        ("<ttl>30</ttl>", {"poll_after_s": 1800}),
        ("<ttl>-5</ttl>", {}),
        ("<ttl>9999999999</ttl>", {}),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", {"poll_after_s": 1800}),
        (
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
            {"poll_after_s": 86_400},
        ),
        ("<ttl>90</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", {"poll_after_s": 5400}),
        ("<skipHours><hour>0</hour><hour>23</hour><hour>24</hour><hour>77</hour></skipHours>", {"skip_hours": (0, 23)}),
        ("<language>de-at</language>", {"language": "de"}),
        ('<atom:link rel="hub" href="https://hub.example/"/>', {"hub_url": "https://hub.example/"}),
    ],
)
def test_a_feed_says_how_it_wants_to_be_polled(channel: str, facts: dict[str, object]) -> None:
    expected = FeedFacts(title="Zeitung", home_url="https://zeitung.example/", **facts)  # type: ignore[arg-type]
    assert read(rss("", channel)).feed == expected


def test_a_bad_item_is_counted_and_its_neighbours_stay() -> None:
    parsed = read(rss("<item><title>Eins</title></item><item><guid>g-2</guid></item><item><title>Drei</title></item>"))
    assert [item.title for item in parsed.items] == ["Eins", "Drei"]
    assert [(refusal.code, refusal.where) for refusal in parsed.refused] == [(Refused.NO_TITLE, "2")]


def test_an_item_without_title_is_headed_by_its_text() -> None:
    item = one(f"<description>{'Der Bau beginnt im März. ' * 10}</description>")
    assert (
        item.title
        == "Der Bau beginnt im März. Der Bau beginnt im März. Der Bau beginnt im März. Der Bau beginnt im März…"
    )
    assert len(item.paragraphs[0]) > 200


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("AT&amp;amp;T", "AT&T"),
        ("C & A", "C & A"),
        ("a &lt; b", "a < b"),
        ("&lt;b&gt;Fett&lt;/b&gt;", "Fett"),
        ("&amp;lt;b&amp;gt;", "<b>"),
        ("A&nbsp;B &hellip; &uuml;", "A B … ü"),
        ("<![CDATA[Müller & Söhne <em>neu</em>]]>", "Müller & Söhne neu"),
        ("  viel \n Platz ", "viel Platz"),
        ("Zeichen\x0b\x01weg", "Zeichen weg"),
        ("&#0;&#x1F600;&#xD800;x", "😀x"),
    ],
)
def test_titles_are_what_was_meant(title: str, expected: str) -> None:
    assert one(f"<title>{title}</title>").title == expected


@pytest.mark.parametrize(
    "description",
    ["https://x.example/?a=1&b=2 & mehr", "<![CDATA[https://x.example/?a=1&amp;b=2 &amp; mehr]]>"],
)
def test_bare_ampersands_survive(description: str) -> None:
    assert one(f"<title>T</title><description>{description}</description>").paragraphs == (
        "https://x.example/?a=1&b=2 & mehr",
    )


def test_a_cut_off_feed_gives_its_whole_items() -> None:
    text = rss(
        "".join(
            f"<item><title>Nr. {n}</title><description>Text {n} ist hier.</description></item>" for n in range(1, 5)
        )
    )
    parsed = read(text[: text.index("Text 4") + 6])
    assert [item.title for item in parsed.items] == ["Nr. 1", "Nr. 2", "Nr. 3"]
    assert [(refusal.code, refusal.where) for refusal in parsed.refused] == [(Refused.BROKEN_XML, "4")]


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "iso-8859-5", "utf-16"])
@pytest.mark.parametrize("declared", [True, False])
def test_a_russian_feed_is_read_in_any_encoding(encoding: str, declared: bool) -> None:
    text = rss("<item><title>Россия запускает новую программу</title></item>")
    text = text.replace('encoding="utf-8"', f'encoding="{encoding}"' if declared else "")
    assert read(text.encode(encoding)).items[0].title == "Россия запускает новую программу"


def test_a_wrong_charset_of_the_server_does_no_harm() -> None:
    text = rss("<item><title>Größe</title></item>")
    assert read(text, "text/xml; charset=iso-8859-1").items[0].title == "Größe"


@pytest.mark.parametrize(
    "date", ["Sun, 01 Mar 2026 07:30:00 MEZ", "2026-03-01 06:30:00", "01.03.2026 06:30", "1 März 2026 06:30"]
)
def test_odd_dates_are_read(date: str) -> None:
    assert one(f"<title>T</title><pubDate>{date}</pubDate>").published_at == MORNING


@pytest.mark.parametrize("date", ["", "bald", "2030-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_impossible_dates_are_none(date: str) -> None:
    assert one(f"<title>T</title><pubDate>{date}</pubDate>").published_at is None


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b.example"]
)
def test_a_link_that_is_no_web_address_is_left_out(link: str) -> None:
    assert one(f"<title>T</title><link>{link}</link>").url == ""


def test_a_web_page_in_place_of_a_feed_is_no_feed() -> None:
    parsed = read(
        "<!DOCTYPE html><html><head><title>Wartung</title></head><body><p>Kurz weg.</p></body></html>",
        "application/rss+xml",
    )
    assert (parsed.feed, parsed.items, [refusal.code for refusal in parsed.refused]) == (None, (), [Refused.NO_TEXT])


def test_an_empty_feed_is_a_feed_without_items() -> None:
    parsed = read(rss(""))
    assert (parsed.items, parsed.refused) == ((), ())
    assert parsed.feed is not None


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("anna@bote.example (Anna Beispiel)", "Anna Beispiel"),
        ("anna@bote.de (Anna Beispiel)", "Anna Beispiel"),
        ("anna@bote.example", ""),
        ("Anna Beispiel", "Anna Beispiel"),
        ("Anna (Bote)", "Anna (Bote)"),
    ],
)
def test_an_author_is_a_name_and_no_address(author: str, expected: str) -> None:
    assert one(f"<title>T</title><author>{author}</author>").author == expected

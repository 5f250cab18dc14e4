"""Web pages: the article, what is said of it, and the feeds that are announced."""

from datetime import UTC, datetime

import pytest

from handlers.news.items import RawItem, RawMedia, Refusal, Refused
from handlers.news.page import feed_links, read_page

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
URL = "https://zeitung.example/politik/trasse?utm_source=rss"
PARAGRAPHS = (
    "Der Betreiber rechnet mit dem Start im März, ein Jahr früher als geplant.",
    "Das sagte eine Sprecherin am Sonntag in Berlin, ohne Einzelheiten zu nennen.",
    "Anwohner hatten gegen den Verlauf der Leitung Einspruch erhoben.",
)
JSON_LD = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "WebSite"},
{"@type": ["NewsArticle"], "headline": "Trasse &amp; Netz", "datePublished": "2026-03-01T18:30:00+01:00",
"author": [{"@type": "Person", "name": "Anna Beispiel"}, {"name": "Karl Muster"}],
"image": [{"url": "/ld.jpg"}], "publisher": {"name": "Zeitung"}}]}</script>"""


def page(head: str = "", *, paragraphs: tuple[str, ...] = PARAGRAPHS, title: str = "Zwei Trassen früher fertig") -> str:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f"""<!DOCTYPE html><html lang="de-DE"><head><title>{title} | Zeitung</title>{head}</head><body>
    <nav><ul><li><a href="/">Start</a></li><li><a href="/sport">Sport</a></li></ul></nav>
    <main><article><h1>{title}</h1>{body}</article></main><script>var x = "kein Text";</script>
    <footer><p>Impressum Datenschutz</p></footer></body></html>"""


def read(html: str, url: str = URL) -> RawItem:
    item = read_page(html, url=url, now=NOW)
    assert isinstance(item, RawItem)
    return item


def test_the_text_is_the_article_and_nothing_around_it() -> None:
    item = read(page())
    assert item.paragraphs == PARAGRAPHS
    assert (item.title, item.language) == ("Zwei Trassen früher fertig", "de")


def test_what_the_page_says_in_json_ld_comes_first() -> None:
    item = read(page(JSON_LD + '<meta property="article:published_time" content="2026-03-01">'))
    assert item.title == "Trasse & Netz"
    assert item.published_at == datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    assert item.author == "Anna Beispiel, Karl Muster"
    assert item.media == (RawMedia("image", "https://zeitung.example/ld.jpg"),)
    assert item.source == "Zeitung"


def test_meta_elements_serve_as_well() -> None:
    item = read(
        page(
            '<meta property="og:site_name" content="Die Zeitung">'
            '<meta property="og:image" content="https://cdn.example/i.jpg">'
            '<meta name="description" content="Kurz gesagt.">'
            '<meta property="article:published_time" content="2026-03-01T17:30:00Z">'
            '<meta property="article:modified_time" content="2026-03-01T18:00:00Z">'
        )
    )
    assert (item.source, item.teaser) == ("Die Zeitung", "Kurz gesagt.")
    assert item.published_at == datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    assert item.updated_at == datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
    assert item.media == (RawMedia("image", "https://cdn.example/i.jpg"),)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/politik/trasse", "https://zeitung.example/politik/trasse"),
        ("https://www.zeitung.example/politik/trasse", "https://www.zeitung.example/politik/trasse"),
        ("https://andere.example/ihr-artikel", URL),
        ("https://zeitung.example/", URL),
        ("javascript:void(0)", URL),
        ("", URL),
    ],
)
def test_a_canonical_address_counts_on_the_same_site_only(href: str, expected: str) -> None:
    assert read(page(f'<link rel="canonical" href="{href}">')).url == expected


@pytest.mark.parametrize(
    "head",
    [
        "<script type='application/ld+json'>{broken</script>",
        "<script type='application/ld+json'>" + "[" * 20_000 + "</script>",
        '<script type=\'application/ld+json\'>{"@type": "NewsArticle", "headline": 7,'
        ' "author": [[]], "image": [[]], "datePublished": {}}</script>',
        '<meta property="article:published_time" content="2999-01-01T00:00:00Z">',
    ],
)
def test_nonsense_about_the_article_costs_only_itself(head: str) -> None:
    item = read(page(head))
    assert item.paragraphs == PARAGRAPHS
    assert item.published_at is None


@pytest.mark.parametrize(
    "html", ["", "<html></html>", page(paragraphs=()), page(paragraphs=("Zu kurz.",)), "<div>" * 50_000]
)
def test_a_page_without_an_article_is_refused(html: str) -> None:
    outcome = read_page(html, url=URL, now=NOW)
    assert isinstance(outcome, Refusal)
    assert outcome.code is Refused.NO_TEXT


def test_announced_feeds_come_before_likely_ones() -> None:
    html = page(
        '<link rel="alternate" type="application/rss+xml; charset=utf-8" href="/rss.xml">'
        '<link rel="ALTERNATE" type="application/feed+json" href="https://zeitung.example/feed.json">'
        '<link rel="alternate" hreflang="en" href="/en">'
        '<link rel="stylesheet" type="application/rss+xml" href="/no.xml">',
        paragraphs=(
            '<a href="/sport/feed/">Sport</a> <a href="/rss.xml">RSS</a> <a href="mailto:x@y.example">Post</a>',
        ),
    )
    assert feed_links(html, URL) == (
        "https://zeitung.example/rss.xml",
        "https://zeitung.example/feed.json",
        "https://zeitung.example/sport/feed/",
    )


def test_a_base_element_moves_relative_feeds() -> None:
    html = (
        '<html><head><base href="https://feeds.example/x/">'
        '<link rel="alternate" type="application/atom+xml" href="a.xml">'
    )
    assert feed_links(html, URL) == ("https://feeds.example/x/a.xml",)


def test_no_page_has_no_feeds() -> None:
    assert feed_links("", URL) == ()

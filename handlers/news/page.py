"""Web pages: the article of a page as a raw item, and the feeds that a page announces."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from handlers.news.dates import parse_date
from handlers.news.feed_parts import headline, language_tag, unique
from handlers.news.identity import canonical_url
from handlers.news.items import RawItem, RawMedia, Refusal, Refused
from handlers.news.links import web_url
from handlers.news.plain import fold, parse_html, text_paragraphs, title_text

# Where feeds live on sites that do not announce them.
COMMON_FEED_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
MIN_TEXT_CHARS = 80
MAX_PAGE_CHARS = 3_000_000
# The longest pages have a third of it; extraction takes a minute for a million elements that say nothing.
MAX_PAGE_TAGS = 50_000
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_FEED_ENDINGS = (
    ".rss",
    ".rdf",
    ".atom",
    "/feed",
    "/feed/",
    "/rss",
    "/rss/",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/feed.json",
)
_MAX_FEED_LINKS = 20
_ARTICLE_TYPES = ("Article", "Report", "BlogPosting", "LiveBlogPosting", "VideoObject")
_PUBLISHED = (
    "article:published_time",
    "datepublished",
    "og:article:published_time",
    "dc.date.issued",
    "dc.date",
    "date",
    "pubdate",
)
_UPDATED = ("article:modified_time", "datemodified", "og:updated_time", "last-modified")

Facts = dict[str, Any]


def read_page(html: str, *, url: str = "", now: datetime) -> RawItem | Refusal:
    """The article of a page; refused as NO_TEXT where there is none.

    Args:
        html: the decoded page.
        now: dates far ahead of it are dropped.
        url: the address of the page. A canonical address that the page names counts only on the same
            site, for a page could else pass itself off as another's article.
    """
    html = _bounded(html)
    tree = parse_html(html)
    if tree is None:
        return Refusal(Refused.NO_TEXT)
    meta, article = _meta(tree), _json_ld(tree)
    found = _extract(html, url)
    paragraphs = text_paragraphs((found.text or "").replace("\n", "\n\n")) if found else ()
    title = _title(found, meta, article) or headline(paragraphs)
    paragraphs = tuple(text for text in paragraphs if text != title)
    if found is None or sum(map(len, paragraphs)) < MIN_TEXT_CHARS:
        return Refusal(Refused.NO_TEXT, detail=title[:60])
    return RawItem(
        title=title,
        paragraphs=paragraphs,
        url=_canonical(tree, meta, url),
        published_at=_first_date(
            (_text(article.get("datePublished")), *_named(meta, _PUBLISHED), *_times(tree), found.date or ""), now
        ),
        updated_at=_first_date((_text(article.get("dateModified")), *_named(meta, _UPDATED)), now),
        language=language_tag(tree.get("lang") or meta.get("og:locale", "") or _text(article.get("inLanguage"))),
        author=(_people(article.get("author")) or fold((found.author or "").replace(";", ",")))[:200],
        teaser=fold(meta.get("description", "") or meta.get("og:description", ""))[:1000],
        media=tuple(_images(article, meta, url)),
        source=fold(meta.get("og:site_name", "") or _people(article.get("publisher")) or found.sitename or "")[:200],
    )


def feed_links(html: str, base_url: str) -> tuple[str, ...]:
    """The feeds that a page announces, announced ones before ones that only look like feeds; each once."""
    tree = parse_html(_bounded(html))
    if tree is None:
        return ()
    base = _base(tree, base_url)
    announced = (
        link.get("href", "")
        for link in tree.iter("link")
        if "alternate" in link.get("rel", "").lower().split()
        and link.get("type", "").partition(";")[0].strip().lower() in _FEED_TYPES
    )
    linked = (link.get("href", "") for link in tree.iter("a"))
    likely = (href for href in linked if href.partition("?")[0].partition("#")[0].lower().endswith(_FEED_ENDINGS))
    return unique(web_url(href, base) for group in (announced, likely) for href in group if href.strip())[
        :_MAX_FEED_LINKS
    ]


def _bounded(html: str) -> str:
    return "<".join(html[:MAX_PAGE_CHARS].split("<", MAX_PAGE_TAGS)[:MAX_PAGE_TAGS])


def _extract(html: str, url: str) -> Any:  # trafilatura's Document, None without an article
    return _extractor()(
        html, url=url or None, include_comments=False, include_tables=False, favor_precision=True, with_metadata=True
    )


@cache
def _extractor() -> Callable[..., Any]:
    import trafilatura  # half a second and 44 MB that most runs never need

    for name in ("trafilatura", "htmldate", "courlan"):  # they log an error for each page without an article
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return trafilatura.bare_extraction


def _base(tree: "etree._Element", url: str) -> str:
    href = next((element.get("href", "") for element in tree.iter("base")), "")
    return web_url(href, url) or url if href else url


def _meta(tree: "etree._Element") -> dict[str, str]:
    """The page's meta elements by lower-case name; the first of a name counts."""
    meta: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        meta.setdefault(name.lower(), (element.get("content") or "")[:2000])
    return meta


def _named(meta: dict[str, str], names: tuple[str, ...]) -> Iterator[str]:
    return (meta[name] for name in names if name in meta)


def _times(tree: "etree._Element") -> Iterator[str]:
    return (element.get("datetime", "") for element in tree.iter("time") if element.get("datetime"))


def _first_date(candidates: tuple[str, ...], now: datetime) -> datetime | None:
    """The first candidate that is a date; one with a time of day is preferred."""
    bare = None
    for text in candidates:
        found = parse_date(text, now=now)
        if found and ":" in text:
            return found
        bare = bare or found
    return bare


def _json_ld(tree: "etree._Element") -> Facts:
    """What the page says of its article in JSON-LD, empty where nothing. Source: schema.org/NewsArticle."""
    for element in tree.iter("script"):
        if element.get("type", "").strip().lower() != "application/ld+json":
            continue
        try:
            record = json.loads(element.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(record):
            kind = node.get("@type")
            kinds = kind if isinstance(kind, list) else [kind]
            if any(str(name).endswith(_ARTICLE_TYPES) for name in kinds):
                return node
    return {}


def _nodes(record: object) -> Iterator[Facts]:
    """The objects at the top of a JSON-LD record, in lists and in @graph."""
    for node in record if isinstance(record, list) else [record]:
        if isinstance(node, dict):
            yield node
            graph = node.get("@graph")
            yield from (part for part in (graph if isinstance(graph, list) else ()) if isinstance(part, dict))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _people(value: object) -> str:
    """Names of persons or organisations, however they are given."""
    people = value if isinstance(value, list) else [value]
    return ", ".join(unique(fold(_text(p.get("name")) if isinstance(p, dict) else _text(p)) for p in people))


def _title(found: Any, meta: dict[str, str], article: Facts) -> str:
    candidates = (_text(article.get("headline")), meta.get("og:title", ""), (found.title or "") if found else "")
    return next((title for text in candidates if (title := title_text(text)[:500])), "")


def _images(article: Facts, meta: dict[str, str], url: str) -> Iterator[RawMedia]:
    value = article.get("image")
    first = value[0] if isinstance(value, list) and value else value
    named = _text(first.get("url")) if isinstance(first, dict) else _text(first)
    for link in (meta.get("og:image", "") or meta.get("og:image:url", ""), named):
        if link and (address := web_url(link, url)):
            yield RawMedia("image", address)
            return


def _canonical(tree: "etree._Element", meta: dict[str, str], url: str) -> str:
    links = [link.get("href", "") for link in tree.iter("link") if "canonical" in link.get("rel", "").lower().split()]
    for link in (*links, meta.get("og:url", "")):
        address = web_url(link, url) if link.strip() else ""
        if address and (not url or _site(address) == _site(url)) and urlsplit(address).path.strip("/"):
            return address
    return web_url(url)


def _site(url: str) -> str:
    return urlsplit(canonical_url(url)).netloc.removeprefix("www.")

"""JSON Feed 1.0 and 1.1 to raw items. Source: jsonfeed.org, version 1.1."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from handlers.news.dates import parse_date
from handlers.news.feed_parts import MAX_ITEMS, Body, headline, html_body, language_tag, media_kind, seconds, unique
from handlers.news.items import FeedFacts, Parsed, RawItem, RawMedia, Refusal, Refused
from handlers.news.links import web_url
from handlers.news.plain import fold, text_paragraphs

Fields = Mapping[str, object]


def read_json_feed(text: str, *, url: str = "", now: datetime) -> Parsed:
    """The items of a JSON Feed, those refused, and what the feed says of itself."""
    try:
        feed = json.loads(text)
    except json.JSONDecodeError as error:
        return Parsed(
            refused=(Refusal(Refused.BROKEN_JSON, str(error.lineno), f"{error.msg}, column {error.colno}"[:120]),)
        )
    except (ValueError, RecursionError) as error:
        return Parsed(refused=(Refusal(Refused.BROKEN_JSON, detail=type(error).__name__),))
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        return Parsed(refused=(Refusal(Refused.WRONG_TYPE, detail="a feed with a list of items is expected"),))
    items: list[RawItem] = []
    refused: list[Refusal] = []
    for number, fields in enumerate(feed["items"][:MAX_ITEMS], start=1):
        outcome = _item(fields, str(number), url, now)
        if isinstance(outcome, RawItem):
            items.append(outcome)
        else:
            refused.append(outcome)
    return Parsed(items=tuple(items), refused=tuple(refused), feed=_facts(feed, url))


def _item(fields: object, where: str, url: str, now: datetime) -> RawItem | Refusal:
    if not isinstance(fields, dict):
        return Refusal(Refused.WRONG_TYPE, where, f"an object is expected, not {type(fields).__name__}")
    html, plain = _text(fields, "content_html"), _text(fields, "content_text")
    body = html_body(html, url) if html else Body(text_paragraphs(plain))
    teaser = fold(_text(fields, "summary"))[:1000]
    paragraphs = body.paragraphs or ((teaser,) if teaser else ())
    title = fold(_text(fields, "title"))[:500] or headline(paragraphs)
    if not title:
        return Refusal(Refused.NO_TITLE, where)
    published = parse_date(_text(fields, "date_published"), now=now)
    updated = parse_date(_text(fields, "date_modified"), now=now)
    return RawItem(
        title=title,
        paragraphs=paragraphs,
        external_id=fold(_text(fields, "id"))[:500],
        url=_address(fields, "url", url) or _address(fields, "external_url", url),
        published_at=published or updated,
        updated_at=updated,
        language=language_tag(_text(fields, "language")),
        author=", ".join(unique(fold(_text(author, "name")) for author in _authors(fields)))[:200],
        teaser=teaser if body.paragraphs else "",
        categories=unique(fold(tag)[:80] for tag in _list(fields, "tags") if isinstance(tag, str))[:20],
        media=tuple({found.url: found for found in _media(fields, body, url)}.values())[:10],
    )


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)  # ids of version 1 may be numbers
    return value if isinstance(value, str) else ""


def _list(fields: Fields, name: str) -> list[object]:
    value = fields.get(name)
    return value if isinstance(value, list) else []


def _address(fields: Fields, name: str, base: str) -> str:
    value = _text(fields, name)
    return web_url(value, base) if value else ""


def _authors(fields: Fields) -> list[Fields]:
    """Version 1.1 has a list, version 1 a single object."""
    return [author for author in (*_list(fields, "authors"), fields.get("author")) if isinstance(author, dict)]


def _media(fields: Fields, body: Body, base: str) -> Iterator[RawMedia]:
    for name in ("image", "banner_image"):
        if address := _address(fields, name, base):
            yield RawMedia("image", address)
    for part in _list(fields, "attachments"):
        if not isinstance(part, dict):
            continue
        address, mime = _address(part, "url", base), _text(part, "mime_type").lower()
        kind = media_kind("", mime, address)
        length = part.get("duration_in_seconds")
        if address and kind:
            yield RawMedia(kind, address, mime, seconds(str(length)))
    for address in body.images:
        yield RawMedia("image", address)


def _facts(feed: Fields, url: str) -> FeedFacts:
    hubs = (_address(hub, "url", url) for hub in _list(feed, "hubs") if isinstance(hub, dict))
    return FeedFacts(
        title=fold(_text(feed, "title"))[:300],
        home_url=_address(feed, "home_page_url", url),
        language=language_tag(_text(feed, "language")),
        hub_url=next((hub for hub in hubs if hub), ""),
        self_url=_address(feed, "feed_url", url),
    )

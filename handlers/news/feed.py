"""Feeds to raw items: RSS 0.9x to 2.0, RDF and Atom through feedparser."""

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from handlers.news.dates import parse_date
from handlers.news.feed_parts import MAX_ITEMS, Body, headline, html_body, language_tag, media_kind, seconds, unique
from handlers.news.items import FeedFacts, Parsed, RawItem, RawMedia, RawReference, Refusal, Refused
from handlers.news.links import web_url
from handlers.news.plain import fold, looks_like_html, text_paragraphs, title_text
from handlers.news.xml_repair import repair

Entry = Mapping[str, object]

# Source: RSS 1.0 Syndication module, sy:updatePeriod.
_PERIOD_SECONDS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_MAX_TTL_MINUTES = 60 * 24 * 365
_SKIP_HOURS = re.compile(r"<skipHours>(.{0,2000}?)</skipHours>", re.DOTALL)
_HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>")
_HEAD_CHARS = 50_000
# Source: RSS 2.0, author: "lawyer@boyer.net (Lawyer Boyer)".
_MAIL = re.compile(r"\s*[^\s@]{1,100}@[^\s@()]{1,200}\s*(?:\(([^()]*)\)\s*)?$")
_MAX_MEDIA = 10
# What feedparser and its handlers raise on values that no specification foresees.
_BAD_VALUE = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)


def read_feed(text: str, *, url: str = "", now: datetime) -> Parsed:
    """The items of a feed in its order, those refused, and what the feed says of itself.

    Args:
        text: the decoded document.
        now: dates far ahead of it are dropped.
        url: where the feed was found; relative links start there unless xml:base says otherwise.
    """
    repaired = repair(text, most_items=MAX_ITEMS)
    if isinstance(repaired, Refusal):
        return Parsed(refused=(repaired,))
    import feedparser

    # The text is Unicode and without declarations by now, so the library's own guessing has nothing to guess.
    # Its search for an encoding goes no further than the first line, and slowly over a long one that says "encoding".
    found = feedparser.parse(
        io.BytesIO(b'<?xml version="1.0" encoding="utf-8"?>\n' + repaired.text.encode("utf-8")),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        sanitize_html=False,  # every text becomes plain text below; markup never leaves this module
        resolve_relative_uris=False,
    )
    entries: list[Entry] = list(found["entries"])
    items: list[RawItem] = []
    refused: list[Refusal] = []
    if repaired.is_cut_off and entries:
        entries.pop()
        refused.append(Refusal(Refused.BROKEN_XML, str(len(entries) + 1), "the file ends inside the item"))
    is_atom = str(found["version"]).startswith("atom")
    for number, entry in enumerate(entries[:MAX_ITEMS], start=1):
        outcome = _careful(entry, str(number), url, is_atom, now)
        (items if isinstance(outcome, RawItem) else refused).append(outcome)  # type: ignore[arg-type]
    if not found["version"] and not items and not refused:
        refused.append(Refusal(Refused.BROKEN_XML, detail="no feed could be read"))
    return Parsed(items=tuple(items), refused=tuple(refused), feed=_facts(found["feed"], repaired.text, url))


def _careful(entry: Entry, where: str, url: str, is_atom: bool, now: datetime) -> RawItem | Refusal:
    try:
        return _item(entry, where, url, is_atom, now)
    except _BAD_VALUE as error:
        return Refusal(Refused.BROKEN_XML, where, type(error).__name__)


def _item(entry: Entry, where: str, url: str, is_atom: bool, now: datetime) -> RawItem | Refusal:
    base = _base(entry, url)
    full = _content(entry, base)
    summary = _body(_detail(entry, "summary_detail"), base)
    body = full if full.size > summary.size else summary
    title = _title(entry, is_atom) or headline(body.paragraphs)
    if not title:
        return Refusal(Refused.NO_TITLE, where, _text(entry, "id")[:60])
    published = parse_date(_text(entry, "published") or _text(entry, "created"), now=now)
    updated = parse_date(_text(entry, "updated"), now=now)
    return RawItem(
        title=title,
        paragraphs=body.paragraphs,
        external_id=fold(_text(entry, "id"))[:500],
        url=_link(entry, base),
        published_at=published or updated,
        updated_at=updated,
        language=language_tag(_text(_detail(entry, "title_detail"), "language")),
        author=_author(entry),
        teaser="" if summary.paragraphs == body.paragraphs else " ".join(summary.paragraphs)[:1000],
        categories=unique(fold(_text(tag, "label") or _text(tag, "term"))[:80] for tag in _list(entry, "tags"))[:20],
        references=tuple(_references(entry, base)),
        media=tuple({found.url: found for found in _media(entry, body, base)}.values())[:_MAX_MEDIA],
    )


def _get(entry: Entry, name: str) -> object:
    # FeedParserDict answers "updated" with "published", and warns about it: ask the plain mapping.
    return dict.get(entry, name) if isinstance(entry, dict) else None


def _text(entry: Entry, name: str) -> str:
    value = _get(entry, name)
    return value if isinstance(value, str) else ""


def _detail(entry: Entry, name: str) -> Entry:
    value = _get(entry, name)
    return value if isinstance(value, dict) else {}


def _list(entry: Entry, name: str) -> list[Entry]:
    value = _get(entry, name)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _base(entry: Entry, url: str) -> str:
    for name in ("title_detail", "summary_detail"):
        if base := _text(_detail(entry, name), "base"):
            return base
    return url


def _title(entry: Entry, is_atom: bool) -> str:
    detail = _detail(entry, "title_detail")
    value = _text(entry, "title")
    # Atom says what is markup; RSS does not, and publishers escape once or twice.
    return (fold(value) if is_atom and _text(detail, "type") == "text/plain" else title_text(value))[:500]


def _content(entry: Entry, base: str) -> Body:
    bodies = (_body(part, base) for part in _list(entry, "content"))
    return max(bodies, key=lambda body: body.size, default=Body())


def _body(part: Entry, base: str) -> Body:
    value = _text(part, "value")
    if _text(part, "type") == "text/plain" and not looks_like_html(value):
        return Body(text_paragraphs(value))
    return html_body(value, _text(part, "base") or base)


def _link(entry: Entry, base: str) -> str:
    links = [link for link in _list(entry, "links") if _text(link, "rel") in {"", "alternate"}]
    candidates = (_text(entry, "link"), *(_text(link, "href") for link in links), _text(entry, "feedburner_origlink"))
    return next((found for link in candidates if link and (found := web_url(link, base))), "")


def _author(entry: Entry) -> str:
    # feedparser takes an address for over after four letters behind its dot, and the rest of it for a name.
    if mail := _MAIL.match(_text(entry, "author")):
        return fold(mail[1] or "")[:200]
    names = unique(fold(_text(author, "name")) for author in _list(entry, "authors"))
    return (", ".join(names) or fold(_text(_detail(entry, "author_detail"), "name") or _text(entry, "author")))[:200]


def _references(entry: Entry, base: str) -> Iterator[RawReference]:
    for link in _list(entry, "links"):
        title, address = fold(_text(link, "title")), web_url(_text(link, "href"), base)
        if _text(link, "rel") == "related" and title and address:
            yield RawReference(title[:300], address)


def _media(entry: Entry, body: Body, base: str) -> Iterator[RawMedia]:
    """The media of an entry, those that the publisher marks before pictures inside the text."""
    marked = [(part, "url") for part in _list(entry, "media_content")]
    marked += [(part, "href") for part in _list(entry, "links") if _text(part, "rel") == "enclosure"]
    for part, name in marked:
        address, mime = web_url(_text(part, name), base), _text(part, "type").lower()
        kind = media_kind(_text(part, "medium"), mime, address)
        if address and kind:
            yield RawMedia(
                kind,
                address,
                mime,
                seconds(_text(part, "duration") or _text(entry, "itunes_duration") * (kind != "image")),
            )
    for thumbnail in (*_list(entry, "media_thumbnail"), _detail(entry, "image")):
        if address := web_url(_text(thumbnail, "url") or _text(thumbnail, "href"), base) * bool(thumbnail):
            yield RawMedia("image", address)
    for address in body.images:
        yield RawMedia("image", address)


def _facts(feed: Entry, text: str, url: str) -> FeedFacts:
    links = {_text(link, "rel"): _text(link, "href") for link in reversed(_list(feed, "links"))}
    return FeedFacts(
        title=title_text(_text(feed, "title"))[:300],
        home_url=_link(feed, url),
        language=language_tag(_text(feed, "language") or _text(_detail(feed, "title_detail"), "language")),
        hub_url=web_url(links["hub"], url) if "hub" in links else "",
        self_url=web_url(links["self"], url) if "self" in links else "",
        poll_after_s=_poll_after(feed),
        skip_hours=_skip_hours(text[:_HEAD_CHARS]),
    )


def _poll_after(feed: Entry) -> int | None:
    """The longest pause that the feed asks for, in seconds."""
    pauses = []
    ttl = _text(feed, "ttl").strip()
    if ttl.isascii() and ttl.isdigit() and 0 < int(ttl[:9]) <= _MAX_TTL_MINUTES:
        pauses.append(int(ttl) * 60)
    period = _PERIOD_SECONDS.get(_text(feed, "sy_updateperiod").strip().lower())
    if period:
        often = _text(feed, "sy_updatefrequency").strip()
        pauses.append(period // max(1, int(often[:6]) if often.isascii() and often.isdigit() else 1))
    return max(pauses, default=None)


def _skip_hours(head: str) -> tuple[int, ...]:
    """Source: RSS 2.0, skipHours; 24 is midnight in older feeds."""
    match = _SKIP_HOURS.search(head)
    hours = {int(hour) % 24 for hour in _HOUR.findall(match.group(1)) if int(hour) <= 24} if match else set()
    return tuple(sorted(hours))

"""Lists of feeds as OPML 2.0 (http://opml.org/spec2.opml): read with suspicion, written plainly."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from handlers.errors import Declined
from handlers.reply import _
from handlers.slugs import slug_of
from storage import feeds
from storage.database import Database
from storage.feeds import SourceView
from storage.tables import Feed, Source

MAX_BYTES = 2 * 1024 * 1024
MAX_FEEDS = 5000
_DTD = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OpmlReport:
    """How many feeds of a list were added, known already, or refused as their address is none."""

    added: int
    known: int
    refused: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One feed of a list."""

    title: str
    url: str


def read(content: bytes) -> list[Listed]:
    """The feeds of a list.

    Raises:
        Declined: it is too large, unsafe, or no OPML.
    """
    if len(content) > MAX_BYTES:
        raise Declined(_("This list is larger than 2 MB."))
    if _DTD.search(content):
        raise Declined(_("This list declares a document type, which is not safe to read."))
    import listparser  # brings a client for HTTP along, which costs a tenth of a second

    found = listparser.parse(content)
    listed = [Listed(str(feed.get("title", "")), str(feed.get("url", ""))) for feed in found.get("feeds", [])]
    if not listed:
        raise Declined(_("I found no feeds in this file; it should be OPML."))
    return listed[:MAX_FEEDS]


async def take_in(db: Database, content: bytes, now: datetime) -> OpmlReport:
    """Add the feeds of a list, each as a source of its own; they are polled at the next tick.

    Raises:
        Declined: the list cannot be read.
    """
    added = known = refused = 0
    async with db.write() as tx:
        for listed in read(content):
            parts = urlsplit(listed.url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                refused += 1
                continue
            if await feeds.find_feed(tx, listed.url) is not None:
                known += 1
                continue
            name = listed.title or parts.hostname
            source = await feeds.ensure_source(
                tx,
                Source(
                    slug=slug_of(name),
                    name=name[:120],
                    home_url=f"{parts.scheme}://{parts.netloc}/",
                    added_at=now,
                ),
            )
            feed = Feed(source_id=source.id or 0, url=listed.url, title=listed.title, next_due_at=now, added_at=now)
            added += await feeds.add_feed(tx, feed)
    return OpmlReport(added, known, refused)


def write(sources: Sequence[SourceView]) -> bytes:
    """All feeds as OPML."""
    root = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = "Kurzclips"
    body = ElementTree.SubElement(root, "body")
    for view in sources:
        for feed in view.feeds:
            ElementTree.SubElement(
                body,
                "outline",
                type="rss",
                text=view.source.name,
                title=view.source.name,
                xmlUrl=feed.url,
                htmlUrl=view.source.home_url,
            )
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"

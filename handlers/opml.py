"""Lists of feeds as OPML: read with suspicion, written plainly.

Source: OPML 2.0, "Subscription lists" (http://opml.org/spec2.opml).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree import ElementTree

import listparser

from handlers.errors import Declined
from handlers.news.encoding import decode
from handlers.news.links import web_url
from handlers.news.sniff import is_binary
from handlers.reply import Message, _
from handlers.sourcing import NewFeed, Shelf, clean_name, host_of
from storage.database import Database
from storage.feeds import SourceView

MAX_BYTES = 2 * 1024 * 1024
MAX_FEEDS = 5000
PORTION = 200
# A list of thousands is asked one after the other, not in one burst.
SPACING = timedelta(seconds=1)
# The reader compares repeated addresses with each other, so their number is bounded before it begins.
_MAX_OUTLINES = 2 * MAX_FEEDS
# Categories are not kept, and the reader compares each with all others of its feed: a long list of them takes hours.
_CATEGORY = re.compile(r"\bcategory(?=\s*=)", re.IGNORECASE)
_DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_XML_HEAD = re.compile(r"\s*<\?xml[^>]{0,200}\?>", re.IGNORECASE)
_FEED_SCHEME = re.compile(r"feed:(?://)?(?=https?://)", re.IGNORECASE)
# Not allowed in XML 1.0, or control characters that no reader shows. Source: XML 1.0, 2.2 "Characters".
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class OpmlReport:
    """How many feeds of a list were added, known already, or refused because their address is none.

    Attributes:
        refusals: the titles or addresses of those that were refused.
    """

    added: int
    known: int
    refused: int
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One feed of a list.

    Attributes:
        url: as the list gives it; not yet looked at.
    """

    title: str
    url: str


def read(content: bytes) -> list[Listed]:
    """The feeds of a list, each address once; takes up to some seconds on a hostile file.

    Raises:
        Declined: it is too large, not safe, no list, or holds no feed.
    """
    if len(content) > MAX_BYTES:
        raise Declined(_("This list is larger than {count} MB, which is more than I take.", count=MAX_BYTES >> 20))
    text = "" if is_binary(content) else _XML_HEAD.sub("", decode(content).text, count=1)
    if _DECLARATION.search(text):
        raise Declined(_("This list declares a document type or entities, which is not safe to read."))
    if len(re.findall("<outline", text, re.IGNORECASE)) > _MAX_OUTLINES:
        raise Declined(_too_many())
    try:
        # As references, letters survive whatever character set the parser assumes.
        found = listparser.parse(_CATEGORY.sub("ignored", text).encode("ascii", "xmlcharrefreplace"))
    except Exception as error:  # the library raises anything on hostile input
        raise Declined(_("This list cannot be read; its XML is broken.")) from error
    if not found.get("version"):
        raise Declined(_("This file is no list of feeds; I read OPML."))
    listed = [Listed(clean_name(str(feed.get("title", ""))), str(feed.get("url", ""))) for feed in found["feeds"]]
    if not listed:
        raise Declined(_("There is no feed in this list."))
    if len(listed) > MAX_FEEDS:
        raise Declined(_too_many())
    return listed


def _too_many() -> Message:
    return _("This list holds more than {count} feeds; please split it.", count=MAX_FEEDS)


async def take_in(db: Database, content: bytes, now: datetime) -> OpmlReport:
    """Add the feeds of a list; the next polls ask them.

    Raises:
        Declined: the list cannot be read.
        StorageError: the database refused; the portions before are kept.
    """
    return await keep(db, read(content), now)


async def keep(db: Database, listed: Sequence[Listed], now: datetime) -> OpmlReport:
    """Add feeds, each with a source of its name.

    Raises:
        StorageError: the database refused; the portions before are kept.
    """
    added, known = 0, 0
    refusals: list[str] = []
    async with db.read() as tx:
        shelf = await Shelf.read(tx)
    for start in range(0, len(listed), PORTION):
        async with db.write() as tx:
            for feed in listed[start : start + PORTION]:
                url = web_url(_plain(feed.url.strip()))
                if not url:
                    refusals.append(feed.title or feed.url)
                    continue
                name = feed.title or host_of(url)
                new = NewFeed(url=url, name=name, title=feed.title, due_at=now + added * SPACING)
                if await shelf.add(tx, new, now) is None:
                    known += 1
                else:
                    added += 1
    return OpmlReport(added, known, len(refusals), tuple(refusals))


def _plain(url: str) -> str:
    """An address without the scheme that old readers used: "feed://" means http, "feed:https://" just https."""
    url = _FEED_SCHEME.sub("", url, count=1)
    return f"http{url[4:]}" if url.lower().startswith("feed://") else url


def write(sources: Sequence[SourceView]) -> bytes:
    """All feeds as OPML 2.0, in the order of their sources."""
    root = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = "Kurzclips"
    body = ElementTree.SubElement(root, "body")
    for view in sources:
        name = _writable(view.source.name)
        for feed in view.feeds:
            outline = ElementTree.SubElement(body, "outline", type="rss", text=name, title=name)
            optional = {"htmlUrl": view.source.home_url, "language": view.source.language}
            outline.set("xmlUrl", _writable(feed.url))
            for key, value in optional.items():
                if value:
                    outline.set(key, _writable(value))
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _writable(text: str) -> str:
    return _UNWRITABLE.sub(" ", text)

"""Finding the feed behind an address and keeping it as a source; chat and shell share it."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from handlers.context import Services
from handlers.errors import Declined
from handlers.news.encoding import decode
from handlers.news.items import Parsed
from handlers.news.page import feed_links
from handlers.news.parse import parse
from handlers.ports import Page
from handlers.reading import PAGE_ERRORS
from handlers.reply import _
from handlers.slugs import slug_of
from storage import feeds
from storage.tables import Feed, Source

MAX_LINKS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was found, with what it holds now."""

    url: str
    parsed: Parsed

    @property
    def name(self) -> str:
        """How the feed calls itself."""
        title = self.parsed.feed.title if self.parsed.feed else ""
        return title or (urlsplit(self.url).hostname or "feed")


async def discover(services: Services, url: str, now: datetime) -> Found:
    """The feed at an address, or the first that the page there names.

    Raises:
        Declined: there is none, or the address cannot be had.
    """
    address = url if "://" in url else f"https://{url}"
    page = await _page(services, address)
    parsed = await _parsed(services, page, now)
    if parsed.feed is not None:
        return Found(page.url, parsed)
    links = feed_links(decode(page.content, content_type=page.content_type).text, page.url)
    for link in links[:MAX_LINKS]:
        got = await services.pages.get(link)
        if isinstance(got, Page):
            parsed = await _parsed(services, got, now)
            if parsed.feed is not None:
                return Found(got.url, parsed)
    raise Declined(_("I found no feed at this address."))


async def _page(services: Services, url: str) -> Page:
    got = await services.pages.get(url)
    if not isinstance(got, Page):
        raise Declined(PAGE_ERRORS[got])
    return got


async def _parsed(services: Services, page: Page, now: datetime) -> Parsed:
    return await services.offload(lambda: parse(page.content, content_type=page.content_type, url=page.url, now=now))


async def keep(services: Services, found: Found, *, name: str = "", now: datetime) -> Source:
    """Keep a feed as a source and take in what it holds now.

    Raises:
        Declined: the feed is known already.
    """
    facts = found.parsed.feed
    async with services.db.write() as tx:
        known = await feeds.find_feed(tx, found.url)
        if known is not None:
            raise Declined(_("This feed is known already."))
        chosen = name or found.name
        source = await feeds.ensure_source(
            tx,
            Source(
                slug=slug_of(chosen),
                name=chosen[:120],
                home_url=facts.home_url if facts else "",
                language=facts.language[:2] if facts else "",
                added_at=now,
            ),
        )
        feed = Feed(source_id=source.id or 0, url=found.url, title=found.name, next_due_at=now, added_at=now)
        await feeds.add_feed(tx, feed)
    await services.intake.take_in(found.parsed.items, source=source, now=now)
    return source

"""Finding the feed behind an address and keeping it as a source; chat, shell and lists of feeds share it."""

from dataclasses import dataclass, field
from datetime import datetime
from unicodedata import category
from urllib.parse import urljoin, urlsplit

from handlers import waves
from handlers.context import Services
from handlers.errors import Declined
from handlers.news.encoding import decode
from handlers.news.items import Parsed, RawItem
from handlers.news.language import identify
from handlers.news.links import web_url
from handlers.news.page import COMMON_FEED_PATHS, feed_links
from handlers.news.parse import parse
from handlers.ports import Page, PageError
from handlers.reading import PAGE_ERRORS
from handlers.reply import Code, _
from handlers.slugs import free_slug
from storage import feeds
from storage.database import Tx
from storage.tables import Feed, Source

MAX_LINKS = 3
MAX_NAME_CHARS = 120
_SAMPLE_ITEMS = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was found, with what it holds now.

    Attributes:
        url: its address after redirects.
        language: what the feed says of itself, else what its items are most likely written in; "" where unknown.
    """

    url: str
    parsed: Parsed
    language: str = ""

    @property
    def name(self) -> str:
        """How the feed calls itself, else its host."""
        facts = self.parsed.feed
        return clean_name(facts.title if facts else "") or host_of(self.url)

    @property
    def newest(self) -> RawItem | None:
        """Its newest item; the first one where none has a date."""
        dated = [item for item in self.parsed.items if item.published_at is not None]
        if not dated:
            return self.parsed.items[0] if self.parsed.items else None
        return max(dated, key=lambda item: item.published_at.timestamp() if item.published_at else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeed:
    """A feed to be kept.

    Attributes:
        name: of its source.
        due_at: when it is asked first.
    """

    url: str
    name: str
    due_at: datetime
    title: str = ""
    home_url: str = ""
    language: str = ""
    hub_url: str = ""


@dataclass(slots=True)
class Shelf:
    """What is read already, so that a new feed finds its source or gets a name of its own.

    Attributes:
        urls: address of a feed → number of its source.
    """

    urls: dict[str, int]
    sources: dict[int, Source]
    slugs: set[str]
    by_name: dict[str, list[int]] = field(default_factory=dict)
    hosts: dict[int, set[str]] = field(default_factory=dict)

    @classmethod
    async def read(cls, tx: Tx) -> "Shelf":
        """Give the shelf as it stands."""
        rows = await feeds.all_sources(tx)
        shelf = cls(await feeds.feed_sources(tx), {}, set())
        for row in rows:
            shelf._note(row)
        for url, source_id in shelf.urls.items():
            shelf.hosts.setdefault(source_id, set()).add(host_of(url))
        return shelf

    def _note(self, source: Source) -> None:
        source_id = source.id or 0
        self.sources[source_id] = source
        self.slugs.add(source.slug)
        self.by_name.setdefault(source.name.casefold(), []).append(source_id)
        self.hosts.setdefault(source_id, set()).add(host_of(source.home_url))

    async def add(self, tx: Tx, new: NewFeed, now: datetime) -> Source | None:
        """Keep a feed under its source; None where the feed is known.

        It joins a source only if that has the same name and the same site: a label of ownership must never pass to
        another publisher who happens to use the name.
        """
        if new.url in self.urls:
            return None
        source = self._same(new) or await self._new_source(tx, new, now)
        source_id = source.id or 0
        row = Feed(
            source_id=source_id,
            url=new.url,
            title=new.title[:300],
            hub_url=new.hub_url,
            next_due_at=new.due_at,
            added_at=now,
        )
        if not await feeds.add_feed(tx, row):
            return None
        self.urls[new.url] = source_id
        self.hosts.setdefault(source_id, set()).add(host_of(new.url))
        return source

    def _same(self, new: NewFeed) -> Source | None:
        own = {host_of(new.url), host_of(new.home_url)} - {""}
        for source_id in self.by_name.get(new.name.casefold(), ()):
            if any(_is_one_site(mine, theirs) for mine in own for theirs in self.hosts[source_id] - {""}):
                return self.sources[source_id]
        return None

    async def _new_source(self, tx: Tx, new: NewFeed, now: datetime) -> Source:
        name = new.name[:MAX_NAME_CHARS]
        if name.casefold() in self.by_name:
            name = f"{name[: MAX_NAME_CHARS - 60]} ({host_of(new.url)[:57]})"
        row = Source(
            slug=free_slug(name, self.slugs), name=name, home_url=new.home_url, language=new.language, added_at=now
        )
        source = await feeds.ensure_source(tx, row)
        self._note(source)
        return source


async def discover(services: Services, url: str, now: datetime) -> Found:
    """The feed at an address, else the first that the page there announces, else one at a usual place of its site.

    Raises:
        Declined: the address cannot be had, there is no feed, or the feed is read already.
    """
    address = web_url(url if "://" in url else f"https://{url}")
    if not address:
        raise Declined(PAGE_ERRORS[PageError.BAD_URL])
    await _decline_known(services, address)
    page = await services.pages.get(address)
    if not isinstance(page, Page):
        raise Declined(PAGE_ERRORS[page])
    found = await _feed_of(services, page, now)
    if found is None:
        found = await _linked(services, page, now)
    if found is None:
        raise Declined(_("I found no feed at this address. Please give me the address of the feed itself."))
    await _decline_known(services, found.url)
    return found


async def keep(services: Services, found: Found, *, name: str = "", now: datetime) -> Source:
    """Keep a feed as a source, or with the source of that name and site, and take in what it holds now.

    Raises:
        Declined: the feed is read already.
        StorageError: the database refused.
    """
    facts = found.parsed.feed
    new = NewFeed(
        url=found.url,
        name=clean_name(name) or found.name,
        title=found.name,
        home_url=facts.home_url if facts else "",
        language=found.language,
        hub_url=facts.hub_url if facts else "",
        due_at=now,
    )
    async with services.db.write() as tx:
        source = await (await Shelf.read(tx)).add(tx, new, now)
    if source is None:
        await _decline_known(services, found.url)
        raise Declined(_("This feed is read already."))
    # Its present items are old news: they are there to be found, and no later poll takes them for new ones.
    await services.intake.take_in(waves.dated_back(found.parsed.items, now), source=source, now=now)
    return source


def clean_name(name: str) -> str:
    """A name of one line, without characters that cannot be seen."""
    seen = (c if c.isprintable() else "" if category(c) == "Cf" else " " for c in name)
    return " ".join("".join(seen).split())[:MAX_NAME_CHARS].rstrip()


def host_of(url: str) -> str:
    """The host of an address without "www.", "" where it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _is_one_site(one: str, other: str) -> bool:
    return one == other or one.endswith("." + other) or other.endswith("." + one)


async def _decline_known(services: Services, url: str) -> None:
    async with services.db.read() as tx:
        feed = await feeds.find_feed(tx, url)
        source = await feeds.get_source(tx, feed.source_id) if feed is not None else None
    if source is not None:
        command = Code(f"/source {source.slug}")
        raise Declined(_("{source} is read already. {command} shows it.", source=source.name, command=command))


async def _feed_of(services: Services, page: Page, now: datetime) -> Found | None:
    """What a page holds if it is a feed."""
    languages = services.desk.news_languages

    def read() -> Found | None:
        parsed = parse(page.content, content_type=page.content_type, url=page.url, now=now)
        is_feed = parsed.feed is not None and (parsed.items or parsed.feed.title or not parsed.refused)
        if not is_feed:
            return None
        stated = parsed.feed.language if parsed.feed else ""
        titles = " ".join(item.title for item in parsed.items[:_SAMPLE_ITEMS])
        return Found(page.url, parsed, stated or (identify(titles, allowed=languages) if titles else ""))

    return await services.offload(read)


async def _linked(services: Services, page: Page, now: datetime) -> Found | None:
    """The first feed that a page leads to."""
    html = page.content, page.content_type
    links = await services.offload(lambda: feed_links(decode(html[0], content_type=html[1]).text, page.url))
    for link in links[:MAX_LINKS] or [urljoin(page.url, path) for path in COMMON_FEED_PATHS]:
        got = await services.pages.get(link)
        if isinstance(got, Page) and (found := await _feed_of(services, got, now)) is not None:
            return found
    return None

"""Full texts over servers on loopback: read where the site allows it, and the teaser stays where the page is poor."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.articles import MOST, FullTexts
from bot.fetch import Fetcher, Limits
from bot.jobs.poll import Poller
from bot.robots import Robots
from handlers.intake import Intake
from handlers.ports import Desk
from storage import clips, feeds
from storage.clips import ClipFilter
from storage.database import Database
from storage.tables import Clip, Feed
from tests import make
from tests.fakes.feeds import Answer, FeedServer
from tests.make import NOW, MovableClock

TEASER = "Nach der Sanierung ist die Brücke in Husum wieder offen, ein Jahr früher als geplant …"
ARTICLE = (
    "Nach der Sanierung ist die Brücke in Husum wieder offen, ein Jahr früher als geplant, wie die Stadt mitteilte.",
    "Der Bürgermeister fuhr am Morgen als Erster hinüber und lobte die Arbeiter, die auch nachts gebaut hatten.",
    "Die Kosten lagen bei vier Millionen Euro und damit etwas unter dem, was der Rat vor drei Jahren bewilligt hatte.",
    "Im Frühjahr folgt der Radweg daneben, für den die Planung im Rathaus schon weit gediehen ist.",
)


def page(*paragraphs: str) -> Answer:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    body = (
        "<html lang='de'><head><title>Brücke in Husum wieder offen</title><meta name='author' content='Anna Beispiel'>"
        "<meta property='og:image' content='/bild.jpg'></head><body><article><h1>Brücke in Husum wieder offen</h1>"
        f"{text}</article></body></html>"
    )
    return Answer(body=body.encode(), content_type="text/html; charset=utf-8")


def feed(*links: str, teaser: str = TEASER) -> bytes:
    items = "".join(
        f"<item><title>Brücke in Husum wieder offen{', Teil' * number}</title><guid>{link}</guid>"
        f"<link>{link}</link>"
        f"<description>{teaser}</description></item>"
        for number, link in enumerate(links)
    )
    return f"<rss version='2.0'><channel><title>Bote</title>{items}</channel></rss>".encode()


class Site:
    """A feed of one source and the pages it links to; the feed was read before."""

    def __init__(self, db: Database, server: FeedServer, clock: MovableClock) -> None:
        self.db, self.server, self.clock = db, server, clock
        limits = Limits(total_s=3, spacing_s=0)
        self.fetcher = Fetcher(contact="", now=clock, allow_private=frozenset({server.here}), limits=limits)
        self.robots = Robots(self.fetcher, clock)
        articles = FullTexts(self.fetcher, self.robots, make.at_once, clock, ("de", "en"))
        intake = Intake(db, Desk(), make.at_once)
        self.poller = Poller(db, self.fetcher, intake, make.at_once, clock, articles=articles)

    async def add(self, *, wants: bool = True, polled: bool = True) -> None:
        async with self.db.write() as tx:
            source = await make.source(tx, wants_full_text=wants)
            row = Feed(source_id=source.id or 0, url=self.server.url("/f"), next_due_at=NOW, added_at=NOW)
            row.polled_at = NOW - timedelta(hours=1) if polled else None
            await feeds.add_feed(tx, row)

    async def poll(self, *links: str, teaser: str = TEASER) -> list[Clip]:
        self.server.put("/f", Answer(body=feed(*map(self.server.url, links), teaser=teaser)))
        await self.poller.tick()
        self.clock.move(hours=30)
        async with self.db.read() as tx:
            found = await clips.views(tx, await clips.latest(tx, ClipFilter(), 99))
        return [view.clip for view in found]

    def asked(self) -> list[str]:
        return [seen.path for seen in self.server.seen if seen.path != "/f"]


@pytest.fixture
async def site(db: Database, clock: MovableClock) -> AsyncIterator[Site]:
    async with FeedServer() as server:
        running = Site(db, server, clock)
        async with running.fetcher:
            yield running


async def test_a_teaser_gets_the_text_of_its_page_once(site: Site) -> None:
    await site.add()
    site.server.put("/a", page(*ARTICLE))
    (clip,) = await site.poll("/a")
    assert clip.paragraphs == list(ARTICLE)
    assert (clip.teaser, clip.author) == (TEASER, "Anna Beispiel")
    assert clip.image_url == site.server.url("/bild.jpg")
    assert site.asked() == ["/robots.txt", "/a"]
    (again,) = await site.poll("/a")
    assert (again.revision, again.paragraphs) == (1, list(ARTICLE))
    assert site.asked() == ["/robots.txt", "/a"]


async def test_an_item_that_changes_is_read_again(site: Site) -> None:
    await site.add()
    site.server.put("/a", page(*ARTICLE))
    await site.poll("/a")
    site.server.put("/a", page(*ARTICLE, "Am Abend wurde gefeiert, und die ganze Stadt kam dazu."))
    (clip,) = await site.poll("/a", teaser=TEASER.replace("Jahr", "Monat"))
    assert clip.revision == 2
    assert len(clip.paragraphs) == len(ARTICLE) + 1


@pytest.mark.parametrize(
    "answer",
    [
        page("Wir und unsere 312 Partner verwenden Cookies, um Inhalte zu messen und Anzeigen auszuspielen. " * 8),
        page("The bridge was opened by the mayor this morning, a year ahead of schedule, the town said. " * 8),
        page("Kurz: offen."),
        Answer(status=403),
        Answer(status=302, redirect="http://169.254.169.254/"),
        Answer(body=feed("/x"), content_type="application/rss+xml"),
        Answer(body=b"%PDF-1.7", content_type="application/pdf"),
    ],
    ids=["consent", "other language", "short", "refused", "private", "feed", "PDF"],
)
async def test_the_teaser_stays_where_the_page_is_poor(site: Site, answer: Answer) -> None:
    await site.add()
    site.server.put("/a", answer)
    (clip,) = await site.poll("/a")
    assert clip.paragraphs == [TEASER]


async def test_a_source_may_want_none_and_a_new_feed_is_read_without_its_pages(site: Site) -> None:
    await site.add(wants=False)
    site.server.put("/a", page(*ARTICLE))
    await site.poll("/a")
    assert site.asked() == []


async def test_a_new_feed_is_read_without_its_pages(site: Site) -> None:
    await site.add(polled=False)
    site.server.put("/a", page(*ARTICLE))
    await site.poll("/a")
    assert site.asked() == []


async def test_one_poll_reads_only_so_many_pages(site: Site) -> None:
    await site.add()
    await site.poll(*(f"/{number}" for number in range(MOST + 4)))
    assert len(site.asked()) == 1 + MOST


@pytest.mark.parametrize(
    ("answer", "may_read"),
    [
        (Answer(body=b"User-agent: *\nDisallow: /\n", content_type="text/plain"), False),
        (Answer(body=b"User-agent: Kurzclips\nDisallow: /a\n", content_type="text/plain"), False),
        (Answer(body=b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /intern\r\n", content_type="text/plain"), True),
        (Answer(body=b"User-agent: *\nDisallow: /\n\nUser-agent: kurzclips\nAllow: /\n"), True),
        (Answer(body=b"<html>kein robots.txt</html>"), True),
        (Answer(status=404), True),
        (Answer(status=403), True),
        (Answer(status=429), False),
        (Answer(status=503), False),
        (Answer(body=b"User-agent: *", hangs="reset"), False),
    ],
    ids=["closed", "closed to us", "open with BOM", "open to us", "HTML", "404", "403", "429", "503", "reset"],
)
async def test_robots_txt_is_obeyed(site: Site, answer: Answer, may_read: bool) -> None:
    site.server.put("/robots.txt", answer)
    assert await site.robots.may_read(site.server.url("/a")) is may_read
    await site.robots.may_read(site.server.url("/b"))
    assert len(site.server.seen) == 1
    site.clock.move(hours=25)
    await site.robots.may_read(site.server.url("/a"))
    assert len(site.server.seen) == 2

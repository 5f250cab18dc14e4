"""A poller over a real database and a server of feeds on loopback, with a clock that tests move."""

from typing import Any

from bot.fetch import Fetcher, Limits
from bot.jobs.poll import Poller
from handlers.intake import Intake
from handlers.ports import Desk
from storage import clips, feeds
from storage.clips import ClipFilter
from storage.database import Database
from storage.tables import Clip, Feed
from tests import make
from tests.fakes.feeds import Answer, FeedServer
from tests.make import NOW, MovableClock


def rss(*titles: str, channel: str = "", dates: str = "") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><guid>{title}</guid>{dates}"
        f"<description>Das teilte die Stadt am Morgen mit, sagte eine Sprecherin zu {title}.</description></item>"
        for title in titles
    )
    return f"<rss version='2.0'><channel><title>Bote</title>{channel}{items}</channel></rss>".encode()


class Desktop:
    """A poller over a real database and a server on loopback."""

    def __init__(self, db: Database, server: FeedServer, clock: MovableClock, **more: Any) -> None:
        self.db, self.server, self.clock = db, server, clock
        usual = {"contact": "", "allow_private": frozenset({server.here}), "limits": Limits(total_s=3, spacing_s=0)}
        self.fetcher = Fetcher(now=clock, **{**usual, **more})
        self.poller = self.make_poller()

    def make_poller(self, **more: Any) -> Poller:
        return Poller(self.db, self.fetcher, Intake(self.db, Desk(), make.at_once), make.at_once, self.clock, **more)

    async def add(self, path: str, answer: Answer, **columns: Any) -> str:
        return await self.add_url(self.server.put(path, answer), **columns)

    async def add_url(self, url: str, **columns: Any) -> str:
        async with self.db.write() as tx:
            source = await make.source(tx)
            await feeds.add_feed(tx, Feed(source_id=source.id or 0, url=url, next_due_at=NOW, added_at=NOW, **columns))
        return url

    async def feed(self, url: str) -> Feed:
        async with self.db.read() as tx:
            found = await feeds.find_feed(tx, url)
        assert found is not None
        return found

    async def clips(self) -> list[Clip]:
        async with self.db.read() as tx:
            found = await clips.views(tx, await clips.latest(tx, ClipFilter(), 1000))
        return [view.clip for view in found]

    async def titles(self) -> list[str]:
        return sorted(clip.title for clip in await self.clips())

    async def poll(self, url: str) -> Feed:
        """Move the clock to when the feed is due, and poll."""
        self.clock.move_to(max(self.clock.at, (await self.feed(url)).next_due_at))
        await self.poller.tick()
        return await self.feed(url)

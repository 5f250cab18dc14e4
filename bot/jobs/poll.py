"""Feeds that are due → clips: one conditional GET each, parsed beside the event loop, kept in portions."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.fetch import FetchCode, Fetched, Fetcher, FetchError, NotModified, Validators
from handlers.intake import Intake
from handlers.news.items import Parsed
from handlers.news.parse import parse
from handlers.ports import Offload
from storage import feeds
from storage.database import Database
from storage.states import FeedState
from storage.tables import Feed

log = logging.getLogger(__name__)

BATCH = 100
PARALLEL = 8
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=24)
BACKOFF = timedelta(minutes=15)


class Poller:
    """Reads the feeds whose time has come."""

    def __init__(
        self,
        db: Database,
        fetcher: Fetcher,
        intake: Intake,
        offload: Offload,
        clock: Clock,
        interval: timedelta | None = None,
    ) -> None:
        self._db = db
        self._fetcher = fetcher
        self._intake = intake
        self._offload = offload
        self._clock = clock
        self._interval = interval
        self._places = asyncio.Semaphore(PARALLEL)

    async def tick(self) -> int:
        """Poll what is due.

        Returns:
            How many feeds were asked.
        """
        async with self._db.read() as tx:
            due = await feeds.due_feeds(tx, self._clock(), BATCH)
        async with asyncio.TaskGroup() as group:
            for feed in due:
                group.create_task(self._guarded(feed))
        return len(due)

    async def _guarded(self, feed: Feed) -> None:
        async with self._places:
            try:
                await self.poll(feed)
            except Exception:  # one feed must never cost its neighbours
                log.exception("feed %s could not be polled", feed.id)

    async def poll(self, feed: Feed) -> None:
        """Ask one feed, keep its news, and write down when to ask again.

        Raises:
            StorageError: the database refused; the feed stays due.
        """
        outcome = await self._fetcher.fetch(feed.url, validators=Validators(feed.etag, feed.last_modified))
        now = self._clock()
        if isinstance(outcome, FetchError):
            await self._failed(feed, outcome, now)
            return
        fresh = timedelta(seconds=outcome.fresh_s or 0)
        if isinstance(outcome, NotModified):
            await self._done(feed, outcome, now, wish=fresh)
            return
        parsed = await self._offload(_reading(outcome, now))
        if not parsed.items and parsed.refused:
            code = parsed.refused[0].code
            await self._failed(feed, FetchError(code=FetchCode.PROTOCOL, detail=f"no feed: {code}"), now)
            return
        async with self._db.read() as tx:
            source = await feeds.get_source(tx, feed.source_id)
        if source is None:
            return
        report = await self._intake.take_in(parsed.items, source=source, now=now)
        if report.new or report.updated:
            log.info("feed %s: %d new, %d updated", feed.id, report.new, report.updated)
        stated = timedelta(seconds=(parsed.feed.poll_after_s if parsed.feed else None) or 0)
        await self._done(feed, outcome, now, wish=max(fresh, stated), title=parsed.feed.title if parsed.feed else "")

    async def _done(
        self, feed: Feed, outcome: Fetched | NotModified, now: datetime, *, wish: timedelta, title: str = ""
    ) -> None:
        pause = self._interval or min(LONGEST, max(SHORTEST, wish, timedelta(seconds=feed.interval_s)))
        values: dict[str, object] = {
            "etag": outcome.validators.etag,
            "last_modified": outcome.validators.last_modified,
            "polled_at": now,
            "next_due_at": now + pause,
            "error_count": 0,
            "error_code": "",
            "error_detail": "",
        }
        if isinstance(outcome, Fetched):
            values["changed_at"] = now
        if title and not feed.title:
            values["title"] = title[:200]
        async with self._db.write() as tx:
            await feeds.change_feed(tx, feed.id or 0, **values)

    async def _failed(self, feed: Feed, failure: FetchError, now: datetime) -> None:
        pause = min(LONGEST, BACKOFF * 2 ** min(feed.error_count, 10))
        values: dict[str, object] = {
            "polled_at": now,
            "next_due_at": max(failure.retry_at or now, now + pause),
            "error_count": feed.error_count + 1,
            "error_code": str(failure.code),
            "error_detail": failure.detail[:200],
        }
        if failure.code is FetchCode.GONE:
            values["state"] = FeedState.RETIRED
        log.info("feed %s failed: %s", feed.id, failure.code)
        async with self._db.write() as tx:
            await feeds.change_feed(tx, feed.id or 0, **values)


def _reading(outcome: Fetched, now: datetime) -> Callable[[], Parsed]:
    return lambda: parse(outcome.body, content_type=outcome.content_type, url=outcome.url, now=now)

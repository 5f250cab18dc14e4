"""Feeds that are due → clips: one conditional GET each, parsed beside the event loop, kept in portions."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.articles import FullTexts
from bot.clock import Clock
from bot.fetch import FetchCode, Fetched, Fetcher, FetchError, NotModified, Validators
from bot.jobs.keeping import Keeper
from bot.parsing import read_feed
from bot.watching import Unwatched, Watch
from handlers import waves
from handlers.intake import Intake
from handlers.news import pace
from handlers.news.items import FeedFacts, Parsed, RawItem
from handlers.ports import Offload
from handlers.sourcing import host_of
from storage import feeds
from storage.database import Database
from storage.states import FeedState
from storage.tables import Feed, Source

log = logging.getLogger(__name__)

# Feeds of one tick, and of one host in it: who has thousands at one host must not keep the others waiting.
BATCH = 500
OF_ONE_HOST = 15
PARALLEL = 50
TOGETHER = 50
BACKOFF = timedelta(minutes=15)
# So long feeds stay taken by a process that dies while it asks them.
CLAIM = timedelta(minutes=10)
# So many polls in a row have to be sent on for good to the same place before it counts as the feed's address.
MOVES = 3


@dataclass(frozen=True, slots=True)
class _Read:
    """What a feed brought: its facts, its items' times, and whether anything was new."""

    facts: FeedFacts
    interval: timedelta | None
    is_new: bool


class Poller:
    """Reads the feeds whose time has come.

    Args:
        interval: one pause for all feeds that answer, decided by the operator; by default each feed has its own.
        articles: reads the articles that feeds only tease; without it the teasers stay.
    """

    def __init__(
        self,
        db: Database,
        fetcher: Fetcher,
        intake: Intake,
        offload: Offload,
        clock: Clock,
        interval: timedelta | None = None,
        articles: FullTexts | None = None,
    ) -> None:
        self._db = db
        self._fetcher = fetcher
        self._intake = intake
        self._offload = offload
        self._clock = clock
        self._interval = interval
        self._articles = articles
        self._places = asyncio.Semaphore(PARALLEL)
        self._keeper = Keeper(intake, clock)
        self._learnt: list[dict[str, Any]] = []
        self._is_ending = False
        self.watch: Watch = Unwatched()

    def end(self) -> None:
        """Ask no further feed."""
        self._is_ending = True

    async def tick(self) -> int:
        """Poll what is due; what one process takes, others that share the database leave alone.

        Returns:
            How many feeds were taken.

        Raises:
            StorageError: the database refused; what could not be written down is due again when its claim ends.
        """
        now = self._clock()
        async with self._db.read() as tx:
            by_host = _chosen(await feeds.due_addresses(tx, now))
        if not by_host:
            return 0
        async with self._db.write() as tx:
            wanted = [feed_id for chosen in by_host for feed_id in chosen]
            taken = await feeds.claim(tx, wanted, now=now, until=now + CLAIM)
            rows = await feeds.by_numbers(tx, sorted(taken))
        unasked = set(taken)
        try:
            async with asyncio.TaskGroup() as group:
                for chosen in by_host:
                    of_host = [rows[feed_id] for feed_id in chosen if feed_id in rows]
                    group.create_task(self._poll_host(of_host, unasked))
        finally:
            await self._write_down()
            if unasked:
                async with self._db.write() as tx:
                    await feeds.give_back(tx, sorted(unasked), claimed_until=now + CLAIM, now=now)
        return len(rows)

    async def _poll_host(self, of_host: Iterable[Feed], unasked: set[int]) -> None:
        """One feed of a host after the other, so that none waits for its turn at a place that others could use.

        Raises:
            CancelledError: the bot ends.
        """
        for feed in of_host:
            async with self._places:
                if self._is_ending:
                    return
                unasked.discard(feed.id or 0)
                try:
                    taught = await self._poll(feed)
                    self._learnt.append(taught)
                    self.watch.polled(taught["error_code"])
                    if len(self._learnt) >= TOGETHER:
                        await self._write_down()
                except asyncio.CancelledError:  # whoever comes next asks it again
                    unasked.add(feed.id or 0)
                    raise
                except Exception:  # one feed must never cost its neighbours
                    self.watch.polled("defect")
                    log.exception("feed %s could not be polled", feed.id)

    async def _write_down(self) -> None:
        learnt, self._learnt = self._learnt, []
        if learnt:
            async with self._db.write() as tx:
                await feeds.write_polls(tx, learnt)

    async def _poll(self, feed: Feed) -> dict[str, Any]:
        """Ask one feed and keep its news.

        Returns:
            What it taught, as columns.
        """
        validators = Validators(feed.etag, feed.last_modified)
        outcome = await self._fetcher.fetch(feed.url, validators=validators)
        now = self._clock()
        if isinstance(outcome, FetchError):
            return _failed(feed, outcome, now)
        read = None
        if isinstance(outcome, Fetched):
            parsed = await read_feed(outcome, now, self._offload)
            if isinstance(parsed, FetchError):
                return _failed(feed, parsed, now)
            read = await self._keep(feed, parsed, now)
        is_moved_away = await self._follow_move(feed, outcome)
        return self._answered(feed, outcome, read, now) | ({"state": FeedState.RETIRED} if is_moved_away else {})

    async def _keep(self, feed: Feed, parsed: Parsed, now: datetime) -> _Read:
        async with self._db.read() as tx:
            source = await feeds.get_source(tx, feed.source_id)
        facts = parsed.feed or FeedFacts()
        if source is None:
            return _Read(facts, None, is_new=False)
        items = await self._intake.not_forgotten(parsed.items, source=source, now=now)
        if feed.polled_at is None:
            # What a new feed holds is old news, which is not worth a request for each either.
            items = waves.dated_back(items, now)
        else:
            items = await self._settled(items, source, now)
        report = await self._keeper.keep(items, source)
        counts = report.new, report.updated, len(parsed.refused)
        self.watch.brought(*counts)
        if any(counts):
            log.info("feed %s: %d new, %d updated, %d refused", feed.id, *counts)
        interval = pace.learnt_interval((item.published_at for item in parsed.items), now=now)
        return _Read(facts, interval, is_new=bool(report.new or report.updated))

    async def _settled(self, items: list[RawItem], source: Source, now: datetime) -> list[RawItem]:
        """The items with known ones under their known names, and the full texts of what is new."""
        is_news = await self._intake.are_news(items, source=source)
        if sum(is_news) >= waves.FEWEST:
            items = await waves.recognise(self._db, items, is_news, source=source, now=now)
            is_news = await self._intake.are_news(items, source=source)
        if self._articles is None or not source.wants_full_text or not any(is_news):
            return items
        new = [item for item, flag in zip(items, is_news, strict=True) if flag]
        completed = iter(await self._articles.complete(new))
        return [next(completed) if flag else item for item, flag in zip(items, is_news, strict=True)]

    async def _follow_move(self, feed: Feed, outcome: Fetched | NotModified) -> bool:
        """Take over an address to which a feed was sent on for good again and again.

        Returns:
            Whether another feed has that address, so that this one need not be asked any more.
        """
        if not outcome.moved_to or outcome.moved_to != feed.moved_to_url or feed.moved_count + 1 < MOVES:
            return False
        async with self._db.write() as tx:
            is_moved = await feeds.move_feed(tx, feed.id or 0, outcome.moved_to)
        log.info("feed %s moved for good%s", feed.id, "" if is_moved else ", to an address that is read already")
        return not is_moved

    def _answered(
        self, feed: Feed, outcome: Fetched | NotModified, read: _Read | None, now: datetime
    ) -> dict[str, Any]:
        changed_at = now if read and read.is_new else feed.changed_at or now
        learnt = read.interval if read and read.interval else timedelta(seconds=feed.interval_s)
        stated_s = (read.facts.poll_after_s or 0) if read else feed.stated_pause_s
        hours = read.facts.skip_hours if read else _hours(feed.skip_hours)
        if self._interval is not None:
            due = now + self._interval
        else:
            due = pace.next_poll(
                now,
                feed_id=feed.id or 0,
                learnt=learnt,
                stated=timedelta(seconds=max(outcome.fresh_s or 0, stated_s)),
                silence=now - changed_at,
                skip_hours=hours,
            )
        is_same_move = bool(outcome.moved_to) and outcome.moved_to == feed.moved_to_url
        is_settled = is_same_move and feed.moved_count + 1 >= MOVES
        return _columns(
            feed,
            polled_at=now,
            next_due_at=due,
            etag=outcome.validators.etag,
            last_modified=outcome.validators.last_modified,
            changed_at=changed_at,
            interval_s=int(learnt.total_seconds()),
            stated_pause_s=stated_s,
            skip_hours=",".join(map(str, hours)),
            title=feed.title or (read.facts.title[:200] if read else ""),
            hub_url=read.facts.hub_url if read else feed.hub_url,
            self_url=read.facts.self_url if read else feed.self_url,
            moved_to_url="" if is_settled else outcome.moved_to,
            moved_count=0 if is_settled or not outcome.moved_to else feed.moved_count * is_same_move + 1,
            error_count=0,
            error_code="",
            error_detail="",
        )


def _chosen(waiting: Sequence[tuple[int, str]]) -> list[list[int]]:
    """The feeds of one tick by their host: those that wait longest, but only so many of each host."""
    by_host: defaultdict[str, list[int]] = defaultdict(list)
    number = 0
    for feed_id, url in waiting:
        chosen = by_host[host_of(url)]
        if len(chosen) < OF_ONE_HOST:
            chosen.append(feed_id)
            number += 1
        if number == BATCH:
            break
    return list(by_host.values())


def _failed(feed: Feed, failure: FetchError, now: datetime) -> dict[str, Any]:
    """The columns of a feed that could not be had: asked again later and later, or never where it is gone for good."""
    # A server that says when to come back is taken at its word.
    doubled = 0 if failure.retry_at else min(feed.error_count, 10)
    pause = min(pace.LONGEST, BACKOFF * 2**doubled)
    log.info("feed %s failed: %s", feed.id, failure.code)
    return _columns(
        feed,
        polled_at=now,
        next_due_at=max(failure.retry_at or now, now + pause),
        error_count=feed.error_count + 1,
        error_code=str(failure.code),
        error_detail=failure.detail[:200],
        state=FeedState.RETIRED if failure.code is FetchCode.GONE else feed.state,
    )


_COLUMNS = (
    "id", "title", "state", "etag", "last_modified", "interval_s", "next_due_at", "polled_at", "changed_at",
    "error_count", "error_code", "error_detail", "moved_to_url", "moved_count", "hub_url", "self_url", "stated_pause_s",
    "skip_hours",
)  # fmt: skip


def _columns(feed: Feed, **changed: object) -> dict[str, Any]:
    """All columns that a poll may change, as they are from now on: many feeds are written down in one statement."""
    return {name: changed.get(name, getattr(feed, name)) for name in _COLUMNS}


def _hours(listed: str) -> tuple[int, ...]:
    return tuple(int(hour) for hour in listed.split(",") if hour)

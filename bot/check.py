"""All feeds asked once by the operator's wish: how each does, with nothing kept."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.app import offload
from bot.clock import Clock
from bot.fetch import Fetched, Fetcher
from bot.fetched import FetchCode, FetchError
from bot.parsing import read_feed
from storage import feeds
from storage.database import Database

PARALLEL = 20

TROUBLES = {
    FetchCode.BAD_URL: "its address is none that can be opened",
    FetchCode.PORT_REFUSED: "its port is not one of a web site",
    FetchCode.PRIVATE_ADDRESS: "its address is not on the public internet",
    FetchCode.DNS: "its host is not known",
    FetchCode.CONNECT: "its server cannot be reached",
    FetchCode.TLS: "its certificate or encryption is not in order",
    FetchCode.TIMEOUT: "its server takes too long",
    FetchCode.CUT_OFF: "the connection broke off",
    FetchCode.TOO_LARGE: "it is too large",
    FetchCode.TOO_MANY_REDIRECTS: "it leads from one address to the next without end",
    FetchCode.HTTP_STATUS: "its server refuses it",
    FetchCode.GONE: "its server says that it is gone for good",
    FetchCode.RETRY_AFTER: "its server asks to come back later",
    FetchCode.DECODING: "its compression is broken",
    FetchCode.PROTOCOL: "its server does not speak HTTP as it should",
    FetchCode.NO_FEED: "there is no feed at its address",
    FetchCode.UNREADABLE: "it takes too long to read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How one feed does.

    Attributes:
        trouble: what is wrong in a few words, "" where nothing is.
        newest_at: the time of its newest item, None where none has one.
        seconds: from the question to the last byte, waiting for a turn included.
    """

    source: str
    url: str
    trouble: str = ""
    items: int = 0
    newest_at: datetime | None = None
    seconds: float = 0.0


async def check_feeds(
    db: Database, fetcher: Fetcher, clock: Clock, progress: Callable[[int, int], None] = lambda done, total: None
) -> list[Check]:
    """Ask every feed, paused and retired ones too.

    Args:
        progress: called with how many were asked and how many there are.

    Raises:
        StorageError: the database refused.
    """
    async with db.read() as tx:
        wanted = [(view.source.name, feed.url) for view in await feeds.sources(tx) for feed in view.feeds]
    places = asyncio.Semaphore(PARALLEL)
    checks: list[Check] = []

    async def check(source: str, url: str) -> None:
        async with places:
            checks.append(await _check(fetcher, clock, source, url))
        progress(len(checks), len(wanted))

    async with asyncio.TaskGroup() as group:
        for source, url in wanted:
            group.create_task(check(source, url))
    return checks


async def _check(fetcher: Fetcher, clock: Clock, source: str, url: str) -> Check:
    began = time.perf_counter()
    outcome = await fetcher.fetch(url)
    seconds = time.perf_counter() - began
    if isinstance(outcome, FetchError):
        status = f" (status {outcome.status})" if outcome.status else ""
        return Check(source=source, url=url, trouble=TROUBLES[outcome.code] + status, seconds=seconds)
    if not isinstance(outcome, Fetched):
        return Check(source=source, url=url, seconds=seconds)
    parsed = await read_feed(outcome, clock(), offload)
    if isinstance(parsed, FetchError):
        return Check(source=source, url=url, trouble=TROUBLES[parsed.code], seconds=seconds)
    trouble = f"it moved for good to {outcome.moved_to}" if outcome.moved_to else ""
    times = [item.published_at for item in parsed.items if item.published_at is not None]
    newest_at = max(times, default=None)
    return Check(source=source, url=url, trouble=trouble, items=len(parsed.items), newest_at=newest_at, seconds=seconds)

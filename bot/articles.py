"""The articles that feeds only tease: read where their sites allow it, and kept where they are what was teased."""

import asyncio
from collections.abc import Sequence

from bot.clock import Clock
from bot.fetch import Fetched, Fetcher
from bot.parsing import PARSE_LIMIT_S, reading
from bot.robots import Robots
from handlers.news import full_text
from handlers.news.items import RawItem
from handlers.ports import Offload
from handlers.sourcing import host_of

# New items of one poll; a feed that brings more at once keeps the teasers of the others.
MOST = 10


class FullTexts:
    """Fetches articles, one after the other, with the distance between two requests that a host is owed."""

    def __init__(
        self, fetcher: Fetcher, robots: Robots, offload: Offload, clock: Clock, languages: Sequence[str]
    ) -> None:
        self._fetcher = fetcher
        self._robots = robots
        self._offload = offload
        self._clock = clock
        self._languages = tuple(languages)

    async def complete(self, items: Sequence[RawItem]) -> list[RawItem]:
        """The items; those that only tease with the full text of their pages, where that can be had and fits."""
        left = MOST
        complete = []
        for item in items:
            if left and full_text.teases(item):
                left -= 1
                item = await self._completed(item)
            complete.append(item)
        return complete

    async def _completed(self, item: RawItem) -> RawItem:
        if not await self._robots.may_read(item.url):
            return item
        outcome = await self._fetcher.fetch(item.url)
        if not isinstance(outcome, Fetched):
            return item
        # Where the address led to another site, that one has rules of its own.
        if host_of(outcome.url) != host_of(item.url) and not await self._robots.may_read(outcome.url):
            return item
        read = reading(outcome, self._clock())

        def judge(page: RawItem) -> RawItem | None:
            return full_text.completed(item, page, languages=self._languages)

        try:
            async with asyncio.timeout(PARSE_LIMIT_S):
                parsed = await self._offload(read)
                if parsed.feed is not None or not parsed.items:
                    return item
                return await self._offload(lambda: judge(parsed.items[0])) or item
        except TimeoutError:
            return item

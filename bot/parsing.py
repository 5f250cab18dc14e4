"""What was fetched → what it holds, off the event loop and within a time."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.fetched import FetchCode, Fetched, FetchError
from handlers.news.items import Parsed
from handlers.news.parse import parse
from handlers.ports import Offload

# A page or feed that takes longer to be read is given up.
PARSE_LIMIT_S = 20.0


def reading(outcome: Fetched, now: datetime) -> Callable[[], Parsed]:
    """The work of reading a body, for a thread."""
    return lambda: parse(outcome.body, content_type=outcome.content_type, url=outcome.url, now=now)


async def read_feed(outcome: Fetched, now: datetime, offload: Offload) -> Parsed | FetchError:
    """What a feed holds, or why it is none that can be read."""
    try:
        # The thread itself cannot be stopped; it is left behind.
        async with asyncio.timeout(PARSE_LIMIT_S):
            parsed = await offload(reading(outcome, now))
    except TimeoutError:
        return FetchError(code=FetchCode.UNREADABLE, detail=f"not read within {PARSE_LIMIT_S:.0f} s")
    if parsed.feed is None or (parsed.refused and not parsed.items):
        why = str(parsed.refused[0].code) if parsed.refused else "a page"
        return FetchError(code=FetchCode.NO_FEED, detail=why)
    return parsed

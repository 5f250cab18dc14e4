"""Checks of what the database says: feeds, and chats that may not be written to."""

from collections.abc import AsyncIterator

from bot.app import Core
from bot.checkup.verdict import Verdict
from storage import feeds, status
from storage.states import FeedState

MOST_NAMED = 3


async def news(core: Core) -> AsyncIterator[Verdict]:
    """Whether there are feeds, and whether they can be read."""
    async with core.db.read() as tx:
        found = await feeds.sources(tx)
    known = [feed for view in found for feed in view.feeds if feed.state == FeedState.ACTIVE]
    if not known:
        yield Verdict("feeds", False, "there is none; add one with kurzclips sources add URL.")
        return
    failing = [feed for feed in known if feed.error_count]
    polled_at = max((feed.polled_at for feed in known if feed.polled_at is not None), default=None)
    last = f"asked last at {polled_at:%Y-%m-%d %H:%M} UTC" if polled_at is not None else "none was asked so far"
    if not failing:
        yield Verdict("feeds", True, f"{len(known)} known, none fails; {last}.")
        return
    worst = max(failing, key=lambda feed: feed.error_count)
    words = f"{len(failing)} of {len(known)} fail; {worst.url} failed {worst.error_count} times: {worst.error_code}"
    mend = "" if len(failing) < len(known) else "; look whether this machine reaches the internet"
    yield Verdict("feeds", len(failing) < len(known), f"{words}; {last}{mend}.")


async def rights(core: Core) -> AsyncIterator[Verdict]:
    """Whether groups and channels that wait for news let the bot write."""
    async with core.db.read() as tx:
        shut = await status.shut_rooms(tx)
    if not shut:
        yield Verdict("rights", True, "no group or channel that waits for news keeps the bot from writing.")
        return
    named = [
        f"{chat.platform}:{chat.native_id} ({chat.title or 'no title'}, {chat.state_reason.replace('_', ' ')})"
        for chat in shut[:MOST_NAMED]
    ]
    more = f" and {len(shut) - MOST_NAMED} more" if len(shut) > MOST_NAMED else ""
    words = f"the bot may not write to {', '.join(named)}{more}, where news is waited for"
    yield Verdict("rights", False, f"{words}; its administrators have to let it send messages there.")

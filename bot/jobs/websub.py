"""Asks the hubs of feeds to tell us of news, renews that in time, and takes it back where a feed is read no longer."""

import logging
import secrets
from datetime import datetime

from bot.clock import Clock
from bot.fetch import Fetcher, FetchError
from handlers import hubs
from storage import websub
from storage.database import Database
from storage.tables import Feed, HubSubscription

log = logging.getLogger(__name__)

PORTION = 20
LAST_ATTEMPT = 5
PATH = "/websub/"


class Subscriber:
    """Keeps the subscriptions at hubs as they should be.

    Args:
        root: our public address, to which the path of each subscription is added.
    """

    def __init__(self, db: Database, fetcher: Fetcher, clock: Clock, root: str) -> None:
        self._db = db
        self._fetcher = fetcher
        self._clock = clock
        self._root = root.rstrip("/")

    async def tick(self) -> int:
        """Ask a portion of the hubs that are to be asked now.

        Returns:
            How many were asked.

        Raises:
            StorageError: the database refused.
        """
        now = self._clock()
        async with self._db.read() as tx:
            new = [_subscription(feed, now) for feed in await websub.wanting(tx, PORTION)]
            begun = {row.feed_id for row in new}
            again = [row for row in await websub.due(tx, now, PORTION) if row.feed_id not in begun]
            leaving = await websub.unwanted(tx, now, PORTION)
        for row in new:
            # Written down first: a hub may verify before it answers.
            async with self._db.write() as tx:
                await websub.save(tx, row)
        for row in (*new, *again):
            await self._ask(row, "subscribe", row.state, now)
        for row in leaving:
            if row.state == "leaving" and row.attempts >= LAST_ATTEMPT:
                # Whoever does not listen any more will not call for longer than the lease either.
                async with self._db.write() as tx:
                    await websub.drop(tx, row.feed_id)
            else:
                await self._ask(row, "unsubscribe", "leaving", now)
        return len(new) + len(again) + len(leaving)

    async def _ask(self, row: HubSubscription, mode: str, state: str, now: datetime) -> None:
        async with self._db.write() as tx:
            asked = "leaving" if mode == "unsubscribe" else "verified" if state == "verified" else "asked"
            at = hubs.ask_again_at(now, row.attempts)
            await websub.change(tx, row.feed_id, state=asked, next_at=at, attempts=row.attempts + 1)
        fields = {
            "hub.mode": mode,
            "hub.topic": row.topic_url,
            "hub.callback": f"{self._root}{PATH}{row.token}",
            "hub.secret": row.secret,
            "hub.lease_seconds": str(int(hubs.WANTED.total_seconds())),
        }
        answer = await self._fetcher.post(row.hub_url, fields)
        if isinstance(answer, FetchError) or not 200 <= answer < 300:
            why = answer.code if isinstance(answer, FetchError) else answer
            log.info("feed %s: its hub did not take the request to %s: %s", row.feed_id, mode, why)


def _subscription(feed: Feed, now: datetime) -> HubSubscription:
    return HubSubscription(
        feed_id=feed.id or 0,
        topic_url=feed.self_url or feed.url,
        hub_url=feed.hub_url,
        secret=secrets.token_urlsafe(32),
        token=secrets.token_urlsafe(32),
        next_at=now,
    )

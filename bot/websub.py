"""Where hubs call: they verify what we asked for, and tell us that a feed has news.

What a hub sends is not taken for news: it only makes its feed due, so that the feed itself is asked as always. That
costs one more request, and whoever learns an address or a secret can make us look, but never make us tell anything.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.clock import Clock
from bot.jobs.websub import PATH
from bot.serving import Place, Server
from handlers import hubs
from storage import feeds, websub
from storage.database import Database
from storage.errors import StorageError
from storage.states import FeedState
from storage.tables import HubSubscription

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024 * 1024
# No token of a feed is that short.
ALIVE = "alive"
ALIVE_WORDS = "kurzclips answers hubs here"
_VERIFIABLE = {"subscribe": {"asked", "verified"}, "unsubscribe": {"leaving"}}


class HubCalls:
    """Answers hubs."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def app(self) -> web.Application:
        """The application that a server runs."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_get(PATH + ALIVE, self._tell_alive)
        app.router.add_get(PATH + "{token}", self._verify)
        app.router.add_post(PATH + "{token}", self._told)
        return app

    async def _tell_alive(self, request: web.Request) -> web.Response:
        """For an operator who looks whether the address leads here."""
        return web.Response(text=ALIVE_WORDS)

    async def _verify(self, request: web.Request) -> web.Response:
        """WebSub, 5.3: the challenge goes back where we did ask for this; anything else is 404."""
        query = request.query
        mode, topic = query.get("hub.mode", ""), query.get("hub.topic", "")
        try:
            async with self._db.write() as tx:
                found = await websub.by_token(tx, request.match_info["token"])
                if found is None or found[0].topic_url != topic:
                    return web.Response(status=404)
                row = found[0]
                if mode == "denied":
                    log.info("feed %s: its hub declines: %s", row.feed_id, query.get("hub.reason", "")[:100])
                    await websub.change(tx, row.feed_id, state="denied", next_at=self._clock() + hubs.LATEST)
                    return web.Response()
                if row.state not in _VERIFIABLE.get(mode, ()):
                    return web.Response(status=404)
                if mode == "unsubscribe":
                    await websub.drop(tx, row.feed_id)
                else:
                    lease = hubs.lease_of(query.get("hub.lease_seconds", ""))
                    at = self._clock()
                    values = {"lease_until": at + lease, "next_at": hubs.renew_at(at, lease)}
                    await websub.change(tx, row.feed_id, state="verified", attempts=0, **values)
        except StorageError:
            return web.Response(status=503)
        return web.Response(text=query.get("hub.challenge", ""))

    async def _told(self, request: web.Request) -> web.Response:
        try:
            async with self._db.read() as tx:
                found = await websub.by_token(tx, request.match_info["token"])
            if found is None:
                return web.Response(status=404)
            row, feed = found
            if feed.state == FeedState.RETIRED:
                return web.Response(status=410)
            if await self._is_signed(request, row):
                is_failing = feed.error_count > 0
                at = hubs.told_of_news(self._clock(), feed.polled_at, feed.next_due_at, is_failing=is_failing)
                async with self._db.write() as tx:
                    await feeds.change_feed(tx, row.feed_id, next_due_at=at)
            else:
                # WebSub, 8: what is signed wrong is left alone, and the sender is not told.
                log.info("feed %s: a call that its hub did not sign", row.feed_id)
        except StorageError:
            return web.Response(status=503)
        return web.Response(status=204)

    async def _is_signed(self, request: web.Request, row: HubSubscription) -> bool:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return False
        return hubs.is_signed(request.headers.get("X-Hub-Signature", ""), body, row.secret)


@asynccontextmanager
async def listening(db: Database, clock: Clock, place: Place) -> AsyncIterator[int]:
    """Answer hubs meanwhile; gives the port.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    async with Server(HubCalls(db, clock).app(), place, "WEBSUB_LISTEN") as server:
        yield server.port

"""Tells whoever watches the machine how the bot does: /live, /ready and /metrics, as plain HTTP."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta

from aiohttp import web

from bot.clock import Clock
from bot.logs import redact
from bot.metrics import Metrics
from storage import sizes, status
from storage.database import Database
from storage.errors import StorageError

# Several watchers, and one that asks every second, cost the database no more than this.
FRESH = timedelta(seconds=10)
# A watcher waits no longer for the database, and most wait ten seconds in all.
PATIENCE_S = 5.0
RECENT = timedelta(hours=24)
SLOW = f"The database has not answered within {PATIENCE_S:.0f} s."
STARTING = "The platforms are being connected."

Hindrances = Callable[[], Mapping[str, str]]


class Health:
    """Answers watchers.

    Args:
        metrics: is told what the database says, and written.
    """

    def __init__(self, db: Database, clock: Clock, metrics: Metrics) -> None:
        self._db = db
        self._clock = clock
        self._metrics = metrics
        self._hindrances: Hindrances | None = None
        self._looking: asyncio.Task[str] | None = None
        self._looked_at: float | None = None

    def started(self, hindrances: Hindrances) -> None:
        """All platforms were entered.

        Args:
            hindrances: platform → what keeps it from listening, "" where it listens or stands by.
        """
        self._hindrances = hindrances
        self._metrics.look(
            "kurzclips_platform_ready",
            "Whether a platform listens or stands by.",
            "platform",
            lambda: {platform: float(not words) for platform, words in hindrances().items()},
        )

    def app(self) -> web.Application:
        """The application that a server runs."""
        app = web.Application()
        app.router.add_get("/live", self._live)
        app.router.add_get("/ready", self._ready)
        app.router.add_get("/metrics", self._figures)
        return app

    async def _live(self, request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, request: web.Request) -> web.Response:
        words = await self._ask_database() or self._of_the_platforms()
        return web.Response(status=503 if words else 200, text=f"{redact(words) or 'ready'}\n")

    def _of_the_platforms(self) -> str:
        if self._hindrances is None:
            return STARTING
        found = [f"{platform}: {words.rstrip('.')}." for platform, words in self._hindrances().items() if words]
        return " ".join(found)

    async def _figures(self, request: web.Request) -> web.Response:
        await self._ask_database()
        body, content_type = self._metrics.write(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _ask_database(self) -> str:
        """What is wrong with the database, "" where it answers or did so a moment ago."""
        now = asyncio.get_running_loop().time()
        if self._looked_at is not None and now - self._looked_at < FRESH.total_seconds():
            return ""
        # One look for all who ask meanwhile; it goes on when they lose patience, for a statement cannot be taken back.
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        done, _pending = await asyncio.wait({self._looking}, timeout=PATIENCE_S)
        if done:
            return self._looking.result()
        self._metrics.hold(None)
        return SLOW

    async def _look(self) -> str:
        try:
            async with self._db.read() as tx:
                found = await status.overview(tx, self._clock(), RECENT, 0)
                size = await sizes.total_bytes(tx)
        except StorageError as error:
            self._metrics.hold(None)
            return str(error)
        self._metrics.hold(found, size)
        self._looked_at = asyncio.get_running_loop().time()
        return ""

    async def close(self) -> None:
        """End a look that is under way."""
        if self._looking is not None:
            await asyncio.wait({self._looking}, timeout=PATIENCE_S)
            self._looking.cancel()

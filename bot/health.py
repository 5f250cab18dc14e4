"""Tells whoever watches the machine how the bot does: /live, /ready and /metrics, as plain HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from aiohttp import web

from bot.clock import Clock
from bot.doctor import HEARTBEAT
from bot.logs import redact
from bot.metrics import Metrics
from storage import facts, sizes, status
from storage.database import Database
from storage.errors import StorageError

# Several watchers, and one that asks every second, cost the database no more than one look in so long. A look at a
# million deliveries took half a second of one core.
FRESH = timedelta(seconds=10)
# A watcher waits no longer for the database, and most wait ten seconds in all.
PATIENCE_S = 5.0
RECENT = timedelta(hours=24)
SLOW = f"The database has not answered within {PATIENCE_S:.0f} s."
STARTING = "The platforms are being connected."

Hindrances = Callable[[], Mapping[str, str]]


class _Look:
    """A look at the database that all share who ask at about the same time.

    Args:
        look: raises StorageError where the database refuses; where it answers, it is not asked again for a while.
    """

    def __init__(self, look: Callable[[], Awaitable[None]]) -> None:
        self._look = look
        self._looking: asyncio.Task[str] | None = None
        self._answered_at: float | None = None

    async def trouble(self) -> str:
        """What is wrong with the database, "" where it answers or did so a moment ago."""
        now = asyncio.get_running_loop().time()
        if self._answered_at is not None and now - self._answered_at < FRESH.total_seconds():
            return ""
        # It goes on when those who asked lose patience, for a statement cannot be taken back.
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._ask())
        done, _pending = await asyncio.wait({self._looking}, timeout=PATIENCE_S)
        return self._looking.result() if done else SLOW

    async def _ask(self) -> str:
        try:
            await self._look()
        except StorageError as error:
            return str(error)
        self._answered_at = asyncio.get_running_loop().time()
        return ""

    async def close(self) -> None:
        """End a look that is under way."""
        if self._looking is not None:
            await asyncio.wait({self._looking}, timeout=PATIENCE_S)
            self._looking.cancel()


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
        self._answers = _Look(self._ask)
        self._counts = _Look(self._count)

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

    async def close(self) -> None:
        """End looks that are under way."""
        await self._answers.close()
        await self._counts.close()

    async def _live(self, request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, request: web.Request) -> web.Response:
        words = await self._answers.trouble() or self._of_the_platforms()
        return web.Response(status=503 if words else 200, text=f"{redact(words) or 'ready'}\n")

    def _of_the_platforms(self) -> str:
        if self._hindrances is None:
            return STARTING
        found = [f"{platform}: {words.rstrip('.')}." for platform, words in self._hindrances().items() if words]
        return " ".join(found)

    async def _figures(self, request: web.Request) -> web.Response:
        if await self._counts.trouble():
            self._metrics.hold(None)
        body, content_type = self._metrics.write(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _ask(self) -> None:
        async with self._db.read() as tx:
            await facts.get(tx, HEARTBEAT)

    async def _count(self) -> None:
        async with self._db.read() as tx:
            found = await status.overview(tx, self._clock(), RECENT, 0)
            size = await sizes.total_bytes(tx)
        self._metrics.hold(found, size)

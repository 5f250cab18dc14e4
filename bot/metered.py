"""The parts that figures are taken of, each wrapped so that it knows nothing of them."""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from bot.app import Core
from bot.health import Health
from bot.jobs.leases import Leases
from bot.jobs.scheduler import Job
from bot.metrics import Metrics
from bot.platforms.outgoing import Outgoing, Progress, Sender, SendError
from bot.serving import Place, Server
from bot.standby import Account
from handlers.context import Services
from handlers.dispatch import Answer, Dispatcher, Outcome
from handlers.inline import InlineAnswer
from handlers.request import Request
from storage.states import Platform

log = logging.getLogger(__name__)

SENT = "sent"
INLINE = "inline"


class MeteredDispatcher(Dispatcher):
    """Counts answers."""

    def __init__(self, services: Services, metrics: Metrics) -> None:
        super().__init__(services)
        self._metrics = metrics

    async def answer(self, request: Request) -> Answer | None:
        """Give the answer; what is not answered is not counted."""
        began = time.monotonic()
        answer = await super().answer(request)
        if answer is not None:
            took_s = time.monotonic() - began
            self._metrics.replied(request.chat.platform, answer.command, answer.outcome, took_s)
        return answer

    async def inline(self, query: str, offset: str, language: str, now: datetime) -> InlineAnswer:
        """Give the clips for what a person typed so far; only Telegram has that."""
        began = time.monotonic()
        found = await super().inline(query, offset, language, now)
        self._metrics.replied(Platform.TELEGRAM, INLINE, Outcome.ANSWERED, time.monotonic() - began)
        return found


class _Begun:
    """Notes when a delivery's turn came."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._began: float | None = None

    async def begin(self) -> None:
        await self._progress.begin()
        self._began = time.monotonic()

    async def part_sent(self, parts: tuple[str, ...]) -> None:
        await self._progress.part_sent(parts)

    @property
    def took_s(self) -> float | None:
        return None if self._began is None else time.monotonic() - self._began


class MeteredSender:
    """Counts tries to send; a message that was withdrawn is none."""

    def __init__(self, sender: Sender, platform: str, metrics: Metrics) -> None:
        self._sender = sender
        self._platform = platform
        self._metrics = metrics

    async def send(self, outgoing: Outgoing, progress: Progress) -> tuple[str, ...]:
        """Send all parts that are missing.

        Raises:
            SendError: what happened instead.
            Withdrawn: `progress` wants nothing to be sent.
        """
        begun = _Begun(progress)
        try:
            parts = await self._sender.send(outgoing, begun)
        except SendError as error:
            self._metrics.sent(self._platform, error.failure, error.code, begun.took_s)
            raise
        self._metrics.sent(self._platform, SENT, "", begun.took_s)
        return parts


def _timed(name: str, run: Callable[[], Awaitable[int]], metrics: Metrics) -> Callable[[], Awaitable[int]]:
    async def timed() -> int:
        began, has_failed = time.monotonic(), True
        try:
            count = await run()
            has_failed = False
            return count
        finally:
            metrics.ran(name, time.monotonic() - began, has_failed=has_failed)

    return timed


class Meter:
    """Puts figures onto the parts of a running bot, and tells how they do.

    Attributes:
        core: the parts with figures, to be used in place of those given.
        health: answers watchers.
    """

    def __init__(self, core: Core) -> None:
        self.metrics = Metrics(core.services.desk.version, "sqlite" if core.db.is_file else "postgresql")
        core.db.on_turn = self.metrics.waited
        core.poller.watch = self.metrics
        self.core = replace(core, dispatcher=MeteredDispatcher(core.services, self.metrics))
        self.health = Health(core.db, core.clock, self.metrics)

    @asynccontextmanager
    async def open(self, place: Place) -> AsyncIterator[int]:
        """Answer watchers meanwhile; gives the port.

        Raises:
            ConfigError: the place cannot be listened on.
        """
        async with Server(self.health.app(), place, "METRICS_LISTEN") as server:
            log.info("/metrics, /live and /ready are told at %s, port %d", place.host, server.port)
            yield server.port
        await self.health.close()

    def senders(self, senders: Mapping[Platform, Sender]) -> dict[Platform, Sender]:
        """The senders with their tries counted."""
        return {platform: MeteredSender(sender, platform, self.metrics) for platform, sender in senders.items()}

    def jobs(self, jobs: Sequence[Job]) -> list[Job]:
        """The jobs with their runs counted."""
        return [replace(job, run=_timed(job.name, job.run, self.metrics)) for job in jobs]

    def started(self, accounts: Mapping[Platform, Account], leases: Leases | None) -> None:
        """All platforms were entered: from now on watchers hear how they do."""
        self.health.started(lambda: {platform: account.hindrance for platform, account in accounts.items()})
        if leases is not None:
            words = "Whether a thing that one process does for all is ours to do now."
            self.metrics.look("kurzclips_lease_held", words, "name", lambda: leases.held)

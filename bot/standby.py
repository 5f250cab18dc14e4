"""Who listens and sends for an account: one process of those that share a database, while the others stand by."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Protocol, Self

from bot.clock import Sleep
from bot.errors import OperatorError
from bot.jobs.leases import Leases
from bot.platforms.outgoing import Outgoing, Progress, Sender, Withdrawn
from storage.errors import StorageError
from storage.states import Platform

log = logging.getLogger(__name__)

REFUSED_PAUSE_S = 60.0
BEING_ENTERED = "it is being taken over"


class Account(AbstractAsyncContextManager["Account"], Protocol):
    """What an account of a platform offers; it listens while it is entered."""

    @property
    def sender(self) -> Sender:
        """Sends for the account."""
        ...

    @property
    def trouble(self) -> str:
        """What an operator has to mend, "" where there is nothing."""
        ...

    @property
    def hindrance(self) -> str:
        """What keeps it from listening now, also what mends itself; "" where it listens or stands by."""
        ...


class Standby:
    """Enters an account for as long as its lease is ours; itself the sender of whatever account is entered.

    Args:
        make: a new account, not connected.
        sleep: waits before another try of an account that was refused.
    """

    def __init__(
        self, leases: Leases, platform: Platform, make: Callable[[], Account], *, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._leases = leases
        self._platform = platform
        self._make = make
        self._sleep = sleep
        self._account: Account | None = None
        self._refusal = ""
        self._following: asyncio.Task[None] | None = None

    @property
    def sender(self) -> Sender:
        """Ourselves: accounts come and go."""
        return self

    @property
    def trouble(self) -> str:
        """What an operator has to mend, "" where there is nothing; standing by is no trouble."""
        return self._refusal or (self._account.trouble if self._account is not None else "")

    @property
    def hindrance(self) -> str:
        """What keeps the account from listening now, "" where it listens or another process has it."""
        if self._account is not None:
            return self._account.hindrance
        return self._refusal or (BEING_ENTERED if self._leases.holds(self._platform) else "")

    async def send(self, outgoing: Outgoing, progress: Progress) -> tuple[str, ...]:
        """Send by the account that is entered.

        Raises:
            SendError: what happened instead.
            Withdrawn: none is.
        """
        if self._account is None:
            raise Withdrawn
        return await self._account.sender.send(outgoing, progress)

    async def __aenter__(self) -> Self:
        """Enter the account at once where it is ours.

        Raises:
            PlatformRefused: the platform does not accept us.
        """
        if self._leases.holds(self._platform):
            await self._enter()
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the account."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self._leave()

    async def _follow(self) -> None:
        while True:
            await self._leases.until_held(self._platform)
            if self._account is None:
                try:
                    await self._enter()
                except (OperatorError, StorageError) as error:  # one that gave up here would stand by for ever
                    self._refusal = str(error)
                    log.error("%s: %s", self._platform, error)
                    await self._sleep(REFUSED_PAUSE_S)
                    continue
            await self._leases.until_lost(self._platform)
            await self._leave()

    async def _enter(self) -> None:
        account = self._make()
        await account.__aenter__()
        self._account, self._refusal = account, ""

    async def _leave(self) -> None:
        account, self._account = self._account, None
        if account is not None:
            await account.__aexit__(None, None, None)

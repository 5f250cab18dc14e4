"""What this process alone may do among those that share a database server, for as long as it renews that in time.

A lease ends by two clocks: the database gives it away when its time is over by the database's clock, and we count it as
lost a little before, by a clock of ours that goes on while the process is stopped. Whoever sends proves it once more in
the transaction that claims the message (`storage.leases.is_held`), so that one who wakes up late sends nothing.
"""

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from bot.clock import Sleep
from bot.jobs.alone import SIGNED_ALONE
from storage import leases
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=12)
RENEW_S = 3.0
# So much earlier we stop than others may begin.
MARGIN_S = 2.0
# Beside the platforms: planning, forgetting and what else is done for all of them.
UPKEEP = "upkeep"


class Leases:
    """The leases of one process; names that are not among them need none.

    Args:
        names: what is wanted.
        sleep: waits between two looks.
        steady: seconds by a clock that only goes forward, also while the process is stopped.
    """

    def __init__(
        self,
        db: Database,
        names: Sequence[str],
        *,
        sleep: Sleep = asyncio.sleep,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._names = tuple(names)
        self._sleep = sleep
        self._steady = steady
        self._until: dict[str, float] = {}
        self._terms: dict[str, int] = {}
        self._looked = asyncio.Event()
        self._refusal = ""
        host = socket.gethostname().partition(".")[0]
        self.owner = f"{SIGNED_ALONE}{host}:{os.getpid()}:{secrets.token_hex(4)}"

    def holds(self, name: str) -> bool:
        """Whether a thing is ours to do now."""
        return self._steady() < self._until.get(name, 0.0)

    @property
    def held(self) -> dict[str, bool]:
        """All that is wanted, and whether it is ours to do now."""
        return {name: self.holds(name) for name in self._names}

    def is_needed(self, name: str) -> bool:
        """Whether a thing must be left alone without its lease."""
        return name in self._names

    def term(self, name: str) -> int:
        """The how-many-th time we hold a lease, 0 where it is not ours; another term means that others were between."""
        return self._terms.get(name, 0) if self.holds(name) else 0

    def sign(self, name: str) -> str:
        """How rows are signed that are claimed by right of a lease."""
        return self.owner

    async def look(self) -> None:
        """Renew what is ours, and take what is free.

        Raises:
            StorageError: the database refused or did not answer; what is held ends when its time is over.
        """
        try:
            for name in self._names:
                await self._take(name)
        finally:
            self._looked.set()
            self._looked = asyncio.Event()

    async def _take(self, name: str) -> None:
        was_ours = self.holds(name)
        asked_at = self._steady()
        async with self._db.beside() as tx:
            is_ours = await leases.take(tx, name, self.owner, LEASE)
        if not is_ours:
            self._until.pop(name, None)
            if was_ours:
                log.warning("%s: another process has taken over", name)
            return
        self._until[name] = asked_at + LEASE.total_seconds() - MARGIN_S
        if not was_ours:
            self._terms[name] = self._terms.get(name, 0) + 1
            log.info("%s: ours to do", name)

    async def until_held(self, name: str) -> None:
        """Wait until a thing is ours to do."""
        while not self.holds(name):
            await self._looked.wait()

    async def until_lost(self, name: str) -> None:
        """Wait until it is not ours any more, be it only because the database does not answer."""
        while self.holds(name):
            left_s = self._until[name] - self._steady()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._looked.wait(), max(left_s, 0.001))

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renew meanwhile; give all back at the end.

        Raises:
            StorageError: the database refused at the first look.
        """
        await self.look()
        for name in self._names:
            if not self.holds(name):
                log.info("%s: standing by, another process does it", name)
        renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            renewing.cancel()
            self._until.clear()
            with suppress(StorageError):
                async with self._db.beside() as tx:
                    await leases.give_back(tx, self.owner)

    async def _renew(self) -> None:
        while True:
            await self._sleep(RENEW_S)
            try:
                await self.look()
                self._refusal = ""
            except StorageError as error:
                if self._refusal != str(error):
                    log.error("leases: %s", error)
                self._refusal = str(error)

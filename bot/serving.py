"""Small servers of plain HTTP: for whoever stands in front of them, a reverse proxy or a watcher of the machine.

The server is aiohttp's, which the client of the Bot API needs too.
"""

import logging
import os
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.config import PREFIX
from bot.errors import ConfigError

# aiohttp writes a traceback for every call that is no HTTP, and the internet is full of them.
_wire = logging.getLogger(f"{__name__}.wire")
_wire.setLevel(logging.CRITICAL)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where is listened.

    Attributes:
        host: the interface, "::" for all.
        port: 0 for any that is free.
    """

    host: str
    port: int

    @classmethod
    def of(cls, listen: str) -> "Place":
        """The place of a setting, host:port, where the host of version 6 stands in brackets."""
        host, _, port = listen.rpartition(":")
        return cls(host.strip("[]"), int(port))


@web.middleware
async def _log_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:  # of ours: one call must never end the others
        # Not its path: operators and hubs keep secrets in there.
        log.exception("a call could not be answered")
        return web.Response(status=500)


class Server:
    """Answers calls while it is open: `async with Server(...) as server`.

    Args:
        setting: of which the place is, such as "WEBSUB_LISTEN".
        last_calls_s: for how long calls that are under way may go on at the end.
    """

    def __init__(self, app: web.Application, place: Place, setting: str, *, last_calls_s: float = 2.0) -> None:
        self._place = place
        self._setting = setting
        app.middlewares.append(_log_faults)
        self._runner = web.AppRunner(app, access_log=None, logger=_wire, shutdown_timeout=last_calls_s)
        self.port = place.port

    async def open(self) -> None:
        """Listen; `port` is the one that is listened on from now on.

        Raises:
            ConfigError: the place cannot be listened on.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._place.host, self._place.port).start()
        except OSError as error:
            await self._runner.cleanup()
            # asyncio puts a sentence of its own around the words of the system; for unknown names there are none.
            why = os.strerror(error.errno) if error.errno and error.errno > 0 else f"{error.strerror or error}"
            msg = f"{PREFIX}{self._setting}: {self._place.host}:{self._place.port} cannot be listened on: {why}."
            raise ConfigError(msg) from error
        self.port = int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Listen no more."""
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

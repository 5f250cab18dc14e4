"""A wire to a server on loopback that can be cut, as a network is: nothing comes through, and nobody is told."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self


class Wire:
    """`async with Wire(port) as wire`: whoever connects to `wire.port` speaks with that port while it is whole."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._is_whole = asyncio.Event()
        self._is_whole.set()
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()

    @property
    def port(self) -> int:
        """Where to connect."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """Let nothing through in either direction, new connections included."""
        self._is_whole.clear()

    def mend(self) -> None:
        """Let everything through again; what was sent meanwhile comes late, as after a lost route."""
        self._is_whole.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self.mend()
        self._server.close()
        for end in tuple(self._ends):
            end.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._is_whole.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        self._ends |= {writer, far_writer}
        await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                await self._is_whole.wait()
                target.write(data)
                await target.drain()
        self._ends.discard(target)
        target.close()

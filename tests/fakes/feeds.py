"""A server of feeds and articles on loopback, odd on demand; one that speaks any bytes; and a canary."""

import asyncio
import gzip
import ssl
import zlib
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import brotli
import zstandard
from aiohttp import web


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one path answers.

    Attributes:
        etag, last_modified: sent, and answered with 304 when asked with.
        encoding: "gzip", "deflate", "raw-deflate", "br", "zstd" compress the body; others only claim it.
        redirect: Location of the answer.
        hangs: "headers" never answers, "body" sends the first half and no more, "reset" breaks off.
        gate: the answer waits for it.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/rss+xml; charset=utf-8"
    etag: str = ""
    last_modified: str = ""
    encoding: str = ""
    redirect: str = ""
    hangs: str = ""
    gate: asyncio.Event | None = None


@dataclass(frozen=True)
class Seen:
    """One request that arrived."""

    path: str
    host: str
    headers: dict[str, str]


class FeedServer:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.active: Counter[str] = Counter()
        self.peak: Counter[str] = Counter()
        self._answers: dict[str, Answer] = {}
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()
        self.port = 0

    def put(self, path: str, answer: Answer) -> str:
        """Sets the answer of a path and gives its address."""
        self._answers[path] = answer
        return self.url(path)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def here(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        host = request.host
        self.seen.append(Seen(request.path, host, dict(request.headers)))
        self.active[host] += 1
        self.active["*"] += 1
        for name in (host, "*"):
            self.peak[name] = max(self.peak[name], self.active[name])
        try:
            answer = self._answers.get(request.path)
            return web.Response(status=404) if answer is None else await self._answer(request, answer)
        finally:
            self.active[host] -= 1
            self.active["*"] -= 1

    async def _answer(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        if answer.gate is not None:
            await answer.gate.wait()
        if answer.hangs == "headers":
            await self._closing.wait()
        headers = {"Content-Type": answer.content_type, **answer.headers}
        if answer.redirect:
            return web.Response(status=answer.status, headers={"Location": answer.redirect})
        for name, value in (("ETag", answer.etag), ("Last-Modified", answer.last_modified)):
            if value:
                headers[name] = value
        asked = {request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")}
        if {answer.etag, answer.last_modified} & asked - {"", None}:
            return web.Response(status=304, headers={k: v for k, v in headers.items() if k != "Content-Type"})
        if answer.hangs:
            return await self._broken(request, answer, headers)
        if answer.encoding:
            headers["Content-Encoding"] = answer.encoding.removeprefix("raw-")
        return web.Response(status=answer.status, body=compressed(answer.body, answer.encoding), headers=headers)

    async def _broken(self, request: web.Request, answer: Answer, headers: dict[str, str]) -> web.StreamResponse:
        response = web.StreamResponse(headers={**headers, "Content-Length": str(len(answer.body))})
        await response.prepare(request)
        await response.write(answer.body[: len(answer.body) // 2])
        if answer.hangs == "body":
            await self._closing.wait()
        assert request.transport is not None
        request.transport.abort()
        return response


def compressed(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.compress(body, mtime=0)
    if encoding == "deflate":
        return zlib.compress(body)
    if encoding == "raw-deflate":
        return zlib.compress(body, wbits=-zlib.MAX_WBITS)
    if encoding == "br":
        return brotli.compress(body, quality=5)
    if encoding == "zstd":
        return zstandard.compress(body)
    return body


class RawServer:
    """Says the given bytes to whoever sends something, and hangs up. Counts connections and requests.

    Attributes:
        drips: for ever, after what it says, byte by byte.
        tls: its certificate; without one it speaks plainly.
    """

    def __init__(self, says: bytes = b"", *, drips: bytes = b"", tls: ssl.SSLContext | None = None) -> None:
        self._says = says
        self._drips = drips
        self._tls = tls
        self._server: asyncio.Server | None = None
        self.port = 0
        self.connections = 0
        self.requests = 0

    @property
    def here(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://{self.here}{path}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            if await reader.read(1024):
                self.requests += 1
                writer.write(self._says)
                await writer.drain()
                while self._drips and not writer.is_closing():
                    writer.write(self._drips)
                    await writer.drain()
                    await asyncio.sleep(0.01)  # what makes it slow
        except ConnectionError:
            pass
        finally:
            writer.close()


class Canary(RawServer):
    """Must never be reached: tests assert that it counted nothing, not even a connection."""

    def __init__(self) -> None:
        super().__init__(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ncanary")

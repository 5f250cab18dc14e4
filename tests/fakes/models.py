"""A model endpoint on loopback that speaks OpenAI's protocol, and lies, hangs, breaks and floods on demand."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
from aiohttp import web

Embedding = list[Any]


@dataclass(frozen=True)
class Asked:
    """One call that arrived."""

    path: str
    body: dict[str, Any]
    authorization: str


def embedding(text: str, width: int = 24) -> Embedding:
    """A vector that depends on the text alone; like those of many models it leans to one side."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    return [float(value) for value in np.random.default_rng(seed).normal(loc=3.0, size=width)]


class FakeModels:
    """Answers what it was told to, and remembers what it was asked.

    Attributes:
        says: what the language model writes.
        embeds: what a list of texts becomes.
        statuses: sent one after the other before anything else is answered.
        retry_after: goes with those statuses.
        raw: a body in place of any answer.
        hangs: nothing is answered at all.
    """

    def __init__(self) -> None:
        self.says = ""
        self.embeds: Callable[[list[str]], list[Embedding]] = lambda texts: [embedding(text) for text in texts]
        self.statuses: list[int] = []
        self.retry_after = ""
        self.location = ""
        self.raw: bytes | None = None
        self.hangs = False
        self.asked: list[Asked] = []
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        self.asked.append(Asked(request.path, body, request.headers.get("Authorization", "")))
        if self.hangs:
            await self._closing.wait()
        if self.statuses:
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            if self.location:
                headers["Location"] = self.location
            return web.Response(status=self.statuses.pop(0), headers=headers, text="busy")
        if self.raw is not None:
            return web.Response(body=self.raw, content_type="application/json")
        if request.path.endswith("/embeddings"):
            found = self.embeds(body["input"])
            data = [{"index": place, "embedding": row} for place, row in enumerate(found)]
            return web.Response(text=json.dumps({"data": data}), content_type="application/json")
        return web.json_response({"choices": [{"message": {"role": "assistant", "content": self.says}}]})

"""A WebSub hub on loopback: takes requests, verifies them when told to, and tells of news; honest or not."""

import hashlib
import hmac
from io import BytesIO
from types import TracebackType
from typing import Self

from aiohttp import ClientSession, web


class Hub:
    """Remembers what it was asked.

    Args:
        status: what it answers to requests.
    """

    def __init__(self, status: int = 202) -> None:
        self.status = status
        self.asked: list[dict[str, str]] = []
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub"

    @property
    def here(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hub", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.asked.append({name: str(value) for name, value in (await request.post()).items()})
        return web.Response(status=self.status)

    async def verify(self, number: int = -1, **other: str) -> tuple[int, str]:
        """Verify a request that came (WebSub, 5.3), with some fields as they should not be; status and body."""
        asked = self.asked[number]
        query = {
            "hub.mode": asked["hub.mode"],
            "hub.topic": asked["hub.topic"],
            "hub.challenge": "abc123",
            "hub.lease_seconds": "86400",
            **{name.replace("_", ".", 1): value for name, value in other.items()},
        }
        async with ClientSession() as session, session.get(asked["hub.callback"], params=query) as answer:
            return answer.status, await answer.text()

    async def tell(self, body: bytes = b"<rss/>", *, secret: str = "", method: str = "sha256", to: str = "") -> int:
        """Tell of news (WebSub, 7), signed with the secret of the last request or another one."""
        key = (secret or self.asked[-1]["hub.secret"]).encode()
        signature = hmac.new(key, body, getattr(hashlib, method)).hexdigest()
        headers = {"X-Hub-Signature": f"{method}={signature}", "Content-Type": "application/rss+xml"}
        url = to or self.asked[-1]["hub.callback"]
        async with ClientSession() as session, session.post(url, data=BytesIO(body), headers=headers) as answer:
            return answer.status

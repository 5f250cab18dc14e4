"""Updates on their way to the bot: the queue, the long poll and the webhook.

*Source*: https://core.telegram.org/bots/api#getting-updates
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from .failures import bad_request, conflict

Json = dict[str, Any]

_NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_FIRST_UPDATE = 700_000_001


class Updates:
    """Unconfirmed updates in order. They leave the queue only by a higher offset or a 2xx of the webhook."""

    def __init__(self, unix_time: Callable[[], int], changed: Callable[[], None], webhook_retry_s: float) -> None:
        self._unix_time = unix_time
        self._changed = changed
        self._webhook_retry_s = webhook_retry_s
        self._pending: deque[Json] = deque()
        self._next_id = _FIRST_UPDATE
        self._allowed: frozenset[str] | None = None
        self._poll: asyncio.Future[None] | None = None
        self._more = asyncio.Event()
        self._hook: Json = {}
        self._hook_error: Json = {}
        self._hook_task: asyncio.Task[None] | None = None

    @property
    def pending(self) -> int:
        """How many updates the bot has not confirmed yet."""
        return len(self._pending)

    @property
    def is_polled(self) -> bool:
        """Whether a long poll waits right now."""
        return self._poll is not None

    def add(self, kind: str, content: Json) -> int | None:
        """Queue an update; its id, or None where the bot did not ask for that kind."""
        wanted = kind in self._allowed if self._allowed else kind not in _NOT_BY_DEFAULT
        if not wanted:
            return None
        update_id = self._next_id
        self._next_id += 1
        self._pending.append({"update_id": update_id, kind: content})
        self._more.set()
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        return update_id

    async def poll(self, params: Json) -> list[Json]:
        """What getUpdates answers.

        Raises:
            ApiError: 409, for this poll when a webhook is set, or for the waiting one when this one begins.
        """
        if self._hook:
            raise conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete it first")
        self._end_poll("terminated by other getUpdates request; make sure that only one bot instance is running")
        if "allowed_updates" in params:
            self._allowed = frozenset(params["allowed_updates"]) or None
        self._confirm(params.get("offset", 0))
        limit = params.get("limit", 100)
        timeout = params.get("timeout", 0)
        if timeout < 0:
            raise bad_request("parameter timeout must not be negative")
        if not self._pending and timeout:
            await self._wait(timeout)
        return list(self._pending)[:limit]

    async def _wait(self, timeout: float) -> None:  # noqa: ASYNC109  the name and meaning of the Bot API's parameter
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poll = mine
        self._changed()
        try:
            await asyncio.wait_for(mine, timeout)
        except TimeoutError:
            return
        finally:
            if self._poll is mine:
                self._poll = None

    def _end_poll(self, words: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(conflict(words))
        self._poll = None

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
            return
        before = len(self._pending)
        while self._pending and self._pending[0]["update_id"] < offset:
            self._pending.popleft()
        if len(self._pending) != before:
            self._changed()

    def set_webhook(self, params: Json) -> bool:
        """What setWebhook does; an empty URL takes the webhook away.

        Raises:
            ApiError: a URL that is neither HTTPS nor on this machine, or a wrong secret.
        """
        url = params.get("url", "")
        if not url:
            return self.delete_webhook(params)
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if "secret_token" in params and not _SECRET.match(params["secret_token"]):
            raise bad_request("secret token contains unallowed characters")
        self._end_poll("terminated by setWebhook request")
        self._stop_hook()
        if params.get("drop_pending_updates"):
            self._pending.clear()
        if "allowed_updates" in params:
            self._allowed = frozenset(params["allowed_updates"]) or None
        self._hook = {"url": url, "secret": params.get("secret_token", "")}
        self._hook["max_connections"] = params.get("max_connections", 40)
        self._hook_task = asyncio.get_running_loop().create_task(self._push(url, self._hook["secret"]))
        return True

    def delete_webhook(self, params: Json) -> bool:
        """What deleteWebhook does."""
        self._stop_hook()
        if params.get("drop_pending_updates"):
            self._pending.clear()
        return True

    def webhook_info(self) -> Json:
        """The WebhookInfo object."""
        info: Json = {"url": self._hook.get("url", ""), "has_custom_certificate": False}
        info |= {"pending_update_count": len(self._pending)} | self._hook_error
        if self._hook:
            info["max_connections"] = self._hook["max_connections"]
        if self._allowed:
            info["allowed_updates"] = sorted(self._allowed)
        return info

    def retry_webhook(self) -> None:
        """Push again now instead of after `webhook_retry_s`."""
        self._more.set()

    def _stop_hook(self) -> None:
        if self._hook_task is not None:
            self._hook_task.cancel()
        self._hook_task = None
        self._hook = {}
        self._hook_error = {}

    async def _push(self, url: str, secret: str) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(60)) as session:
            while True:
                self._more.clear()
                if not self._pending:
                    await self._more.wait()
                    continue
                update = self._pending[0]
                if await self._post(session, url, update):
                    if self._pending and self._pending[0] is update:
                        self._pending.popleft()
                    self._changed()
                    continue
                self._changed()
                try:
                    await asyncio.wait_for(self._more.wait(), self._webhook_retry_s)
                except TimeoutError:
                    continue

    async def _post(self, session: aiohttp.ClientSession, url: str, update: Json) -> bool:
        try:
            async with session.post(url, json=update) as response:
                await response.read()
                if 200 <= response.status < 300:
                    self._hook_error = {}
                    return True
                words = f"Wrong response from the webhook: {response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError) as problem:
            words = f"Connection failed: {problem}"
        self._hook_error = {"last_error_date": self._unix_time(), "last_error_message": words}
        return False

    async def close(self) -> None:
        """End the long poll with nothing and stop the webhook."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        task = self._hook_task
        self._stop_hook()
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

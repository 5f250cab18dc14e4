"""The Bot API's HTTP over aiohttp: several times as many sends a second as over the library's own client."""

import json
from functools import lru_cache
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

# What no byte of a request was sent for: no connection was free or could be made.
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_JSON = {"Content-Type": "application/json"}
_DEFAULT = BaseRequest.DEFAULT_NONE


class AiohttpRequest(BaseRequest):
    """Exchanges with the Bot API.

    *Source*: https://core.telegram.org/bots/api#making-requests: parameters may come as application/json, and as
    multipart/form-data where files are uploaded.

    Args:
        connections: at most so many at once; who finds none free waits for one.
        connect_timeout_s: for a free connection, and for making one.
        read_timeout_s: between two bytes of an answer.
    """

    __slots__ = ("_connect_timeout_s", "_connections", "_read_timeout_s", "_session", "_timeout")

    def __init__(self, *, connections: int, connect_timeout_s: float, read_timeout_s: float) -> None:
        self._connections = connections
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._timeout = self._limits(read_timeout_s)
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds; what the library adds to the time of a long poll."""
        return self._read_timeout_s

    async def initialize(self) -> None:
        """Be ready for requests."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector, headers={"User-Agent": self.USER_AGENT})

    async def shutdown(self) -> None:
        """Close all connections."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """An answer, read several times as fast as by the library itself.

        Raises:
            TelegramError: it is no JSON.
        """
        try:
            answer: dict[str, Any] = orjson.loads(payload)
        except ValueError:  # as much of it as can be read, and the library's own words where nothing can
            return BaseRequest.parse_json_payload(payload)
        return answer

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = _DEFAULT,
        write_timeout: Any = _DEFAULT,
        connect_timeout: Any = _DEFAULT,
        pool_timeout: Any = _DEFAULT,
    ) -> tuple[int, bytes]:
        """One exchange; of the timeouts only that for reading can be chosen.

        Returns:
            The HTTP status and the body.

        Raises:
            TimedOut: no answer in time; where the cause is one of `NEVER_SENT`, nothing was sent.
            NetworkError: the connection could not be made or broke.
        """
        if self._session is None:
            msg = "The connection is closed."
            raise NetworkError(msg)
        timeout = self._timeout if read_timeout is _DEFAULT else self._limits(read_timeout)
        address = URL(url, encoded=True)
        chosen = {"timeout": timeout, "proxy": proxy_for(address.scheme, address.host or ""), **_body(request_data)}
        try:
            async with self._session.request(method, address, **chosen) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            # The words of these errors may hold the address, and the address holds the token.
            msg = type(error).__name__
            raise NetworkError(msg) from error

    def _limits(self, read_timeout_s: float | None) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(
            total=None,
            connect=2 * self._connect_timeout_s,
            sock_connect=self._connect_timeout_s,
            sock_read=read_timeout_s,
        )


@lru_cache(maxsize=8)
def proxy_for(scheme: str, host: str) -> str | None:
    """The proxy that the environment names; aiohttp would look for it again, in a thread, at every request."""
    return None if proxy_bypass(host) else getproxies().get(scheme)


def _encoded(parameters: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(parameters)
    except TypeError:  # half a surrogate pair is no UTF-8
        return json.dumps(parameters, ensure_ascii=False).encode("utf-8", "replace")


def _body(data: RequestData | None) -> dict[str, Any]:
    if data is None:
        return {}
    if not data.contains_files:
        return {"data": _encoded(data.parameters), "headers": _JSON}
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, mime_type) in data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=mime_type)
    return {"data": form}

"""Requests to a homeserver through the connections of matrix-nio, whose own calls hide status and waiting times."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
import nio

from bot.platforms.matrix.trouble import Unreachable, refuse

API = "/_matrix/client/v3"
REQUEST_S = 30.0
MOST_BYTES = 64 * 1024 * 1024
NETWORK = (aiohttp.ClientError, TimeoutError, OSError)


class Requests:
    """Makes requests as the device that is logged in."""

    def __init__(self, client: nio.AsyncClient) -> None:
        self._nio = client

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        mime: str = "application/json",
        token: str = "",
    ) -> dict[str, Any]:
        """One request.

        Args:
            path: below the root of the Client-Server API, or whole where it begins with /_matrix.
            token: in place of the own one.

        Raises:
            MatrixError: the homeserver refused.
            Unreachable: there was no answer.
        """
        status, raw = await self._exchange(method, path, body, query=query, mime=mime, token=token)
        try:
            answer = json.loads(raw) if raw else {}
        except ValueError:
            answer = None
        if status >= 400:
            refuse(status, answer)
        if not isinstance(answer, dict):
            msg = f"no JSON in an answer with status {status}"
            raise Unreachable(msg)
        return answer

    async def _exchange(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | bytes | None = None,
        *,
        query: Mapping[str, str] | None = None,
        mime: str = "application/json",
        token: str = "",
        most_bytes: int = MOST_BYTES,
    ) -> tuple[int, bytes]:
        address = path if path.startswith("/_matrix") else API + path
        if query:
            address += "?" + urlencode(query)
        headers = {"Content-Type": mime}
        if token or self._nio.access_token:
            headers["Authorization"] = f"Bearer {token or self._nio.access_token}"
        written = body if isinstance(body, bytes) or body is None else json.dumps(body, separators=(",", ":"))
        try:
            response = await self._nio.send(method, address, written, headers)
            return response.status, await _read(response, most_bytes)
        except NETWORK as error:
            raise Unreachable(str(error) or type(error).__name__) from error


async def _read(response: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """An answer's body.

    Raises:
        Unreachable: it is longer than that.
    """
    body = bytearray()
    async with response:
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > most_bytes:
                msg = f"an answer of more than {most_bytes} bytes"
                raise Unreachable(msg)
    return bytes(body)

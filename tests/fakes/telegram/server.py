"""FakeTelegram: the Bot API on a loopback port, and the way for tests to its users and rooms.

*Source*: https://core.telegram.org/bots/api#making-requests, #getfile.
"""

from __future__ import annotations

import asyncio
import json
import re
from binascii import a2b_qp
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from aiohttp.web_request import BaseRequest

from .backend import Backend
from .control import Control
from .failures import ApiError, bad_request
from .faults import Fault, FaultKind
from .people import Person, Place, chat_of
from .records import Accepted
from .rooms import Room
from .schema import Upload
from .world import Chat, Kind, Message, User

Json = dict[str, Any]

MAX_BODY_BYTES = 60 * 2**20
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class FakeTelegram(Backend):
    """A Bot API server to be used with `async with`; arguments as for `Backend`.

    Attributes:
        api_url: the root to which /bot<token>/METHOD and /file/bot<token>/PATH are added.
    """

    def __init__(self, *args: Any, port: int = 0, with_control: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.api_url = ""
        self._port = port
        self._control = Control(self) if with_control else None
        self._runner: web.ServerRunner | None = None
        self._method_path = f"/bot{self.token}/"
        self._file_path = f"/file/bot{self.token}/"

    async def __aenter__(self) -> Self:
        server = web.Server(self._handle, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.api_url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release_held()
        await self.updates.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # Persons and places

    def user(
        self, first_name: str = "Anna", *, language_code: str = "de", username: str = "", last_name: str = "",
        is_started: bool = False,
    ) -> Person:  # fmt: skip
        """A new person; `is_started` skips the first /start."""
        user = User(self.world.new_user_id(), first_name, last_name, username, language_code)
        self.world.users[user.id] = user
        chat = self.world.add_chat(Kind.PRIVATE, user=user)
        chat.is_started = is_started
        return Person(self, user, chat)

    def _room(self, kind: Kind, title: str, members: tuple[Person, ...], username: str) -> Room:
        room = Room(self, self.world.add_chat(kind, title=title, username=username))
        for person in members:
            room.add(person)
        return room

    def group(self, title: str, *members: Person) -> Room:
        """A new basic group, the bot not in it yet."""
        return self._room(Kind.GROUP, title, members, "")

    def supergroup(self, title: str, *members: Person, username: str = "") -> Room:
        """A new supergroup, the bot not in it yet."""
        return self._room(Kind.SUPERGROUP, title, members, username)

    def channel(self, title: str, *, username: str = "") -> Room:
        """A new channel, the bot not in it yet."""
        return self._room(Kind.CHANNEL, title, (), username)

    async def next_message(self, chat: Place, timeout_s: float = 5.0) -> Message:
        """The bot's next message in a chat that nobody has taken yet; TimeoutError if there is none."""
        return await self.next_message_in(chat_of(chat), timeout_s)

    def messages(self, chat: Place) -> list[Message]:
        """All messages of the bot in a chat that still exist, in order."""
        return super().messages(chat_of(chat))

    def chat_by_id(self, chat_id: int) -> Chat:
        """The chat with this id."""
        return self.world.chats[chat_id]

    # The wire

    async def _handle(self, request: BaseRequest) -> web.StreamResponse:
        path = request.path
        if path.startswith(self._method_path):
            return await self._call(request, path[len(self._method_path) :])
        if path.startswith(self._file_path):
            return self._download(path[len(self._file_path) :])
        if self._control is not None and path.startswith("/control/"):
            return await self._control.handle(request, path.removeprefix("/control/"))
        parts = path.split("/")
        looks_like_bot = len(parts) == 3 and parts[1].startswith("bot") and ":" in parts[1]
        unknown = ApiError(401, "Unauthorized") if looks_like_bot else ApiError(404, "Not Found")
        self.refuse(parts[-1], {}, unknown)
        return _failure(unknown)

    def _download(self, path: str) -> web.Response:
        for known, content in self.world.files.values():
            if known == path:
                return web.Response(body=content, content_type="application/octet-stream")
        return _failure(ApiError(404, "Not Found: file not found"))

    async def _call(self, request: BaseRequest, method: str) -> web.StreamResponse:
        raw: Json = {}
        try:
            raw, uploads = await _read(request)
            fields = self.fields_of(method)
            fault = self.faults.next_for(method.lower())
            if fault is not None:
                self.faulted.append((fields.name, fault))
                self.changed()
                if fault.kind is FaultKind.RESET_BEFORE:
                    return _reset(request)
                if fault.kind is FaultKind.ERROR:
                    return self._scripted(fault)
            params = self.read(fields, raw, uploads)
            if fields.name == "getUpdates":
                result: Any = await self._poll(request, params)
            else:
                result = self.execute(fields, params)
        except ApiError as error:
            if request.transport is not None and not request.transport.is_closing():
                self.refuse(method, raw, error)
            return _failure(error)
        if fault is None:
            return _success(result)
        entry = self.accepted[-1] if fields.name != "getUpdates" else None
        return await self._troubled(request, fault, _success(result), entry)

    def _scripted(self, fault: Fault) -> web.Response:
        error = fault.as_error()
        self.too_many_requests += error.code == 429
        return _failure(error)

    async def _poll(self, request: BaseRequest, params: Json) -> list[Json]:
        try:
            return await self.updates.poll(params)
        except ApiError:
            # A client that went away must not count as a second poller.
            await _notice_closed()
            raise

    async def _troubled(
        self, request: BaseRequest, fault: Fault, response: web.Response, entry: Accepted | None
    ) -> web.StreamResponse:
        """What a client sees of a call that had its effect, and whether the ledger says that it got its answer."""
        is_late = fault.kind in {FaultKind.DELAY, FaultKind.HOLD}
        if entry is not None:
            # Until it is: who gave up waiting may have sent it again before this ends.
            entry.is_answered = False
        if fault.kind is FaultKind.DELAY:
            await asyncio.sleep(fault.seconds)
        elif fault.kind is FaultKind.HOLD:
            await self.held()
        elif fault.kind is FaultKind.RESET_AFTER:
            response = _reset(request)
        elif fault.kind is FaultKind.GATEWAY_AFTER:
            response = web.Response(status=fault.code, text=fault.page, content_type="text/html")
        else:
            response = _failure(fault.as_error())
        if is_late:
            await _notice_closed()
        is_gone = request.transport is None or request.transport.is_closing()
        if entry is not None:
            entry.is_answered = is_late and not is_gone
            self.changed()
        return response


async def _notice_closed() -> None:
    """Let the loop see that a client closed its connection."""
    for _ in range(3):
        await asyncio.sleep(0)


def _success(result: Any) -> web.Response:
    body = _encode({"ok": True, "result": result}).encode("utf-8", "surrogatepass")
    return web.Response(body=body, content_type="application/json")


def _failure(error: ApiError) -> web.Response:
    answer: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        answer["parameters"] = error.parameters
    return web.Response(status=error.code, body=_encode(answer).encode(), content_type="application/json")


def _reset(request: BaseRequest) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _read(request: BaseRequest) -> tuple[Json, dict[str, Upload]]:
    kind = request.content_type
    if kind == "multipart/form-data":
        return await _read_multipart(request)
    try:
        raw: Json = dict(parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True, errors="strict"))
        if not request.can_read_body:
            return raw, {}
        body = await request.content.read()
        if kind == "application/json":
            decoded = json.loads(body)
            if not isinstance(decoded, dict):
                raise bad_request("can't parse JSON object: an Object expected")
            return raw | decoded, {}
        return raw | _parse_form(body), {}
    except (ValueError, RecursionError):
        raise bad_request("can't parse the request; strings must be encoded in UTF-8") from None


def _parse_form(body: bytes) -> Json:
    """A body of application/x-www-form-urlencoded, which is nearly all that an SDK sends.

    Raises:
        ValueError: a pair without "=", or no UTF-8.
    """
    if _BAD_ESCAPE.search(body):
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", strict_parsing=True))
    pairs = [pair.partition(b"=") for pair in body.split(b"&")] if body else []
    if not all(equals for _, equals, _ in pairs):
        msg = "a parameter has no value"
        raise ValueError(msg)
    return {_unquote(name): _unquote(value) for name, _, value in pairs}


def _unquote(text: bytes) -> str:
    """What `urllib.parse.unquote_plus` gives, eight times as fast: both encodings differ by their escape sign only."""
    return a2b_qp(text.replace(b"+", b" ").replace(b"=", b"=3D").replace(b"%", b"=")).decode()


async def _read_multipart(request: BaseRequest) -> tuple[Json, dict[str, Upload]]:
    raw: Json = {}
    uploads: dict[str, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or not part.name:
            raise bad_request("can't parse multipart request")
        content = bytes(await part.read(decode=True))
        if part.filename is None:
            raw[part.name] = content.decode("utf-8", "replace")
        else:
            mime = part.headers.get("Content-Type", "application/octet-stream")
            uploads[part.name] = Upload(part.name, part.filename, mime, content)
    return raw, uploads

"""A small HTTP door for tests in another process: people act, faults are set, the ledger is read."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.web_request import BaseRequest

from .faults import Fault, FaultKind, RandomFaults
from .flood import FloodLimits
from .people import Person
from .world import Message

if TYPE_CHECKING:
    from .server import FakeTelegram

Json = dict[str, Any]


class Control:
    """POST /control/<action> with a JSON object, answered with JSON; the actions are the methods named do_…"""

    def __init__(self, fake: FakeTelegram) -> None:
        self._fake = fake
        self._people: dict[int, Person] = {}

    async def handle(self, request: BaseRequest, action: str) -> web.Response:
        """Carry out one action; 404 for an unknown one, 400 for arguments that do not fit it."""
        found: Callable[..., Awaitable[Any]] | None = getattr(self, f"do_{action}", None)
        if found is None:
            return web.json_response({"error": f"unknown action {action}"}, status=404)
        body = await request.content.read() if request.can_read_body else b""
        try:
            arguments = json.loads(body) if body else {}
            return web.json_response(await found(**arguments))
        except (TypeError, ValueError, LookupError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    async def do_user(self, first_name: str = "Anna", language_code: str = "de", is_started: bool = False) -> Json:
        """A new person: {"id"}."""
        person = self._fake.user(first_name, language_code=language_code, is_started=is_started)
        self._people[person.id] = person
        return {"id": person.id}

    async def do_users(self, count: int, language_code: str = "de") -> list[int]:
        """Many persons with started chats; their ids."""
        return [
            (await self.do_user(f"Person {number}", language_code, is_started=True))["id"] for number in range(count)
        ]

    async def do_says(self, user: int, text: str) -> Json:
        """A person writes in private: {"message_id"}."""
        message = await self._people[user].says(text)
        return {"message_id": message.message_id}

    async def do_press(self, user: int, message_id: int, text: str) -> Json:
        """A person presses a button in private: {"id"} of the query."""
        person = self._people[user]
        return {"id": person.press(person.chat.messages[message_id], text).id}

    async def do_inline(self, user: int, text: str, offset: str = "") -> Json:
        """A person types an inline query: {"id"} of the query."""
        return {"id": self._people[user].asks_inline(text, offset).id}

    async def do_answer(self, query: str, timeout_s: float = 0.0) -> Json:
        """The answer to a press or inline query: {"answer"}, null where there is none after so long."""
        asked = self._fake.queries[query]
        if timeout_s:
            with suppress(TimeoutError):
                await self._fake.until(lambda: asked.answer is not None, timeout_s)
        return {"answer": asdict(asked.answer) if asked.answer is not None else None}

    async def do_block(self, user: int, is_blocked: bool = True) -> Json:
        """A person blocks or unblocks the bot."""
        person = self._people[user]
        (person.blocks if is_blocked else person.unblocks)()
        return {}

    async def do_update(self, kind: str, content: Json) -> Json:
        """Any update as it stands: {"update_id"}, null where the bot did not ask for its kind."""
        return {"update_id": self._fake.updates.add(kind, content)}

    async def do_messages(self, chat: int) -> list[Json]:
        """The bot's messages in a chat that still exist."""
        return [_as_json(message) for message in self._fake.messages(self._fake.chat_by_id(chat))]

    async def do_ledger(self, since: int = 0, method: str = "") -> list[Json]:
        """The accepted calls from a number on, of one method or of all."""
        lines = self._fake.accepted[since:]
        return [
            {name: value for name, value in asdict(line).items() if name != "params"}
            | {"params": {name: value for name, value in line.params.items() if name != "_uploads"}}
            for line in lines
            if method in {"", line.method}
        ]

    async def do_times(self) -> list[tuple[float, int | None]]:
        """When each message was accepted, and in which chat; far shorter than the ledger."""
        return [(line.at, line.chat_id) for line in self._fake.accepted if line.message_id]

    async def do_state(self) -> Json:
        """Counts, refusals and warnings."""
        return self._fake.state()

    async def do_wait(self, accepted: int = 0, timeout_s: float = 30.0) -> Json:
        """Waits until so many calls were accepted, then the state."""
        try:
            await self._fake.until(lambda: len(self._fake.accepted) >= accepted, timeout_s)
        except TimeoutError as error:
            raise ValueError(str(error)) from error
        return self._fake.state()

    async def do_fault(self, method: str, kind: str, times: int = 1, **details: Any) -> Json:
        """The next calls of a method meet a fault; details are those of `faults.Fault`."""
        self._fake.fail_next(method, Fault(FaultKind(kind), **details), times)
        return {}

    async def do_chance(self, **shares: Any) -> Json:
        """Faults by chance, as `faults.RandomFaults`; no arguments end them."""
        if "methods" in shares:
            shares["methods"] = tuple(name.lower() for name in shares["methods"])
        self._fake.random_faults(RandomFaults(**shares) if shares else None)
        return {}

    async def do_limits(self, **limits: int | None) -> Json:
        """Other flood limits, as `flood.FloodLimits`."""
        self._fake.limit(FloodLimits(**limits))
        return {}

    async def do_release(self) -> Json:
        """Held answers go out."""
        self._fake.release_held()
        return {}


def _as_json(message: Message) -> Json:
    core: Json = {"message_id": message.message_id, "text": message.text, "html": message.html}
    return core | {"buttons": [button.text for button in message.buttons], "edits": len(message.edits)}

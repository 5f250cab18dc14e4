"""Somebody on Matrix, by plain requests to the homeserver: says things, and sees what anybody's client sees."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx

from tests.fakes.synapse import Account

PATIENCE_S = 20.0
Json = dict[str, Any]
T = TypeVar("T")


@dataclass
class Person:
    """A user with an own view of the rooms.

    Attributes:
        events: room → its events in order, as this person's client got them.
        typists: everybody who was seen typing.
    """

    account: Account
    http: httpx.AsyncClient
    events: dict[str, list[Json]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    typists: set[str] = field(default_factory=set)
    receipts: list[str] = field(default_factory=list)
    since: str = ""
    numbers: Any = field(default_factory=itertools.count)

    @classmethod
    def of(cls, account: Account, url: str) -> Self:
        headers = {"Authorization": f"Bearer {account.token}"}
        return cls(account, httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60))

    @property
    def id(self) -> str:
        return self.account.user_id

    async def call(self, method: str, path: str, body: Json | None = None, **query: str) -> Json:
        answer = await self.http.request(method, f"/_matrix/client/v3{path}", json=body, params=query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def makes_room(self, *invited: str, is_direct: bool = False, name: str = "", **more: Any) -> str:
        """A room with people invited; encrypted where `encrypted=True`."""
        state = more.pop("initial_state", [])
        if more.pop("encrypted", False):
            state.append({"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}})
        body = {
            "invite": list(invited),
            "is_direct": is_direct,
            "preset": "private_chat",
            "initial_state": state,
            **({"name": name} if name else {}),
            **more,
        }
        return str((await self.call("POST", "/createRoom", body))["room_id"])

    async def sends(self, room: str, content: Json, kind: str = "m.room.message") -> str:
        where = f"/rooms/{quote(room, safe='')}/send/{kind}/{next(self.numbers)}"
        return str((await self.call("PUT", where, content))["event_id"])

    async def says(self, room: str, text: str, *, thread: str = "", **more: Any) -> str:
        content: Json = {"msgtype": "m.text", "body": text, **more}
        if thread:
            content["m.relates_to"] = {
                "rel_type": "m.thread",
                "event_id": thread,
                "is_falling_back": True,
                "m.in_reply_to": {"event_id": thread},
            }
        return await self.sends(room, content)

    async def reacts(self, room: str, event_id: str, key: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event_id, "key": key}
        return await self.sends(room, {"m.relates_to": relation}, "m.reaction")

    async def takes_back(self, room: str, event_id: str) -> None:
        # Synapse takes a transaction id once for a room, whatever was done with it.
        await self.call(
            "PUT", f"/rooms/{quote(room, safe='')}/redact/{quote(event_id, safe='')}/{next(self.numbers)}", {}
        )

    async def sets(self, room: str, kind: str, content: Json) -> None:
        await self.call("PUT", f"/rooms/{quote(room, safe='')}/state/{kind}/", content)

    async def does(self, room: str, what: str, **body: str) -> None:
        """invite, kick, ban, leave, join …"""
        await self.call("POST", f"/rooms/{quote(room, safe='')}/{what}", body)

    async def syncs(self, timeout_ms: int = 0) -> None:
        query = {"timeout": str(timeout_ms), "filter": '{"room":{"timeline":{"limit":1000}}}'}
        answer = await self.call("GET", "/sync", None, **query, **({"since": self.since} if self.since else {}))
        self.since = answer["next_batch"]
        for room, found in answer.get("rooms", {}).get("join", {}).items():
            self.states[room] = "join"
            self.events.setdefault(room, []).extend(found["timeline"]["events"])
            for each in found.get("ephemeral", {}).get("events", []):
                if each["type"] == "m.typing":
                    self.typists.update(each["content"]["user_ids"])
                if each["type"] == "m.receipt":
                    self.receipts += list(each["content"])
        for room in answer.get("rooms", {}).get("invite", {}):
            self.states[room] = "invite"
        for room in answer.get("rooms", {}).get("leave", {}):
            self.states[room] = "leave"

    async def until(self, look: Callable[[], T], *, what: str = "") -> T:
        """Follow the stream until something is there."""
        end = asyncio.get_running_loop().time() + PATIENCE_S
        while not (found := look()):
            left = end - asyncio.get_running_loop().time()
            assert left > 0, f"{what or 'it'} did not come: {self.said()}"
            await self.syncs(int(min(left, 2) * 1000))
        return found

    def said(self) -> list[str]:
        """What was said in all rooms, for a failing test."""
        return [f"{each['sender']}: {each['content']}" for room in self.events.values() for each in room[-5:]]

    def members(self, room: str) -> set[str]:
        """Who is in a room."""
        found: dict[str, str] = {}
        for each in self.events.get(room, []):
            if each["type"] == "m.room.member":
                found[each["state_key"]] = each["content"]["membership"]
        return {user for user, membership in found.items() if membership == "join"}

    async def downloads(self, address: str) -> bytes:
        answer = await self.http.get(f"/_matrix/client/v1/media/download/{address.removeprefix('mxc://')}")
        assert answer.status_code == 200, answer.text
        return answer.content

    def messages(self, room: str, sender: str) -> list[Json]:
        """What somebody said in a room, without edits."""
        return [
            each
            for each in self.events.get(room, [])
            if each["sender"] == sender
            and each["type"] == "m.room.message"
            and each["content"].get("m.relates_to", {}).get("rel_type") != "m.replace"
            and "body" in each["content"]
        ]

    async def hears(self, room: str, sender: str, count: int = 1) -> Json:
        """The message of a number that somebody said in a room."""
        return (await self.until(lambda: self.messages(room, sender)[count - 1 :], what=f"message {count}"))[0]

    async def sees_reactions(self, room: str, event_id: str, sender: str, count: int) -> list[str]:
        """The emoji that somebody put under a message, once there are so many."""

        def found() -> list[str]:
            keys = [relation["key"] for relation in self.relations(room, event_id, "m.annotation", sender)]
            return keys if len(keys) >= count else []

        return await self.until(found, what=f"{count} reactions")

    def secrets(self, room: str, sender: str) -> list[Json]:
        """What somebody said that this client cannot read."""
        told = self.events.get(room, [])
        return [each for each in told if each["sender"] == sender and each["type"] == "m.room.encrypted"]

    def redacted(self, room: str) -> set[str]:
        """The events that were taken back."""
        return {
            each.get("redacts") or each["content"].get("redacts", "")
            for each in self.events.get(room, [])
            if each["type"] == "m.room.redaction"
        }

    def relations(self, room: str, event_id: str, kind: str, sender: str) -> list[Json]:
        found = []
        for each in self.events.get(room, []):
            relation = each["content"].get("m.relates_to", {})
            if each["sender"] == sender and (relation.get("rel_type"), relation.get("event_id")) == (kind, event_id):
                found.append(relation)
        return found

    async def sees_edit(self, room: str, event_id: str, count: int = 1) -> Json:
        """The newest content of a message, once it was edited so often."""

        def found() -> list[Json]:
            edits = [
                each["content"]["m.new_content"]
                for each in self.events.get(room, [])
                if each["content"].get("m.relates_to", {}).get("rel_type") == "m.replace"
                and each["content"]["m.relates_to"]["event_id"] == event_id
            ]
            return edits if len(edits) >= count else []

        return (await self.until(found, what=f"edit {count}"))[-1]

"""What becomes of the bot in rooms: invited, removed, left, or moved to the room that replaces one.

Subscriptions are kept in every case.
*Source*: Client-Server API, 11.3 "Room membership" and 11.33 "Room upgrades" (m.room.tombstone).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from urllib.parse import quote

from bot.clock import Sleep
from bot.platforms.matrix.client import MatrixClient
from bot.platforms.matrix.events import Event, Invitation, text_of
from bot.platforms.matrix.trouble import MatrixError, MatrixTrouble
from storage import chat_moves
from storage.database import Database
from storage.states import ChatState, Platform

log = logging.getLogger(__name__)

PAUSES_S = (1.0, 2.0, 4.0, 8.0, 30.0, 120.0)


class Members:
    """Joins and leaves rooms, and writes down which can be written to.

    Args:
        allowed: the only rooms that are joined, as "matrix:!id", or people who may invite, as "matrix:@name:server";
            all where empty.
    """

    def __init__(
        self, client: MatrixClient, db: Database, allowed: frozenset[str], sleep: Sleep = asyncio.sleep
    ) -> None:
        self._client = client
        self._db = db
        self._allowed = allowed
        self._sleep = sleep
        self._direct: dict[str, list[str]] = {}
        self._followed: set[str] = set()

    def is_allowed(self, room_id: str, user_id: str) -> bool:
        """Whether somebody in a room is answered."""
        names = {f"matrix:{user_id}", *(f"matrix:{each}" for each in self._line_of(room_id))}
        return not self._allowed or not self._allowed.isdisjoint(names)

    def _line_of(self, room_id: str) -> list[str]:
        """A room and those that it replaced, as far as we were in them."""
        before = {new: old for old, new in self._client.replacements().items()}
        line = [room_id]
        while (old := before.get(line[-1])) is not None and old not in line:
            line.append(old)
        return line

    def is_private(self, room_id: str) -> bool:
        """Whether a room is a conversation with one person."""
        room = self._client.room(room_id)
        if room is None or room.member_count > 2:
            return False
        return not room.name or any(room_id in rooms for rooms in self._direct.values())

    async def load_direct(self) -> None:
        """Read which rooms are conversations with one person.

        Raises:
            MatrixError: the homeserver does not give them.
            Unreachable: there was no answer.
        """
        try:
            found = await self._client.call("GET", self._direct_path())
        except MatrixError as error:
            if error.status != 404:
                raise
            found = {}
        self._direct = {user: list(rooms) for user, rooms in found.items() if isinstance(rooms, list)}

    def _direct_path(self) -> str:
        return f"/user/{quote(self._client.user_id, safe='')}/account_data/m.direct"

    async def invited(self, invitation: Invitation) -> None:
        """Come where we are allowed to, and decline everywhere else."""
        room_id = quote(invitation.room_id, safe="")
        if not self.is_allowed(invitation.room_id, invitation.inviter):
            log.info("an invitation by %s is declined; KURZCLIPS_ALLOWED_CHATS does not name it", invitation.inviter)
            await self._client.call("POST", f"/rooms/{room_id}/leave", {})
            return
        await self._persist(partial(self._client.call, "POST", f"/rooms/{room_id}/join", {}))
        if invitation.is_direct and invitation.inviter:
            self._direct.setdefault(invitation.inviter, []).append(invitation.room_id)
            await self._client.call("PUT", self._direct_path(), self._direct)

    async def _persist(self, request: Callable[[], Awaitable[object]]) -> None:
        """Make a request again where a pause helps: an invitation is told only once.

        Raises:
            MatrixTrouble: it did not succeed in spite of that.
        """
        for pause_s in PAUSES_S:
            try:
                await request()
            except MatrixTrouble as trouble:
                if isinstance(trouble, MatrixError) and not trouble.is_limit:
                    raise
                wait = trouble.retry_after if isinstance(trouble, MatrixError) else None
                await self._sleep(max(pause_s, wait.total_seconds() if wait is not None else 0.0))
            else:
                return
        await request()

    async def joined(self, room_id: str) -> None:
        """We are in a room: it can be written to again; where it replaces another one, it has what that one had."""
        for old, new in self._client.replacements().items():
            if new == room_id:
                await self._move(old, new)
        async with self._db.write() as tx:
            await chat_moves.set_state(tx, Platform.MATRIX, room_id, ChatState.ACTIVE)

    async def left(self, room_id: str, event: Event | None) -> None:
        """We are not in a room any more; one that was replaced is not missed."""
        state = (ChatState.LEFT, "left")
        if event is not None and event.sender != self._client.user_id:
            is_ban = event.content.get("membership") == "ban"
            state = (ChatState.BLOCKED, "banned") if is_ban else (ChatState.LEFT, "kicked")
        await self.set_state(room_id, *state)

    async def set_state(self, room_id: str, state: ChatState, reason: str) -> None:
        """Write down whether a room can be written to."""
        async with self._db.write() as tx:
            await chat_moves.set_state(tx, Platform.MATRIX, room_id, state, reason)

    async def follow(self, tombstones: Iterable[tuple[str, str]]) -> None:
        """Go to the rooms that replace old ones, each once; where the door is closed, an invitation will open it."""
        for old, new in tombstones:
            if old in self._followed or not new:
                continue
            self._followed.add(old)
            try:
                await self._client.call("POST", f"/join/{quote(new, safe='')}", {}, query=self._via(old))
                await self._move(old, new)
            except MatrixTrouble as trouble:
                log.info("the room that replaces %s cannot be joined yet: %s", old, trouble)

    def _via(self, room_id: str) -> dict[str, str]:
        """A server that knows the new room: that of somebody in the old one, as ids of rooms may name none."""
        room = self._client.room(room_id)
        users = [user for user in (room.users if room is not None else ()) if user != self._client.user_id]
        server = (users or [self._client.user_id])[0].partition(":")[2]
        return {"via": server, "server_name": server}

    async def _move(self, old: str, new: str) -> None:
        """Take everything along, where the new room, too, says that it replaces the old one.

        Raises:
            MatrixTrouble: the homeserver does not give the new room's beginning.
        """
        creation = await self._client.call("GET", f"/rooms/{quote(new, safe='')}/state/m.room.create/")
        before = creation.get("predecessor")
        if not isinstance(before, dict) or before.get("room_id") != old:
            log.warning("a room claims to be replaced by one that does not know it", extra={"chat": old})
            return
        async with self._db.write() as tx:
            moved = await chat_moves.migrate(tx, Platform.MATRIX, old, new)
        if moved:
            log.info("a room was replaced; its subscriptions go on in the new one", extra={"chat": new})


def tombstone_of(event: Event) -> tuple[str, str]:
    """An old room and the one that replaces it."""
    return event.room_id, text_of(event.content, "replacement_room")

"""Who may change a room's settings: asked of the homeserver, and kept for a minute.

*Source*: Client-Server API, m.room.power_levels, and room version 12 (MSC4289): creators stand above all levels.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from bot.clock import Clock
from bot.platforms.matrix.client import MatrixClient
from bot.platforms.matrix.trouble import MatrixError, MatrixTrouble

log = logging.getLogger(__name__)

KEPT = timedelta(minutes=1)
MOST_KEPT = 10_000
DEFAULT_STATE_LEVEL = 50
CREATORS_ABOVE_ALL_FROM = 12


class Rights:
    """Power levels of rooms, as far as somebody spoke to the bot there."""

    def __init__(self, client: MatrixClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[datetime, Mapping[str, Any], Mapping[str, Any]]] = {}

    async def may_manage(self, room_id: str, user_id: str) -> bool:
        """Whether somebody may change the room itself, and so what we do there; not, where nobody can be asked."""
        now = self._clock()
        asked_at, levels, creation = self._known.get(room_id, (now - KEPT, {}, {}))
        if now - asked_at >= KEPT:
            try:
                creation = await self._state(room_id, "m.room.create")
                levels = await self._state(room_id, "m.room.power_levels")
            except MatrixTrouble as trouble:
                log.info("nobody could say who may manage: %s", trouble, extra={"chat": room_id})
                return False
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            self._known[room_id] = (now, levels, creation)
        return is_manager(user_id, levels, creation)

    async def _state(self, room_id: str, kind: str) -> dict[str, Any]:
        """A state event: its content, with its sender; empty where the room has none.

        Raises:
            MatrixError: the homeserver does not give it.
            Unreachable: there was no answer.
        """
        where = f"/rooms/{quote(room_id, safe='')}/state/{kind}/"
        try:
            found = await self._client.call("GET", where, query={"format": "event"})
        except MatrixError as error:
            if error.status == 404:
                return {}
            raise
        content = found.get("content")
        return {**content, "sender": found.get("sender")} if isinstance(content, dict) else {}


def is_manager(user_id: str, levels: Mapping[str, Any], creation: Mapping[str, Any]) -> bool:
    """Whether somebody has the level that changes of the room take."""
    creators = [creation.get("sender")]
    version = str(creation.get("room_version", "1"))
    if version.isdigit() and int(version) >= CREATORS_ABOVE_ALL_FROM:
        more = creation.get("additional_creators")
        creators += more if isinstance(more, list) else []
        if user_id in creators:
            return True
    if not levels:  # rooms without any levels: their creator has 100
        return user_id in creators
    users = levels.get("users")
    own = users.get(user_id) if isinstance(users, dict) else None
    level = _level(own if own is not None else levels.get("users_default"), 0)
    return level >= _level(levels.get("state_default"), DEFAULT_STATE_LEVEL)


def _level(found: object, default: int) -> int:
    """A power level; rooms before version 10 may have them as text."""
    try:
        return int(found) if isinstance(found, int | str) else default
    except ValueError:
        return default

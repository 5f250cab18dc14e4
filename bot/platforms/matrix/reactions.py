"""The emoji under our messages: put there and taken away in the background, behind everything that people wait for."""

import asyncio
import logging
import secrets
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import quote

from bot.clock import Sleep
from bot.platforms.matrix.client import MatrixClient
from bot.platforms.matrix.events import REACTION
from bot.platforms.matrix.trouble import MatrixError, MatrixTrouble

log = logging.getLogger(__name__)

MOST_WAITING = 1000
PAUSE_S = 10.0
# Where the homeserver limits us, the little that it lets through belongs to messages.
LIMITED_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class _Mark:
    room_id: str
    event_id: str
    key: str
    is_wanted: bool
    # An emoji that was taken away and comes back is another event; what was put before an answer got lost is not.
    transaction: str = field(default_factory=lambda: f"reaction-{secrets.token_hex(8)}")


class Reactions:
    """Reactions that wait, those of the newest message first.

    What still waits when the bot ends is not put; people can react with the same emoji all the same.

    Args:
        sleep: waits, for tests that do not.
    """

    def __init__(self, client: MatrixClient, sleep: Sleep = asyncio.sleep) -> None:
        self._client = client
        self._sleep = sleep
        self._waiting: deque[_Mark] = deque(maxlen=MOST_WAITING)
        self._news = asyncio.Event()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def change(self, room_id: str, event_id: str, *, before: tuple[str, ...] = (), after: tuple[str, ...]) -> None:
        """Have these emoji under a message in place of those before."""
        gone = [_Mark(room_id, event_id, key, False) for key in before if key not in after]
        new = [_Mark(room_id, event_id, key, True) for key in after if key not in before]
        # What was wanted before and still waits is not wanted any more; put later than now, it would stay.
        for mark in [
            each for each in self._waiting if each.event_id == event_id and each.key not in {*before} & {*after}
        ]:
            self._waiting.remove(mark)
        self._waiting.extend(reversed((*gone, *new)))
        self._news.set()

    async def run(self) -> None:
        """Work the queue off, for as long as the account listens."""
        while True:
            while not self._waiting:
                self._news.clear()
                await self._news.wait()
            mark = self._waiting.pop()
            try:
                await (self._put(mark) if mark.is_wanted else self._take_away(mark))
            except MatrixError as error:
                if not error.is_limit:
                    log.info("a reaction was not taken: %s", error)
                    continue
                self._waiting.append(mark)
                await self._sleep(max(LIMITED_PAUSE_S, error.retry_after.total_seconds() if error.retry_after else 0.0))
            except MatrixTrouble as trouble:
                log.info("a reaction was not sent: %s", trouble)
                await self._sleep(PAUSE_S)
            except Exception:  # one reaction must never end the others
                log.exception("a reaction failed")

    async def _put(self, mark: _Mark) -> None:
        relation = {"rel_type": "m.annotation", "event_id": mark.event_id, "key": mark.key}
        try:
            await self._client.send_event(mark.room_id, REACTION, {"m.relates_to": relation}, mark.transaction)
        except MatrixError as error:
            if error.code != "M_DUPLICATE_ANNOTATION":
                raise

    async def _take_away(self, mark: _Mark) -> None:
        found = await self._client.events_related_to(mark.room_id, mark.event_id, "m.annotation")
        for each in found:
            if each.sender == self._client.user_id and each.relation.get("key") == mark.key:
                await redact(self._client, mark.room_id, each.event_id)


async def redact(client: MatrixClient, room_id: str, event_id: str) -> None:
    """Take an event back; the second time changes nothing.

    Raises:
        MatrixTrouble: it was not taken back.
    """
    where = f"/rooms/{quote(room_id, safe='')}/redact/{quote(event_id, safe='')}/back-{quote(event_id, safe='')}"
    await client.call("PUT", where, {})

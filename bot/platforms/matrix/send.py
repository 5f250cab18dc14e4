"""Messages → rooms: every one under a transaction id, so that a second try never makes a second message."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from bot.clock import Clock, Sleep
from bot.lanes import Lane, Lanes
from bot.platforms.matrix.client import MatrixClient
from bot.platforms.matrix.events import MESSAGE
from bot.platforms.matrix.files import Files
from bot.platforms.matrix.reactions import Reactions
from bot.platforms.matrix.render import Part, Rendered, render
from bot.platforms.matrix.trouble import MatrixTrouble, failure_of
from bot.platforms.outgoing import Failure, Outgoing, Progress, SendError
from handlers.options import THREADS, value_of
from handlers.reply import Reply
from handlers.request import ChatAddress
from storage import chats
from storage.database import Database

log = logging.getLogger(__name__)

# Nothing in the protocol says how much is allowed; a homeserver without limits takes about that much on one core.
MESSAGES_PER_SECOND = 50
# After a start the rooms are known a moment later.
START_S = 3.0
# Shorter than the lease of a delivery, which waits meanwhile.
LONGEST_WAIT_S = 120.0
NOT_CONNECTED_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a room a message goes.

    Attributes:
        thread_root: the first event of its thread, "" for the room itself.
        reply_to: the event that it answers visibly, "" for none.
    """

    thread_root: str = ""
    reply_to: str = ""

    def relation(self) -> dict[str, Any]:
        """How its event says so; empty where there is nothing to say.

        *Source*: Client-Server API, 11.14 "Threading", with the fallback for clients without threads.
        """
        answered = {"m.in_reply_to": {"event_id": self.reply_to or self.thread_root}}
        if self.thread_root:
            return {
                "rel_type": "m.thread",
                "event_id": self.thread_root,
                "is_falling_back": not self.reply_to,
                **answered,
            }
        return answered if self.reply_to else {}


class _Once:
    """Something that is done at the first call only."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._is_done = False

    async def __call__(self) -> None:
        if not self._is_done:
            await self._work()
            self._is_done = True


class MatrixSender:
    """Sends messages into rooms, and changes them."""

    def __init__(
        self,
        client: MatrixClient,
        db: Database,
        files: Files,
        reactions: Reactions,
        clock: Clock,
        lanes: Lanes,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.files = files
        self._client = client
        self._db = db
        self._reactions = reactions
        self._clock = clock
        self._lanes = lanes
        self._sleep = sleep

    def render(self, reply: Reply, language: str, timezone: str, *, is_thread: bool = False) -> Rendered:
        """The answer as it is sent now."""
        return render(reply, language=language, timezone=timezone, now=self._clock(), is_thread=is_thread)

    async def send(self, outgoing: Outgoing, progress: Progress) -> tuple[str, ...]:
        """Send all parts of a message that are missing, or change those that are there.

        Raises:
            SendError: what happened instead.
            Withdrawn: `progress` wants nothing to be sent.
        """
        await self._check(outgoing.address)
        parts = self._parts(outgoing, is_thread=await self._wants_threads(outgoing.address))
        sent = list(outgoing.edits[: len(outgoing.sent_parts)] if outgoing.edits else outgoing.sent_parts)
        targets = outgoing.edits or ("",) * len(parts)
        begins = _Once(progress.begin)
        for number, (part, target) in list(enumerate(zip(parts, targets, strict=False)))[len(sent) :]:
            with self._failing(sent):
                part = await self._with_file(outgoing.address.native_id, part)
            sent.append(await self._patiently(outgoing, number, part, sent, target, begins))
            await progress.part_sent(tuple(sent))
        return tuple(sent)

    async def _patiently(
        self, outgoing: Outgoing, number: int, part: Part, sent: list[str], target: str, begins: "_Once"
    ) -> str:
        """Send a part; where others were sent, wait for a homeserver that wants less, so that the rest comes soon.

        Raises:
            SendError: what happened instead.
        """
        waited_s = 0.0
        while True:
            try:
                with self._failing(sent):
                    async with self._lanes.turn(outgoing.address.native_id, is_group=False, lane=Lane.BULK):
                        await begins()
                        return await self._bulk(outgoing, number, part, sent, target)
            except SendError as error:
                wait_s = (error.retry_at - self._clock()).total_seconds() if error.retry_at is not None else 0.0
                if not sent or error.code != "flood" or waited_s + wait_s > LONGEST_WAIT_S:
                    raise
                await self._sleep(wait_s)
                waited_s += wait_s

    def _parts(self, outgoing: Outgoing, *, is_thread: bool) -> tuple[Part, ...]:
        """The messages; where others are changed, in the form that those had, whatever the room wants now."""
        told = partial(self.render, outgoing.reply, outgoing.language, outgoing.timezone)
        parts = told(is_thread=is_thread).parts
        if not outgoing.edits or len(outgoing.edits) == len(parts):
            return parts
        other = told(is_thread=not is_thread).parts
        return other if len(outgoing.edits) == len(other) else parts

    async def _bulk(self, outgoing: Outgoing, number: int, part: Part, sent: list[str], target: str) -> str:
        room_id, key = outgoing.address.native_id, f"{outgoing.key}-{number}"
        if target:
            await self._client.send_event(room_id, MESSAGE, part.as_edit_of(target), f"{key}-edit")
            return target
        place = Place(thread_root=sent[0] if part.is_in_thread and sent else "")
        return await self._say(room_id, part, place, key)

    @contextmanager
    def _failing(self, sent: Sequence[str] = ()) -> Iterator[None]:
        """Meanwhile trouble with the homeserver is told as what it means for the message."""
        try:
            yield
        except MatrixTrouble as trouble:
            failure = failure_of(trouble, self._clock(), sent)
            raise failure from trouble

    async def _check(self, address: ChatAddress) -> None:
        """Look whether the room can be written to; in one that we do not know, nobody knows whether to encrypt.

        Raises:
            SendError: we are not connected, or not in it.
        """
        retry_at = self._clock() + NOT_CONNECTED_PAUSE
        if not await self._client.is_ready_within(START_S):
            raise SendError(Failure.RETRY, "not_connected", retry_at=retry_at, lane_wide=True)
        if self._client.room(address.native_id) is None:
            with self._failing():
                is_ours = await self._client.is_in(address.native_id)
            if is_ours:  # joined a moment ago
                raise SendError(Failure.RETRY, "not_synced", retry_at=retry_at)
            raise SendError(Failure.GONE, "left")

    async def _wants_threads(self, address: ChatAddress) -> bool:
        async with self._db.read() as tx:
            chat = await chats.find(tx, address.platform, address.native_id, address.thread_id)
        return value_of(chat.options if chat is not None else {}, THREADS) == "on"

    async def post(self, address: ChatAddress, part: Part, place: Place, key: str) -> str:
        """Send one message to people who wait for it.

        Args:
            key: its transaction id.

        Returns:
            Its native id.

        Raises:
            SendError: what happened instead.
        """
        await self._check(address)
        with self._failing():
            part = await self._with_file(address.native_id, part)
            async with self._lanes.turn(address.native_id, is_group=False, lane=Lane.INTERACTIVE):
                return await self._say(address.native_id, part, place, key)

    async def edit(self, address: ChatAddress, event_id: str, part: Part, key: str, *, before: tuple[str, ...]) -> None:
        """Replace what a message of ours says, and the emoji under it.

        Args:
            before: the emoji that it had.

        Raises:
            SendError: what happened instead.
        """
        await self._check(address)
        with self._failing():
            async with self._lanes.turn(address.native_id, is_group=False, lane=Lane.INTERACTIVE):
                await self._client.send_event(address.native_id, MESSAGE, part.as_edit_of(event_id), key)
        self._reactions.change(address.native_id, event_id, before=before, after=part.anchors)

    async def _say(self, room_id: str, part: Part, place: Place, key: str) -> str:
        relation = place.relation()
        content = {**part.content, "m.relates_to": relation} if relation else part.content
        event_id = await self._client.send_event(room_id, MESSAGE, content, key)
        if part.actions:
            self._reactions.change(room_id, event_id, after=part.anchors)
        return event_id

    async def _with_file(self, room_id: str, part: Part) -> Part:
        """The part with its file uploaded; a picture that cannot be had is left out."""
        if part.document is not None:
            return replace(part, file=await self.files.of_document(room_id, part.document))
        if part.media is not None:
            return replace(part, file=await self.files.of_media(room_id, part.media))
        return part

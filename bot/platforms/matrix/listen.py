"""Batches of events → requests → answers. In one room one after the other, in different rooms side by side."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any
from urllib.parse import quote

from bot.clock import Clock, Sleep
from bot.i18n import Speech
from bot.platforms.matrix import incoming
from bot.platforms.matrix.answers import Answers
from bot.platforms.matrix.client import MatrixClient, session_of
from bot.platforms.matrix.events import ENCRYPTED, MESSAGE, REACTION, Batch, Event
from bot.platforms.matrix.members import Members, tombstone_of
from bot.platforms.matrix.narrowing import narrowed
from bot.platforms.matrix.presses import Presses, asked_by
from bot.platforms.matrix.render import Part
from bot.platforms.matrix.rights import Rights
from bot.platforms.matrix.send import MatrixSender, Place
from bot.platforms.matrix.trouble import MatrixTrouble
from bot.platforms.outgoing import SendError
from bot.platforms.turns import Turns
from handlers.dispatch import Answer, Dispatcher
from handlers.reply import _
from handlers.request import ChatAddress, Person, Request
from storage import chats
from storage.errors import StorageError

log = logging.getLogger(__name__)

TYPING_AFTER_S = 1.0
TYPING_MS = 30_000
# What was said while we were down for longer is not waited for any more.
OLDEST_MS = 24 * 3600 * 1000
# The key of a message often comes after it; together these are half a minute.
KEY_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
MOST_TOLD = 5000
UNREADABLE = _(
    "I cannot decrypt your last message; its key has not reached me. Please send it again, "
    "or restart your app if that does not help."
)


class MatrixListener:
    """Answers what happens in rooms.

    Args:
        admins: the operators, as "matrix:@name:server".
    """

    def __init__(
        self,
        client: MatrixClient,
        sender: MatrixSender,
        dispatcher: Dispatcher,
        members: Members,
        clock: Clock,
        *,
        admins: frozenset[str],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client = client
        self._dispatcher = dispatcher
        self._sender = sender
        self._members = members
        self._clock = clock
        self._admins = admins
        self._sleep = sleep
        self._turns = Turns()
        self._rights = Rights(client, clock)
        self._answers = Answers(sender, dispatcher, members, clock, sleep)
        self._presses = Presses(client, dispatcher, sender, self._answers, clock)
        self._told: OrderedDict[str, None] = OrderedDict()

    def work_of(self, batch: Batch) -> list[Coroutine[Any, Any, None]]:
        """What is to be done about a batch; each never raises, and those of one room keep their order."""
        work = [self._guarded(each.room_id, partial(self._members.invited, each)) for each in batch.invitations]
        for room_id, farewell in batch.left.items():
            work.append(self._guarded(room_id, partial(self._members.left, room_id, farewell)))
        for room_id, timeline in batch.timelines.items():
            for event in self._news(timeline, is_history=batch.is_history):
                # While a key is waited for, the room goes on.
                turn = event.event_id if event.kind == ENCRYPTED else room_id
                work.append(self._guarded(turn, partial(self._on_event, event)))
        return work

    def _news(self, timeline: tuple[Event, ...], *, is_history: bool) -> tuple[Event, ...]:
        """The events of a room since we are in it; what was before our first start only where it still holds."""
        if is_history:
            return tuple(event for event in timeline if event.is_tombstone)
        me = self._client.user_id
        joined = max((place for place, event in enumerate(timeline) if event.joins(me)), default=0)
        return tuple(event for event in timeline[joined:] if event.age_ms < OLDEST_MS)

    async def _guarded(self, turn: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            async with self._turns.of(turn):
                await work()
        except MatrixTrouble as trouble:
            log.warning("the homeserver did not take a request: %s", trouble, extra={"chat": turn})
        except StorageError as error:
            log.error("storage refused: %s", error, extra={"chat": turn})
        except Exception:  # one event must never end the others
            log.exception("an event failed", extra={"chat": turn})

    async def _on_event(self, event: Event) -> None:
        if event.joins(self._client.user_id):
            await self._members.joined(event.room_id)
        elif event.is_tombstone:
            await self._members.follow([tombstone_of(event)])
        elif event.sender == self._client.user_id or not self._members.is_allowed(event.room_id, event.sender):
            return
        elif event.kind == MESSAGE:
            await self._on_message(event)
        elif event.kind == REACTION:
            await self._on_reaction(event)
        elif event.kind == ENCRYPTED:
            await self._on_unreadable(event)

    async def _on_message(self, event: Event) -> None:
        room = self._client.room(event.room_id)
        is_private = self._members.is_private(event.room_id)
        own = room.users.get(self._client.user_id) if room is not None else None
        names = (self._client.user_id[1:].partition(":")[0], own.display_name or "" if own is not None else "")
        registry = self._dispatcher.services.registry
        heard = incoming.hear(
            event,
            self._client.user_id,
            names,
            is_private=is_private,
            knows=lambda name: registry.find(name) is not None,
        )
        if heard is None:
            return
        address = self._address(event.room_id, is_private=is_private)
        await self._tell(event, "receipt/m.read")
        text = await narrowed(self._client, event, heard.text)
        request = Request(
            chat=address,
            person=await self._person(event.sender, address, is_private=is_private),
            now=self._clock(),
            text=text,
            message_id=event.event_id,
            replied=heard.replied,
            attachment=await self._sender.files.sent_with(heard.file),
        )
        answer = await self._typing_meanwhile(event.room_id, self._dispatcher.answer(request))
        if answer is None:
            return
        parts = self._sender.render(answer.reply, answer.language, answer.timezone).said()
        parts = asked_by(text, parts)
        # Among many people it must be seen whom the answer is for.
        reply_to = event.event_id if event.thread_root or not is_private else ""
        await self._answers.say(request, answer, parts, Place(event.thread_root, reply_to), f"answer-{event.event_id}")

    async def _on_reaction(self, event: Event) -> None:
        reaction = incoming.reaction_of(event, self._client.user_id)
        if reaction is None:
            return
        is_private = self._members.is_private(event.room_id)
        address = self._address(event.room_id, is_private=is_private)
        action = await self._presses.action_of(address, reaction)
        if action is not None:
            person = await self._person(event.sender, address, is_private=is_private)
            await self._presses.press(address, reaction, action, person)

    async def _on_unreadable(self, event: Event) -> None:
        """Try again while its key may still come; then say so, once for a key.

        Among many people nobody knows whether it was meant for us: it is said there once in all.
        """
        if event.native is None:
            return
        await self._client.ask_for_key(event)
        for pause_s in KEY_PAUSES_S:
            await self._sleep(pause_s)
            read = self._client.decrypt(event)
            if read is not None:
                async with self._turns.of(event.room_id):
                    await self._on_event(read)
                return
        is_private = self._members.is_private(event.room_id)
        if not self._is_first(session_of(event) if is_private else event.room_id):
            return
        address = self._address(event.room_id, is_private=is_private)
        words = await self._in_the_rooms_language(address)
        try:
            await self._answers.persist(
                address, words, Place(event.thread_root, event.event_id), f"answer-{event.event_id}"
            )
        except SendError as error:
            await self._answers.failed(address, error)

    def _is_first(self, name: str) -> bool:
        """Whether the line about unreadable messages is yet to be said for a key, or a room."""
        if name in self._told:
            return False
        self._told[name] = None
        while len(self._told) > MOST_TOLD:
            self._told.popitem(last=False)
        return True

    async def _in_the_rooms_language(self, address: ChatAddress) -> Part:
        async with self._dispatcher.services.db.read() as tx:
            chat = await chats.find(tx, address.platform, address.native_id, address.thread_id)
        language = chat.language if chat is not None else self._dispatcher.language_of("")
        speech = Speech(language, self._dispatcher.services.desk.default_timezone, self._clock())
        return Part(speech.plain(UNREADABLE), "")

    def _address(self, room_id: str, *, is_private: bool) -> ChatAddress:
        room = self._client.room(room_id)
        return incoming.address_of(room_id, room.display_name if room is not None else "", is_private=is_private)

    async def _person(self, user_id: str, address: ChatAddress, *, is_private: bool) -> Person:
        room = self._client.room(address.native_id)
        may_manage = is_private or await self._rights.may_manage(address.native_id, user_id)
        name = (room.user_name(user_id) or "") if room is not None else ""
        return Person(user_id, name, may_manage=may_manage, is_operator=f"matrix:{user_id}" in self._admins)

    async def _typing_meanwhile(self, room_id: str, work: Awaitable[Answer | None]) -> Answer | None:
        """The outcome of some work; where it takes long, the room shows that something is on its way."""
        task = asyncio.ensure_future(work)
        try:
            done, _pending = await asyncio.wait({task}, timeout=TYPING_AFTER_S)
            if done:
                return await task
            await self._show_typing(room_id, {"typing": True, "timeout": TYPING_MS})
            answer = await task
            await self._show_typing(room_id, {"typing": False})
            return answer
        finally:
            task.cancel()

    async def _show_typing(self, room_id: str, state: dict[str, object]) -> None:
        me = quote(self._client.user_id, safe="")
        try:
            await self._client.call("PUT", f"/rooms/{quote(room_id, safe='')}/typing/{me}", state)
        except MatrixTrouble as trouble:
            log.debug("typing was not shown: %s", trouble)

    async def _tell(self, event: Event, what: str) -> None:
        """Say that an event was read; nobody waits for it."""
        where = f"/rooms/{quote(event.room_id, safe='')}/{what}/{quote(event.event_id, safe='')}"
        body = {"thread_id": event.thread_root or "main"}
        try:
            await self._client.call("POST", where, body)
        except MatrixTrouble as trouble:
            log.debug("a receipt was not taken: %s", trouble)

"""Answers to people: sent at once, tried again while they wait, and remembered for replies to them."""

import asyncio
import logging
from dataclasses import replace

from bot.clock import Clock, Sleep
from bot.platforms.matrix.members import Members
from bot.platforms.matrix.render import Part
from bot.platforms.matrix.send import MatrixSender, Place
from bot.platforms.outgoing import Failure, SendError
from bot.platforms.waiting import pause_s
from handlers.dispatch import Answer, Dispatcher
from handlers.request import ChatAddress, Request
from storage.states import ChatState

log = logging.getLogger(__name__)

TRIES = 5


class Answers:
    """Brings answers into the rooms they belong to."""

    def __init__(
        self, sender: MatrixSender, dispatcher: Dispatcher, members: Members, clock: Clock, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._sender = sender
        self._dispatcher = dispatcher
        self._members = members
        self._clock = clock
        self._sleep = sleep

    async def say(
        self, request: Request, answer: Answer, parts: tuple[Part, ...], place: Place, key: str, *, shown: str = ""
    ) -> None:
        """Send the parts of an answer, as far as the room takes them; never raises for what the homeserver does.

        Args:
            key: what makes the answer to this message the same at a second try.
            shown: the message that shows the beginning of the answer already.
        """
        ids = [shown] if shown else []
        try:
            for number, part in enumerate(parts):
                ids.append(await self.persist(request.chat, part, place, f"{key}-{number}"))
                place = replace(place, reply_to="")
        except SendError as error:
            await self.failed(request.chat, error)
        for message_id in ids:
            await self._dispatcher.sent(request, answer.reply, message_id)

    async def persist(self, address: ChatAddress, part: Part, place: Place, key: str) -> str:
        """Send one part, again after a pause where that helps.

        Raises:
            SendError: it was not sent in spite of that.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self._sender.post(address, part, place, key)
            except SendError as error:
                await self._sleep(pause_s(error, attempt, self._clock(), tries=TRIES))

    async def failed(self, address: ChatAddress, error: SendError) -> None:
        """Write down that a room did not take an answer."""
        ids = {"platform": address.platform, "chat": address.native_id}
        log.warning("an answer was not sent: %s %s", error.failure, error.code, extra=ids)
        if error.failure is Failure.GONE:
            state = ChatState.LEFT if error.code == "left" else ChatState.BLOCKED
            await self._members.set_state(address.native_id, state, error.code)

"""Answers to people: sent at once, tried again while they wait, and remembered for replies to them."""

import asyncio
import logging
from dataclasses import replace

from bot.clock import Clock, Sleep
from bot.platforms.outgoing import Failure, SendError
from bot.platforms.telegram.members import Members
from bot.platforms.telegram.render import Part
from bot.platforms.telegram.send import TelegramSender
from bot.platforms.waiting import pause_s
from handlers.dispatch import Answer, Dispatcher
from handlers.request import ChatAddress, Request

log = logging.getLogger(__name__)

TRIES = 4


class Answers:
    """Brings answers into the chats they belong to."""

    def __init__(
        self,
        sender: TelegramSender,
        dispatcher: Dispatcher,
        members: Members,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._sender = sender
        self._dispatcher = dispatcher
        self._members = members
        self._clock = clock
        self._sleep = sleep

    async def say(
        self, request: Request, answer: Answer, parts: tuple[Part, ...], *, reply_to: str = "", shown: str = ""
    ) -> None:
        """Send the parts of an answer, as far as the chat takes them; never raises for what Telegram does.

        Args:
            reply_to: the message that the first part answers visibly.
            shown: the message that shows the beginning of the answer already.
        """
        ids = [shown] if shown else []
        address = request.chat
        try:
            for part in (part for part in parts if not part.is_bare):
                address, message_id = await self._persist(address, part, reply_to)
                ids.append(message_id)
                reply_to = ""
        except SendError as error:
            await self.failed(address, error)
        # The migrated chat is found under its new address.
        request = replace(request, chat=address)
        for message_id in ids:
            await self._dispatcher.sent(request, answer.reply, message_id)

    async def failed(self, address: ChatAddress, error: SendError) -> None:
        """Write down that a chat did not take an answer."""
        ids = {"platform": address.platform, "chat": address.native_id}
        log.warning("an answer was not sent: %s %s", error.failure, error.code, extra=ids)
        await self._members.failed(address.native_id, error)

    async def _persist(self, address: ChatAddress, part: Part, reply_to: str) -> tuple[ChatAddress, str]:
        """Send one part, again after a pause where that helps, and to the chat's new id where it moved.

        Raises:
            SendError: it was not sent in spite of that.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                return address, await self._sender.post(address, part, reply_to=reply_to)
            except SendError as error:
                if error.failure is Failure.MOVED and attempt < TRIES:
                    address, reply_to = await self._moved(address, error.moved_to), ""
                    continue
                await self._sleep(pause_s(error, attempt, self._clock(), tries=TRIES))

    async def _moved(self, address: ChatAddress, to_id: str) -> ChatAddress:
        """Where a chat is now: under another id, or in the group itself where its topic was deleted."""
        if to_id == address.native_id:
            await self._members.leave_thread(address)
            return replace(address, thread_id="")
        await self._members.move(address.native_id, to_id)
        return replace(address, native_id=to_id)

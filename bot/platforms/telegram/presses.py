"""Pressed buttons: read with suspicion, answered within a second, shown in place where the answer says so."""

import asyncio
import logging
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from telegram import CallbackQuery, MaybeInaccessibleMessage, Message
from telegram.error import TelegramError

from bot.clock import Clock
from bot.i18n import Speech
from bot.platforms.outgoing import SendError
from bot.platforms.telegram import callbacks, incoming
from bot.platforms.telegram.answers import Answers
from bot.platforms.telegram.markup import read
from bot.platforms.telegram.render import TOAST_CHARACTERS, Rendered
from bot.platforms.telegram.rights import Rights
from bot.platforms.telegram.send import TelegramSender
from bot.platforms.turns import Turns
from handlers.dispatch import Answer, Dispatcher
from handlers.reply import Action, Paragraph, _
from handlers.request import Request

log = logging.getLogger(__name__)

# Until then the pressed button shows that it works; a person who sees it longer presses again.
PATIENCE = timedelta(seconds=0.8)
# A longer sentence is a small window that waits to be closed; shorter words fade by themselves.
FADING_CHARACTERS = 60
TOO_OLD = _("This button is too old; please ask anew.")


class Presses:
    """Answers presses."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        sender: TelegramSender,
        answers: Answers,
        rights: Rights,
        clock: Clock,
        turns: Turns,
        *,
        admins: frozenset[str],
    ) -> None:
        self._dispatcher = dispatcher
        self._sender = sender
        self._answers = answers
        self._rights = rights
        self._clock = clock
        self._turns = turns
        self._admins = admins

    async def press(self, query: CallbackQuery) -> None:
        """Do what the button stands for, with the rights of whoever pressed it, in the turn of its chat.

        It is confirmed within a second, whatever the chat still waits for.
        """
        action = callbacks.decode(query.data or "")
        if action is None or (query.message is None and not query.inline_message_id):
            await confirm(query, self._too_old(query))
            return
        confirmation = _Confirmation(query)
        patience = asyncio.ensure_future(confirmation.give_late())
        try:
            lane = query.message.chat.id if query.message is not None else query.from_user.id
            async with self._turns.of(lane):
                await self._do(query, action, confirmation)
        finally:
            await confirmation.give()
            if not confirmation.is_late:
                patience.cancel()
            with suppress(asyncio.CancelledError):
                await patience

    async def _do(self, query: CallbackQuery, action: Action, confirmation: "_Confirmation") -> None:
        message = query.message
        if message is None:  # under an inline result, in a chat that we may not even see
            address, message_id, may_manage = incoming.private_address(query.from_user), "", True
        else:
            readable = message if isinstance(message, Message) else None
            address, message_id = incoming.address_of(message.chat, readable), str(message.message_id)
            may_manage = await self._rights.may_manage(message.chat, query.from_user)
        person = incoming.person_of(query.from_user, None, may_manage=may_manage, admins=self._admins)
        share_link = incoming.share_link_of(query.get_bot().username)
        request = incoming.press_of(address, message_id, action, person, self._clock(), share_link=share_link)
        answer = await self._dispatcher.answer(request)
        if answer is None:
            return
        rendered = self._sender.render(answer.reply, answer.language, answer.timezone)
        if message is None:
            await self._show_inline(query, answer, rendered, confirmation)
            return
        words = rendered.toast or _sentence(answer, rendered)
        is_said = await confirmation.give(words)
        if not (words and is_said):
            await self._show(message, request, answer, rendered)

    async def _show(
        self, message: MaybeInaccessibleMessage, request: Request, answer: Answer, rendered: Rendered
    ) -> None:
        parts = rendered.said().parts
        shown = ""
        if answer.reply.edits and parts and isinstance(message, Message):
            edit = self._sender.edit(request.chat, request.message_id, parts[0], has_media=message.text is None)
            if await _edited(edit):
                shown, parts = request.message_id, parts[1:]
        await self._answers.say(request, answer, parts, shown=shown)

    async def _show_inline(
        self, query: CallbackQuery, answer: Answer, rendered: Rendered, confirmation: "_Confirmation"
    ) -> None:
        """Under an inline result there is one message to change and no chat to write to.

        What shows clips takes its place; anything else is told to the person who pressed, so that one person's
        "saved" does not replace what all others read.
        """
        is_news = bool(answer.reply.clips and rendered.parts) and not rendered.toast
        await confirmation.give("" if is_news else rendered.toast or _first_words(rendered))
        if is_news and query.inline_message_id:
            part = replace(rendered.parts[0], keyboard=rendered.parts[-1].keyboard)
            await _edited(self._sender.edit_inline(query.inline_message_id, part))

    def _too_old(self, query: CallbackQuery) -> str:
        language = self._dispatcher.language_of(query.from_user.language_code or "")
        return Speech(language, self._dispatcher.services.desk.default_timezone, self._clock()).plain(TOO_OLD)


class _Confirmation:
    """The one answer that Telegram takes to a press."""

    def __init__(self, query: CallbackQuery) -> None:
        self._query = query
        self._is_given = False
        self.is_late = False

    async def give(self, words: str = "") -> bool:
        """End the waiting sign with these words; False where it has ended already, without them."""
        if self._is_given:
            return False
        self._is_given = True
        await confirm(self._query, words)
        return True

    async def give_late(self) -> None:
        """End it without words after a while, since the answer takes longer."""
        await asyncio.sleep(PATIENCE.total_seconds())
        self.is_late = True
        await self.give()


async def _edited(edit: Awaitable[bool]) -> bool:
    try:
        return await edit
    except SendError as error:
        log.info("a message was not edited: %s %s", error.failure, error.code)
        return False


async def confirm(query: CallbackQuery, words: str = "") -> None:
    """End the waiting sign of a pressed button, with a few words where there are some."""
    try:
        await query.answer(words or None, show_alert=len(words) > FADING_CHARACTERS or None)
    except TelegramError as error:
        # The person pressed long ago, or the network is down; what the press wanted is done all the same.
        log.info("a press was not confirmed: %s", error)


def _sentence(answer: Answer, rendered: Rendered) -> str:
    """An answer of one short paragraph and nothing else, such as a refusal: it concerns only who pressed."""
    reply = answer.reply
    is_bare = not (reply.edits or reply.buttons or reply.clips or reply.media or reply.document)
    if not is_bare or len(reply.blocks) != 1 or not isinstance(reply.blocks[0], Paragraph):
        return ""
    words = _first_words(rendered)
    return "" if words.endswith("…") else words


def _first_words(rendered: Rendered) -> str:
    text = read(rendered.parts[0].html).text if rendered.parts else ""
    return text if len(text) <= TOAST_CHARACTERS else text[: TOAST_CHARACTERS - 1] + "…"

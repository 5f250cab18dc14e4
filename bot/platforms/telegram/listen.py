"""Updates → requests → answers. In one chat one after the other, in different chats side by side."""

import asyncio
import logging
from collections.abc import Awaitable

from telegram import Bot, CallbackQuery, ChatMemberUpdated, Document, InlineQuery, Message, Update
from telegram.constants import ChatType, UpdateType
from telegram.error import TelegramError

from bot.clock import Clock, Sleep
from bot.platforms.telegram import incoming
from bot.platforms.telegram.albums import Albums
from bot.platforms.telegram.answers import Answers
from bot.platforms.telegram.inline import InlineQueries
from bot.platforms.telegram.members import Members
from bot.platforms.telegram.presses import Presses, confirm
from bot.platforms.telegram.rights import Rights
from bot.platforms.telegram.rooms import Rooms
from bot.platforms.telegram.send import TelegramSender
from bot.platforms.turns import Turns
from handlers.dispatch import Answer, Dispatcher
from handlers.request import Attachment, Request
from storage.errors import StorageError

log = logging.getLogger(__name__)

# Edited messages are left out on purpose: what was answered once is not answered again.
ALLOWED_UPDATES = (
    UpdateType.MESSAGE,
    UpdateType.CHANNEL_POST,
    UpdateType.CALLBACK_QUERY,
    UpdateType.INLINE_QUERY,
    UpdateType.CHOSEN_INLINE_RESULT,
    UpdateType.MY_CHAT_MEMBER,
)
MAX_ATTACHMENT_BYTES = 2 * 1024 * 1024
TYPING_AFTER_S = 1.0


class TelegramListener:
    """Answers the updates of one bot account.

    Args:
        admins: the operators, as "telegram:123".
        allowed_chats: the only chats that are answered, as "telegram:-100123"; all where empty.
    """

    def __init__(
        self,
        bot: Bot,
        sender: TelegramSender,
        dispatcher: Dispatcher,
        clock: Clock,
        *,
        admins: frozenset[str],
        allowed_chats: frozenset[str],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._sender = sender
        self._clock = clock
        self._admins = admins
        self._allowed_chats = allowed_chats
        self._turns = Turns()
        self._albums = Albums()
        self._rights = Rights(bot, clock)
        self._members = Members(dispatcher.services.db)
        self._answers = Answers(sender, dispatcher, self._members, clock, sleep)
        self._presses = Presses(dispatcher, sender, self._answers, self._rights, clock, self._turns, admins=admins)
        self._rooms = Rooms(bot, dispatcher, sender, self._answers, self._rights, clock, self._is_allowed)
        self._inline = InlineQueries(dispatcher, sender, clock)

    async def handle(self, update: Update) -> None:
        """Answer one update; never raises."""
        chat = update.effective_chat
        try:
            if update.callback_query is not None:
                # A press is confirmed within a second, whatever its chat still waits for; its work takes its turn.
                await self._on_press(update.callback_query)
            elif update.message is None or await self._albums.may_speak(update.message):
                async with self._turns.of(chat.id if chat is not None else update.update_id):
                    await self._route(update)
        except TelegramError as error:
            log.warning("Telegram did not take a call: %s", error, extra=_ids(update))
        except StorageError as error:
            log.error("storage refused: %s", error, extra=_ids(update))
        except Exception:  # one update must never end the others
            log.exception("an update failed", extra=_ids(update))

    async def _route(self, update: Update) -> None:
        if update.my_chat_member is not None:
            await self._on_membership(update.my_chat_member)
        elif update.inline_query is not None:
            await self._on_inline(update.inline_query)
        elif update.chosen_inline_result is not None:
            await self._inline.chosen()
        elif (message := update.message or update.channel_post) is not None:
            await self._on_message(message)

    def _is_allowed(self, chat_id: int | str) -> bool:
        return not self._allowed_chats or f"telegram:{chat_id}" in self._allowed_chats

    async def _on_membership(self, change: ChatMemberUpdated) -> None:
        await self._members.changed(change)
        if self._is_allowed(change.chat.id):
            await self._rooms.changed(change)

    async def _on_press(self, query: CallbackQuery) -> None:
        chat = query.message.chat if query.message is not None else None
        if not self._is_allowed(chat.id if chat is not None else query.from_user.id):
            await confirm(query)
        elif chat is not None and chat.type == ChatType.CHANNEL:
            await self._rooms.lead_home(query)
        else:
            await self._presses.press(query)

    async def _on_migration(self, old_id: str, new_id: str) -> None:
        await self._members.move(old_id, new_id)
        if self._allowed_chats and self._is_allowed(old_id) and not self._is_allowed(new_id):
            self._allowed_chats |= {f"telegram:{new_id}"}
            log.warning("telegram:%s is telegram:%s now; put that into KURZCLIPS_ALLOWED_CHATS", old_id, new_id)

    async def _answer(self, request: Request) -> Answer | None:
        return await self._rooms.answer(request) or await self._dispatcher.answer(request)

    async def _on_message(self, message: Message) -> None:
        if (migration := incoming.migration_of(message)) is not None:
            await self._on_migration(*migration)
            return
        if not self._is_allowed(message.chat.id):
            return
        if message.forum_topic_reopened is not None:
            await self._members.topic_reopened(incoming.address_of(message.chat, message))
        account = incoming.Account(self._bot.id, self._bot.username)
        registry = self._dispatcher.services.registry
        heard = incoming.hear(message, account, lambda name: registry.find(name) is not None)
        if heard is None:
            return
        may_manage = await self._rights.may_manage(message.chat, message.from_user, message.sender_chat)
        person = incoming.person_of(message.from_user, message.sender_chat, may_manage=may_manage, admins=self._admins)
        attachment = await self._attachment(heard.document)
        request = incoming.request_of(message, heard, person, self._clock(), attachment=attachment)
        answer = await self._typing_meanwhile(request, self._answer(request))
        if answer is None:
            return
        rendered = self._sender.render(answer.reply, answer.language, answer.timezone).said()
        # Among many people it must be seen whom the answer is for.
        reply_to = str(message.message_id) if message.chat.type in {ChatType.GROUP, ChatType.SUPERGROUP} else ""
        await self._answers.say(request, answer, rendered.parts, reply_to=reply_to)

    async def _on_inline(self, query: InlineQuery) -> None:
        if self._is_allowed(query.from_user.id) and not await self._members.is_banned(str(query.from_user.id)):
            await self._inline.answer(query, self._dispatcher.language_of(query.from_user.language_code or ""))

    async def _attachment(self, document: Document | None) -> Attachment | None:
        """A small file that came with the message; None where it cannot be had, so that the words are answered."""
        if document is None or not 0 < (document.file_size or 0) <= MAX_ATTACHMENT_BYTES:
            return None
        try:
            file = await document.get_file()
            return Attachment(document.file_name or "file", bytes(await file.download_as_bytearray()))
        except TelegramError as error:
            log.warning("a file could not be had: %s", type(error).__name__)
            return None

    async def _typing_meanwhile(self, request: Request, work: Awaitable[Answer | None]) -> Answer | None:
        """The outcome of some work; where it takes long, the chat shows that something is on its way."""
        task = asyncio.ensure_future(work)
        try:
            done, _pending = await asyncio.wait({task}, timeout=TYPING_AFTER_S)
            if not done:
                await self._sender.show_typing(request.chat)
            return await task
        finally:
            task.cancel()


def _ids(update: Update) -> dict[str, str]:
    chat = update.effective_chat
    return {"update": str(update.update_id), "chat": "" if chat is None else str(chat.id)}

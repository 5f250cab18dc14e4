"""Updates → requests → answers. In one chat one after the other, in different chats side by side."""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import datetime, timedelta

from telegram import (
    Bot,
    CallbackQuery,
    ChatMember,
    ChatMemberUpdated,
    InlineQuery,
    InlineQueryResultArticle,
    InputTextMessageContent,
    Message,
    Update,
)
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.clock import Clock
from bot.i18n import Speech
from bot.platforms.outgoing import Failure, SendError
from bot.platforms.telegram import callbacks, incoming
from bot.platforms.telegram.render import MAX_TOAST, render
from bot.platforms.telegram.send import TelegramSender, keyboard, preview
from handlers.context import Services
from handlers.dispatch import Answer, Dispatcher
from handlers.inline import InlineResult, answer_inline
from handlers.reply import Reply, _
from handlers.request import Attachment, Person, Request
from storage import chat_moves, chats
from storage.errors import StorageError
from storage.states import ChatState, Platform

log = logging.getLogger(__name__)

ALLOWED_UPDATES = (
    "message",
    "channel_post",
    "callback_query",
    "inline_query",
    "chosen_inline_result",
    "my_chat_member",
)
RIGHTS_KEPT = timedelta(minutes=5)
MAX_ATTACHMENT_BYTES = 2 * 1024 * 1024
TRIES = 3
LONGEST_WAIT_S = 30.0
_MANAGERS = {ChatMember.ADMINISTRATOR, ChatMember.OWNER}
_GONE = {ChatMember.LEFT, ChatMember.BANNED}


class TelegramListener:
    """Answers the updates of one bot account."""

    def __init__(
        self,
        bot: Bot,
        sender: TelegramSender,
        dispatcher: Dispatcher,
        services: Services,
        clock: Clock,
        *,
        admins: frozenset[str],
        allowed_chats: frozenset[str],
    ) -> None:
        self._bot = bot
        self._sender = sender
        self._dispatcher = dispatcher
        self._services = services
        self._clock = clock
        self._admins = admins
        self._allowed_chats = allowed_chats
        self._rights: dict[tuple[int, int], tuple[datetime, bool]] = {}
        self._turns: dict[int, asyncio.Lock] = {}

    async def handle(self, update: Update) -> None:
        """Answer one update; never raises."""
        chat = update.effective_chat
        lock = asyncio.Lock() if chat is None else self._turns.setdefault(chat.id, asyncio.Lock())
        try:
            async with lock:
                await self._route(update)
        except SendError as error:
            log.info("an answer was not sent: %s %s", error.failure, error.code, extra=_ids(update))
            await self._note_failure(update, error)
        except TelegramError as error:
            log.warning("Telegram did not take a call: %s", error, extra=_ids(update))
        except StorageError as error:
            log.error("storage refused: %s", error, extra=_ids(update))
        except Exception:  # one update must never end the others
            log.exception("an update failed", extra=_ids(update))
        finally:
            if chat is not None and not lock.locked():
                self._turns.pop(chat.id, None)

    def _route(self, update: Update) -> Awaitable[None]:
        message = update.message or update.channel_post
        if message is not None:
            return self._on_message(message)
        if update.callback_query is not None:
            return self._on_press(update.callback_query)
        if update.inline_query is not None:
            return self._on_inline(update.inline_query)
        if update.my_chat_member is not None:
            return self._on_membership(update.my_chat_member)
        return asyncio.sleep(0)

    def _is_allowed(self, chat_id: int) -> bool:
        return not self._allowed_chats or f"telegram:{chat_id}" in self._allowed_chats

    async def _on_message(self, message: Message) -> None:
        if message.migrate_to_chat_id is not None:
            await self._migrate(str(message.chat.id), str(message.migrate_to_chat_id))
            return
        text = incoming.text_for(message, self._bot.username)
        if text is None or message.via_bot is not None or not self._is_allowed(message.chat.id):
            return
        if not (text or message.document):
            return
        addressed = incoming.is_addressed(message, self._bot.username, self._bot.id)
        if not addressed:
            return
        person = await self._person(message)
        attachment = await self._attachment(message)
        request = incoming.request_of(message, text, person, self._clock(), addressed=addressed, attachment=attachment)
        answer = await self._dispatcher.answer(request)
        if answer is not None:
            reply_to = "" if message.chat.type == ChatType.PRIVATE else str(message.message_id)
            await self._say(request, answer, reply_to)

    async def _person(self, message: Message) -> Person:
        user = message.from_user
        anonymous = message.sender_chat is not None and message.sender_chat.id == message.chat.id
        if message.chat.type in {ChatType.PRIVATE, ChatType.CHANNEL} or anonymous:
            may_manage = True
        else:
            may_manage = user is not None and await self._may_manage(message.chat.id, user.id)
        operator = user is not None and f"telegram:{user.id}" in self._admins
        return incoming.person_of(user, may_manage=may_manage, is_operator=operator)

    async def _may_manage(self, chat_id: int, user_id: int) -> bool:
        """Whether a person is an administrator of a group, asked of Telegram and kept for five minutes."""
        now = self._clock()
        asked_at, known = self._rights.get((chat_id, user_id), (None, False))
        if asked_at is not None and now - asked_at < RIGHTS_KEPT:
            return known
        try:
            member = await self._bot.get_chat_member(chat_id, user_id)
        except TelegramError:
            return False
        if len(self._rights) > 10_000:
            self._rights.clear()
        self._rights[chat_id, user_id] = (now, member.status in _MANAGERS)
        return member.status in _MANAGERS

    async def _attachment(self, message: Message) -> Attachment | None:
        document = message.document
        if document is None or (document.file_size or 0) > MAX_ATTACHMENT_BYTES:
            return None
        file = await self._bot.get_file(document.file_id)
        return Attachment(document.file_name or "file", bytes(await file.download_as_bytearray()))

    async def _on_press(self, query: CallbackQuery) -> None:
        message = query.message
        action = callbacks.decode(query.data or "")
        if action is None or not isinstance(message, Message):
            await self._answer_press(
                query, self._plain(query, Reply(toast=_("This button is too old; please ask anew.")))
            )
            return
        if not self._is_allowed(message.chat.id):
            await self._answer_press(query, "")
            return
        user = query.from_user
        private = message.chat.type == ChatType.PRIVATE
        may_manage = private or await self._may_manage(message.chat.id, user.id)
        person = incoming.person_of(user, may_manage=may_manage, is_operator=f"telegram:{user.id}" in self._admins)
        request = incoming.press_of(message, action, person, self._clock())
        answer = await self._dispatcher.answer(request)
        if answer is None:
            await self._answer_press(query, "")
            return
        rendered = render(answer.reply, language=answer.language, timezone=answer.timezone, now=self._clock())
        await self._answer_press(query, rendered.toast)
        if rendered.toast:
            return
        if answer.reply.edits and await self._sender.edit(str(message.chat.id), str(message.message_id), rendered):
            return
        await self._say(request, answer, "")

    def _plain(self, query: CallbackQuery, reply: Reply) -> str:
        language = self._dispatcher.language_of(query.from_user.language_code or "")
        speech = Speech(language, self._services.desk.default_timezone, self._clock())
        return speech.plain(reply.toast)[:MAX_TOAST] if reply.toast else ""

    async def _answer_press(self, query: CallbackQuery, words: str) -> None:
        try:
            await query.answer(words or None)
        except BadRequest as error:
            # The person pressed long ago; what the press wanted is done all the same.
            log.debug("a press was answered too late: %s", error)

    async def _say(self, request: Request, answer: Answer, reply_to: str) -> None:
        address = request.chat
        rendered = render(answer.reply, language=answer.language, timezone=answer.timezone, now=self._clock())
        sent: tuple[str, ...] = ()
        for attempt in range(TRIES):
            try:
                sent = await self._sender.send_rendered(
                    address.native_id, address.thread_id, rendered, sent=sent, reply_to=reply_to
                )
                break
            except SendError as error:
                sent = error.parts
                wait = (error.retry_at - self._clock()).total_seconds() if error.retry_at else 1.0 + attempt
                if error.failure is not Failure.RETRY or attempt == TRIES - 1 or wait > LONGEST_WAIT_S:
                    raise
                await asyncio.sleep(max(0.0, wait))
        for message_id in sent:
            await self._dispatcher.sent(request, answer.reply, message_id)

    async def _on_inline(self, query: InlineQuery) -> None:
        language = self._dispatcher.language_of(query.from_user.language_code or "")
        answer = await answer_inline(
            self._services, query=query.query, offset=query.offset, language=language, now=self._clock()
        )
        speech = Speech(answer.language, answer.timezone, self._clock())
        results = [self._article(result, answer.language, answer.timezone, speech) for result in answer.results]
        try:
            await self._bot.answer_inline_query(
                query.id, results, cache_time=answer.cache_s, is_personal=True, next_offset=answer.next_offset
            )
        except BadRequest as error:
            log.info("an inline query was answered too late: %s", error)

    def _article(self, result: InlineResult, language: str, timezone: str, speech: Speech) -> InlineQueryResultArticle:
        rendered = render(result.reply, language=language, timezone=timezone, now=self._clock())
        thumbnail = result.thumbnail_url if result.thumbnail_url.lower().startswith("https://") else None
        return InlineQueryResultArticle(
            id=str(result.clip_id),
            title=speech.plain(result.title)[:200],
            description=speech.plain(result.description)[:200],
            input_message_content=InputTextMessageContent(
                rendered.parts[0], parse_mode=ParseMode.HTML, link_preview_options=preview(rendered.preview_url)
            ),
            reply_markup=keyboard(rendered.keyboard),
            thumbnail_url=thumbnail,
        )

    async def _on_membership(self, change: ChatMemberUpdated) -> None:
        """The bot was blocked, unblocked, added or removed; subscriptions are kept in any case."""
        status = change.new_chat_member.status
        state = ChatState.ACTIVE
        if status in _GONE:
            state = ChatState.BLOCKED if change.chat.type == ChatType.PRIVATE else ChatState.LEFT
        async with self._services.db.write() as tx:
            chat = await chats.find(tx, Platform.TELEGRAM, str(change.chat.id))
            if chat is not None:
                await chats.set_state(tx, chat.id or 0, state, "" if state is ChatState.ACTIVE else str(status))

    async def _migrate(self, old_id: str, new_id: str) -> None:
        async with self._services.db.write() as tx:
            await chat_moves.migrate(tx, Platform.TELEGRAM, old_id, new_id)

    async def _note_failure(self, update: Update, error: SendError) -> None:
        chat = update.effective_chat
        if chat is None:
            return
        if error.failure is Failure.MOVED:
            await self._migrate(str(chat.id), error.moved_to)
        elif error.failure is Failure.GONE:
            async with self._services.db.write() as tx:
                found = await chats.find(tx, Platform.TELEGRAM, str(chat.id))
                if found is not None:
                    await chats.set_state(tx, found.id or 0, ChatState.BLOCKED, error.code)


def _ids(update: Update) -> dict[str, str]:
    chat = update.effective_chat
    return {"update": str(update.update_id), "chat": "" if chat is None else str(chat.id)}

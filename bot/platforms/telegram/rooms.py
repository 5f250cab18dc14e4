"""Groups and channels: a word when the bot comes in, channels set up from the private chat, presses under their posts.

Nothing is ever posted in a channel that its administrators did not ask for: what concerns them is told in private.
*Source*: Bot API, ChatMemberUpdated, ChatMemberAdministrator.can_post_messages, answerCallbackQuery (url).
"""

import logging
import re
from collections.abc import Callable
from dataclasses import replace

from telegram import Bot, CallbackQuery, Chat, ChatMember, ChatMemberUpdated, User
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.clock import Clock
from bot.platforms.telegram import callbacks, incoming
from bot.platforms.telegram.answers import Answers
from bot.platforms.telegram.members import can_write
from bot.platforms.telegram.rights import Rights
from bot.platforms.telegram.send import TelegramSender
from handlers import payloads, rooms
from handlers.dispatch import Answer, Dispatcher
from handlers.reply import Action, Reply
from handlers.request import Request
from storage import chats
from storage.states import ChatKind, ChatState, Platform

log = logging.getLogger(__name__)

_CHANNEL = re.compile(r"/channel\s+(?:https?://t\.me/|@)?([A-Za-z]\w{3,31}|-100\d{5,15})(?:\s+/?(\S.*))?\s*", re.DOTALL)
# What shows one clip, by its number.
_OF_A_CLIP = {"clip", "summary", "related", "save", "follow"}


class Rooms:
    """Speaks in and about groups and channels.

    Args:
        is_allowed: whether a chat of this id is answered at all.
    """

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        sender: TelegramSender,
        answers: Answers,
        rights: Rights,
        clock: Clock,
        is_allowed: Callable[[int], bool],
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._sender = sender
        self._answers = answers
        self._rights = rights
        self._clock = clock
        self._is_allowed = is_allowed

    async def changed(self, change: ChatMemberUpdated) -> None:
        """Greet a group that is new to us; tell the administrator of a channel whether it can be posted to."""
        is_writable = can_write(change.new_chat_member, change.chat.type)
        was_writable = can_write(change.old_chat_member, change.chat.type)
        if change.chat.type == ChatType.CHANNEL:
            if is_writable != was_writable or incoming.is_arrival(change):
                await self._tell(change.from_user, _state_of(change.chat, is_writable=is_writable))
        elif change.chat.type != ChatType.PRIVATE and is_writable and incoming.is_arrival(change):
            await self._greet(change)

    async def answer(self, request: Request) -> Answer | None:
        """The answer to "/channel @name …" in a private chat; None to anything else."""
        asked = _CHANNEL.fullmatch(request.text)
        if asked is None or request.chat.kind is not ChatKind.PRIVATE:
            return None
        try:
            return await self._set_up(asked[1], asked[2] or "", request)
        except TelegramError as error:
            log.info("a channel could not be looked at: %s", type(error).__name__)
            return await self._as_answer(rooms.unreachable(), request)

    async def _set_up(self, name: str, words: str, request: Request) -> Answer | None:
        chat = await self._find(name)
        own = await self._own(chat) if chat is not None and self._is_allowed(chat.id) else None
        if chat is None or own is None:
            return await self._as_answer(rooms.unseen(name), request)
        # A stranger does not even learn what the channel is called.
        if not await self._rights.may_manage(chat, User(int(request.person.native_id), "", is_bot=False)):
            return await self._as_answer(rooms.not_yours(name), request)
        is_writable = can_write(own, chat.type)
        if not words or not is_writable:
            return await self._as_answer(_state_of(chat, is_writable=is_writable), request)
        person = replace(request.person, may_manage=True)
        inner = replace(request, chat=incoming.address_of(chat), person=person, text=f"/{words}", replied=None)
        found = await self._dispatcher.answer(inner)
        if found is None:
            return None
        # Times are those of the channel, the language is that of who reads the answer.
        told = await self._as_answer(rooms.about(chat.title or name, found.reply), request)
        return replace(told, timezone=found.timezone)

    async def lead_home(self, query: CallbackQuery) -> None:
        """What a reader presses under a post opens the private chat: the channel belongs to its administrators."""
        payload = _payload_of(callbacks.decode(query.data or ""))
        await query.answer(url=f"https://t.me/{self._bot.username}?start={payload}")

    async def _find(self, name: str) -> Chat | None:
        """A channel or group of a name or number."""
        try:
            found = await self._bot.get_chat(int(name) if name.startswith("-") else f"@{name}")
        except (BadRequest, Forbidden):
            return None
        if found.type == ChatType.PRIVATE:
            return None
        return Chat(found.id, found.type, title=found.title, username=found.username)

    async def _own(self, chat: Chat) -> ChatMember | None:
        """What the bot is in a chat, None where it is not in it."""
        try:
            member = await self._bot.get_chat_member(chat.id, self._bot.id)
        except (BadRequest, Forbidden):
            return None
        return None if incoming.is_absent(member) else member

    async def _as_answer(self, reply: Reply, request: Request) -> Answer:
        """In the language of the private chat."""
        desk = self._dispatcher.services.desk
        async with self._dispatcher.services.db.read() as tx:
            chat = await chats.find(tx, Platform.TELEGRAM, request.chat.native_id)
        if chat is None:
            return Answer(reply, self._dispatcher.language_of(request.person.language), desk.default_timezone)
        return Answer(reply, chat.language, chat.timezone)

    async def _tell(self, user: User, reply: Reply) -> None:
        """Tell somebody in private, who talked to the bot before; nobody else may be written to."""
        async with self._dispatcher.services.db.read() as tx:
            chat = await chats.find(tx, Platform.TELEGRAM, str(user.id))
        if chat is None or chat.state != ChatState.ACTIVE:
            return
        person = incoming.person_of(user, None, may_manage=True, admins=frozenset())
        request = Request(chat=incoming.private_address(user), person=person, now=self._clock())
        await self._say(request, Answer(reply, chat.language, chat.timezone))

    async def _greet(self, change: ChatMemberUpdated) -> None:
        address = incoming.address_of(change.chat)
        async with self._dispatcher.services.db.read() as tx:
            if await chats.find(tx, Platform.TELEGRAM, address.native_id) is not None:
                return
        person = incoming.person_of(change.from_user, None, may_manage=True, admins=frozenset())
        request = Request(chat=address, person=person, now=self._clock(), text="/start")
        answer = await self._dispatcher.answer(request)
        if answer is not None:
            await self._say(request, answer)

    async def _say(self, request: Request, answer: Answer) -> None:
        rendered = self._sender.render(answer.reply, answer.language, answer.timezone).said()
        await self._answers.say(request, answer, rendered.parts)


def _state_of(chat: Chat, *, is_writable: bool) -> Reply:
    title = chat.title or ""
    name = f"@{chat.username}" if chat.username else str(chat.id)
    return rooms.can_post(title, name) if is_writable else rooms.cannot_post(title)


def _payload_of(action: Action | None) -> str:
    """What /start is given for a pressed button; "hello" where it has nothing of its own."""
    words = action.args[0] if action is not None and action.args else ""
    if action is None or not words:
        return "hello"
    if action.command in _OF_A_CLIP and words.isascii() and words.isdigit():
        return payloads.to_clip(int(words))
    return payloads.to_subscribe(words) or "hello" if action.command == "subscribe" else "hello"

"""What becomes of the bot in a chat: blocked, removed, silenced, back again, or moved to another chat id.

Subscriptions are kept in every case.
*Source*: Bot API, ChatMemberUpdated, ChatMember, Message.migrate_to_chat_id.
"""

from telegram import (
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberRestricted,
    ChatMemberUpdated,
)
from telegram.constants import ChatType

from bot.platforms.outgoing import Failure, SendError
from handlers.request import ChatAddress
from storage import chat_moves, chats
from storage.database import Database
from storage.errors import StorageError
from storage.states import ChatState, Platform

TOPIC_GONE = "topic_gone"
_STATES = {
    "kicked": ChatState.LEFT,
    "left": ChatState.LEFT,
    "chat_not_found": ChatState.GONE,
}


def state_of(member: ChatMember, chat_type: str) -> tuple[ChatState, str]:
    """Whether the bot can write to a chat where it is this, and the reason where not."""
    if member.status == ChatMember.BANNED:
        private = chat_type == ChatType.PRIVATE
        return (ChatState.BLOCKED, "blocked") if private else (ChatState.LEFT, "kicked")
    if member.status == ChatMember.LEFT:
        return ChatState.LEFT, "left"
    if isinstance(member, ChatMemberRestricted) and not (member.is_member and member.can_send_messages):
        return ChatState.BLOCKED, "no_rights"
    if chat_type == ChatType.CHANNEL and not (isinstance(member, ChatMemberAdministrator) and member.can_post_messages):
        return ChatState.BLOCKED, "no_rights"
    return ChatState.ACTIVE, ""


def can_write(member: ChatMember, chat_type: str) -> bool:
    """Whether the bot can write to a chat where it is this."""
    return state_of(member, chat_type)[0] is ChatState.ACTIVE


class Members:
    """Writes down what becomes of the bot in its chats."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def changed(self, change: ChatMemberUpdated) -> None:
        """The bot was blocked, unblocked, added, removed, promoted or restricted."""
        state, reason = state_of(change.new_chat_member, change.chat.type)
        await self._set(str(change.chat.id), state, reason)

    async def is_banned(self, chat_id: str) -> bool:
        """Whether the operator banned a chat, which a person's private chat is too; not while the database refuses."""
        try:
            async with self._db.read() as tx:
                chat = await chats.find(tx, Platform.TELEGRAM, chat_id)
        except StorageError:
            return False
        return chat is not None and chat.state == ChatState.BANNED

    async def move(self, old_id: str, new_id: str) -> None:
        """Give a chat its new id; a second time changes nothing."""
        async with self._db.write() as tx:
            if await chat_moves.migrate(tx, Platform.TELEGRAM, old_id, new_id):
                # Telegram may have said before that the bot is no longer in the old one.
                await chat_moves.set_state(tx, Platform.TELEGRAM, new_id, ChatState.ACTIVE)

    async def leave_thread(self, address: ChatAddress) -> None:
        """A forum topic was deleted; what it has goes to its group."""
        async with self._db.write() as tx:
            await chat_moves.leave_thread(tx, address.platform, address.native_id, address.thread_id)

    async def topic_reopened(self, address: ChatAddress) -> None:
        """A topic that was closed can be written to again."""
        async with self._db.write() as tx:
            chat = await chats.find(tx, address.platform, address.native_id, address.thread_id)
            if chat is not None and chat.state_reason == TOPIC_GONE:
                await chats.set_state(tx, chat.id or 0, ChatState.ACTIVE)

    async def failed(self, chat_id: str, error: SendError) -> None:
        """An answer could not be sent because of the chat itself."""
        if error.failure in {Failure.GONE, Failure.MISSING} and error.code != TOPIC_GONE:
            await self._set(chat_id, _STATES.get(error.code, ChatState.BLOCKED), error.code)

    async def _set(self, chat_id: str, state: ChatState, reason: str) -> None:
        async with self._db.write() as tx:
            await chat_moves.set_state(tx, Platform.TELEGRAM, chat_id, state, reason)

"""What becomes of the bot in a chat: blocked, removed, silenced, back again, or moved to another chat id.

Subscriptions are kept in every case.
*Source*: Bot API, ChatMemberUpdated, ChatMember, Message.migrate_to_chat_id.
"""

from telegram import (
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Message,
)
from telegram.constants import ChatType

from bot.platforms.outgoing import Failure, SendError
from storage import chat_moves
from storage.database import Database
from storage.states import ChatState, Platform

_STATES = {
    "kicked": ChatState.LEFT,
    "left": ChatState.LEFT,
    "chat_not_found": ChatState.GONE,
}


def state_after(change: ChatMemberUpdated) -> tuple[ChatState, str]:
    """Whether the chat can be written to after a change of what the bot is there, and the reason where not."""
    member, chat_type = change.new_chat_member, change.chat.type
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


class Members:
    """Writes down what becomes of the bot in its chats."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def changed(self, change: ChatMemberUpdated) -> None:
        """The bot was blocked, unblocked, added, removed, promoted or restricted."""
        state, reason = state_after(change)
        await self._set(str(change.chat.id), state, reason)

    async def moved(self, message: Message) -> bool:
        """Whether a message says that the chat has another id; everything of the old one is kept."""
        if message.migrate_to_chat_id is not None:
            await self.move(str(message.chat.id), str(message.migrate_to_chat_id))
            return True
        if message.migrate_from_chat_id is not None:
            await self.move(str(message.migrate_from_chat_id), str(message.chat.id))
            return True
        return False

    async def move(self, old_id: str, new_id: str) -> None:
        """Give a chat its new id; a second time changes nothing."""
        async with self._db.write() as tx:
            await chat_moves.migrate(tx, Platform.TELEGRAM, old_id, new_id)

    async def failed(self, chat_id: str, error: SendError) -> None:
        """An answer could not be sent because of the chat itself."""
        if error.failure in {Failure.GONE, Failure.MISSING} and error.code != "topic_gone":
            await self._set(chat_id, _STATES.get(error.code, ChatState.BLOCKED), error.code)

    async def _set(self, chat_id: str, state: ChatState, reason: str) -> None:
        async with self._db.write() as tx:
            await chat_moves.set_state(tx, Platform.TELEGRAM, chat_id, state, reason)

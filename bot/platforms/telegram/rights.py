"""Who may change a chat's settings: asked of Telegram, and kept for a minute."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from telegram import Bot, Chat, ChatMember, User
from telegram.constants import ChatType
from telegram.error import TelegramError

log = logging.getLogger(__name__)

KEPT = timedelta(minutes=1)
MOST_KEPT = 10_000
_MANAGERS = {ChatMember.ADMINISTRATOR, ChatMember.OWNER}


class Rights:
    """Administrators of groups and channels, as far as they spoke to the bot."""

    def __init__(self, bot: Bot, clock: Callable[[], datetime]) -> None:
        self._bot = bot
        self._clock = clock
        self._known: dict[tuple[int, int], tuple[datetime, bool]] = {}

    async def may_manage(self, chat: Chat, user: User | None, sender_chat: Chat | None = None) -> bool:
        """Whether somebody may change a chat's settings; not, where Telegram cannot be asked.

        Args:
            sender_chat: the chat in whose name the message stands there, such as the linked channel of a group.
        """
        if chat.type == ChatType.PRIVATE:
            return True
        # An anonymous administrator speaks as the group itself, and so does every post of a channel.
        if sender_chat is not None:
            return sender_chat.id == chat.id
        if user is None:
            return False
        now = self._clock()
        asked_at, known = self._known.get((chat.id, user.id), (now - KEPT, False))
        if now - asked_at < KEPT:
            return known
        try:
            member = await self._bot.get_chat_member(chat.id, user.id)
        except TelegramError as error:
            log.info("nobody could say who may manage: %s", type(error).__name__, extra={"chat": str(chat.id)})
            return False
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[chat.id, user.id] = (now, member.status in _MANAGERS)
        return member.status in _MANAGERS

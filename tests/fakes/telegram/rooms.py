"""Groups, supergroups and channels, and what becomes of the bot in them.

*Source*: https://core.telegram.org/bots/api#chatmemberupdated, #chat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .sending import add_message
from .world import Chat, Kind, Member, Message, Status, Topic, User

if TYPE_CHECKING:
    from .backend import Backend
    from .people import Person

Json = dict[str, Any]

_ALL_RIGHTS = (
    "can_change_info",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_pin_messages",
    "can_manage_topics",
    "can_promote_members",
)
_CHANNEL_RIGHTS = ("can_post_messages", "can_edit_messages", "can_delete_messages", "can_invite_users")


class Room:
    """A group, supergroup or channel."""

    def __init__(self, backend: Backend, chat: Chat) -> None:
        self._backend = backend
        self.chat = chat

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def bot(self) -> Member:
        """What the bot is here."""
        return self._backend.world.bot_member(self.chat)

    def add(self, person: Person, status: Status = Status.MEMBER) -> Room:
        """A person joins without a word."""
        self.chat.members[person.id] = Member(person.user, status)
        return self

    def set_bot(self, status: Status, by: Person | None = None, **rights: bool) -> None:
        """Make the bot something here; it learns of it by a my_chat_member update."""
        world = self._backend.world
        before = world.bot_member(self.chat).as_json()
        after = Member(world.bot, status, rights)
        self.chat.members[world.bot.id] = after
        actor = by.user if by else _anybody(self.chat, world.bot)
        change: Json = {"chat": self.chat.as_json(), "from": actor.as_json(), "date": self._backend.unix_time()}
        change |= {"old_chat_member": before, "new_chat_member": after.as_json()}
        self._backend.updates.add("my_chat_member", change)

    def has_bot(self, status: Status = Status.MEMBER, **rights: bool) -> Room:
        """The bot has been something here since before it was started; it learns nothing of it."""
        self.chat.members[self._backend.bot.id] = Member(self._backend.bot, status, rights)
        return self

    def adds_bot(self, by: Person | None = None) -> None:
        """Somebody adds the bot as an ordinary member."""
        self.set_bot(Status.MEMBER, by)
        if self.chat.kind is not Kind.CHANNEL:
            actor = by.user if by else _anybody(self.chat, self._backend.bot)
            joined = {"new_chat_members": [self._backend.bot.as_json()]}
            message = add_message(self._backend, self.chat, actor, joined, by_bot=False)
            self._backend.updates.add("message", message.payload)

    def promotes_bot(self, by: Person | None = None, **rights: bool) -> None:
        """The bot becomes administrator, with the usual rights unless some are named."""
        usual = _CHANNEL_RIGHTS if self.chat.kind is Kind.CHANNEL else _ALL_RIGHTS
        self.set_bot(Status.ADMINISTRATOR, by, **(rights or dict.fromkeys(usual, True)))

    def kicks_bot(self, by: Person | None = None) -> None:
        """The bot is banned."""
        self.set_bot(Status.KICKED, by)

    def restricts_bot(self, by: Person | None = None) -> None:
        """The bot stays but may not write."""
        self.set_bot(Status.RESTRICTED, by)

    def topic(self, name: str) -> Topic:
        """A new forum topic; the group becomes a forum."""
        self.chat.is_forum = True
        self.chat.as_json()["is_forum"] = True
        topic = Topic(self._backend.world.new_message_id(self.chat), name)
        self.chat.topics[topic.thread_id] = topic
        return topic

    def deletes_topic(self, topic: Topic) -> None:
        """A topic is gone for good; Telegram tells bots nothing of it."""
        del self.chat.topics[topic.thread_id]

    def upgrade(self) -> Room:
        """The group becomes a supergroup with another id; the old id answers with migrate_to_chat_id from now on."""
        backend, old = self._backend, self.chat
        new = backend.world.add_chat(Kind.SUPERGROUP, title=old.title)
        new.members = dict(old.members)
        actor = _anybody(old, backend.bot)
        for chat, content in ((old, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": old.id})):
            message = add_message(backend, chat, actor, content, by_bot=False)
            backend.updates.add("message", message.payload)
        old.migrated_to = new
        return Room(backend, new)

    async def posts(self, text: str) -> Message:
        """A channel post of its owners."""
        message = add_message(self._backend, self.chat, None, {"text": text}, by_bot=False)
        self._backend.updates.add("channel_post", message.payload)
        return message

    async def hears(self, timeout_s: float = 5.0) -> Message:
        """The bot's next message here that nobody has taken yet."""
        return await self._backend.next_message_in(self.chat, timeout_s)

    @property
    def messages(self) -> list[Message]:
        """All messages of the bot here that still exist."""
        return self._backend.messages(self.chat)


def _anybody(chat: Chat, bot: User) -> User:
    people = [member for member in chat.members.values() if member.user is not bot and member.is_present]
    owners = [member for member in people if member.status is Status.CREATOR]
    return (owners or people or [Member(User(777000, "Telegram"))])[0].user

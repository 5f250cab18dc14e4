"""Native messages and presses → requests. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from telegram import Chat, ChatMember, ChatMemberUpdated, Document, Message, MessageEntity, User
from telegram.constants import ChatType

from handlers.reply import Action
from handlers.request import Attachment, ChatAddress, Person, Replied, Request
from storage.states import ChatKind, Platform

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]+))?(?=\s|$)")
_ABSENT = {ChatMember.LEFT, ChatMember.BANNED}
_KINDS = {ChatType.PRIVATE: ChatKind.PRIVATE, ChatType.CHANNEL: ChatKind.CHANNEL}


@dataclass(frozen=True, slots=True)
class Account:
    """Who the bot is."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that is meant for us: what it says, without our name."""

    text: str
    urls: tuple[str, ...]
    replied: Replied | None
    document: Document | None


def hear(message: Message, account: Account, knows: Callable[[str], bool]) -> Heard | None:
    """What a message says to us; None where it was not meant for us, or says nothing.

    Args:
        knows: whether we have a command of that name; in a group an unknown one belongs to another bot.
    """
    if _is_made_by_a_program(message, account):
        return None
    text = message.text or message.caption or ""
    if not text and message.effective_attachment is None:  # somebody joined, a title changed and the like
        return None
    spoken = _spoken_to_us(message, text, account, knows)
    if spoken is None:
        return None
    is_post = message.forward_origin is not None or not spoken.startswith("/")
    return Heard(spoken, urls_of(message) if is_post else (), replied_of(message), message.document)


def migration_of(message: Message) -> tuple[str, str] | None:
    """The old and the new id of a group that became a supergroup, where a message says so."""
    if message.migrate_to_chat_id is not None:
        return str(message.chat.id), str(message.migrate_to_chat_id)
    if message.migrate_from_chat_id is not None:
        return str(message.migrate_from_chat_id), str(message.chat.id)
    return None


def is_arrival(change: ChatMemberUpdated) -> bool:
    """Whether the bot was not in the chat before, and is now."""
    return is_absent(change.old_chat_member) and not is_absent(change.new_chat_member)


def is_absent(member: ChatMember) -> bool:
    """Whether somebody is not in a chat."""
    return member.status in _ABSENT


def _is_made_by_a_program(message: Message, account: Account) -> bool:
    """Inline results of ours come back as messages, channels repeat their posts in groups, and bots talk."""
    if message.via_bot is not None and message.via_bot.id == account.id:
        return True
    sender = message.from_user
    is_bot = sender is not None and sender.is_bot and message.sender_chat is None
    return is_bot or bool(message.is_automatic_forward)


def _spoken_to_us(message: Message, text: str, account: Account, knows: Callable[[str], bool]) -> str | None:
    is_private = message.chat.type == ChatType.PRIVATE
    command = _COMMAND.match(text)
    if command is not None:
        name, addressee = command[1], (command[2] or "").lower()
        if addressee and addressee != account.username.lower():
            return None
        return f"/{name}{text[command.end() :]}" if is_private or addressee or knows(name) else None
    mention = re.compile(rf"@{re.escape(account.username)}\b", re.IGNORECASE)
    if is_private:
        return mention.sub("", text).strip()
    if message.chat.type == ChatType.CHANNEL:
        return None
    answered = message.reply_to_message
    is_answer = answered is not None and answered.from_user is not None and answered.from_user.id == account.id
    return mention.sub("", text).strip() if is_answer or mention.search(text) else None


def urls_of(message: Message | None) -> tuple[str, ...]:
    """The addresses that a message links to, in order."""
    if message is None:
        return ()
    wanted: list[str | None] = [MessageEntity.TEXT_LINK, MessageEntity.URL]
    found = message.parse_entities(wanted) if message.text else message.parse_caption_entities(wanted)
    addresses = (entity.url or text for entity, text in found.items())
    return tuple(url for url in addresses if url.lower().startswith(("http://", "https://")))


def replied_of(message: Message) -> Replied | None:
    """The message that this one answers; the first message of a forum topic is not one."""
    answered = message.reply_to_message
    if answered is None or answered.forum_topic_created is not None:
        return None
    return Replied(str(answered.message_id), urls_of(answered))


def address_of(chat: Chat, message: Message | None = None) -> ChatAddress:
    """Where a chat is; a forum topic is a chat of its own."""
    thread = ""
    # Replies in ordinary supergroups have a thread id too; only topics are places to write to.
    if message is not None and message.is_topic_message and message.message_thread_id is not None:
        thread = str(message.message_thread_id)
    title = chat.title or chat.effective_name or ""
    return ChatAddress(Platform.TELEGRAM, str(chat.id), thread, _KINDS.get(ChatType(chat.type), ChatKind.GROUP), title)


def private_address(user: User) -> ChatAddress:
    """A person's private chat, which has the person's id."""
    return ChatAddress(Platform.TELEGRAM, str(user.id), title=user.full_name)


def person_of(user: User | None, sender_chat: Chat | None, *, may_manage: bool, admins: frozenset[str]) -> Person:
    """Who speaks: a person, or a chat for whose administrators Telegram names nobody."""
    if sender_chat is not None or user is None:
        native_id = str(sender_chat.id) if sender_chat is not None else ""
        name = (sender_chat.effective_name or "") if sender_chat is not None else ""
        language = ""
    else:
        native_id, name, language = str(user.id), user.full_name, user.language_code or ""
    return Person(native_id, name, language, may_manage=may_manage, is_operator=f"telegram:{native_id}" in admins)


def share_link_of(username: str) -> str:
    """Where a link to the bot of this name is sent to others (Telegram, "Share links")."""
    return f"https://t.me/share/url?url=https%3A%2F%2Ft.me%2F{username}%3Fstart%3D{{payload}}&text={{words}}"


def request_of(
    message: Message, heard: Heard, person: Person, now: datetime, *, attachment: Attachment | None = None
) -> Request:
    """A message as a request."""
    return Request(
        chat=address_of(message.chat, message),
        person=person,
        now=now,
        text=heard.text,
        message_id=str(message.message_id),
        replied=heard.replied,
        urls=heard.urls,
        attachment=attachment,
        share_link=share_link_of(message.get_bot().username),
        is_addressed=True,
    )


def press_of(
    address: ChatAddress, message_id: str, action: Action, person: Person, now: datetime, *, share_link: str = ""
) -> Request:
    """A pressed button as a request."""
    replied = Replied(message_id) if message_id else None
    return Request(
        chat=address,
        person=person,
        now=now,
        action=action,
        message_id=message_id,
        replied=replied,
        share_link=share_link,
    )

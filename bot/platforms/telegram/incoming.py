"""Native messages and presses → requests; pure but for the answer to "may this person change settings?"."""

import re
from datetime import datetime

from telegram import Chat, Message, MessageEntity, User
from telegram.constants import ChatType

from handlers.reply import Action
from handlers.request import Attachment, ChatAddress, Person, Replied, Request
from storage.states import ChatKind, Platform

_COMMAND = re.compile(r"^/([A-Za-z0-9_]+)@([A-Za-z0-9_]+)")
_KINDS = {ChatType.PRIVATE: ChatKind.PRIVATE, ChatType.CHANNEL: ChatKind.CHANNEL}


def address_of(chat: Chat, message: Message | None = None) -> ChatAddress:
    """Where a chat is; a forum topic is a chat of its own."""
    thread = ""
    if message is not None and message.is_topic_message and message.message_thread_id is not None:
        thread = str(message.message_thread_id)
    title = chat.title or chat.effective_name or ""
    return ChatAddress(Platform.TELEGRAM, str(chat.id), thread, _KINDS.get(ChatType(chat.type), ChatKind.GROUP), title)


def person_of(user: User | None, *, may_manage: bool, is_operator: bool) -> Person:
    """Who speaks; a channel or an anonymous administrator has no user."""
    if user is None:
        return Person("", may_manage=may_manage)
    return Person(
        str(user.id), user.full_name, user.language_code or "", may_manage=may_manage, is_operator=is_operator
    )


def text_for(message: Message, username: str) -> str | None:
    """What was said to us: the text without our name, None where it is a command of another bot."""
    text = message.text or message.caption or ""
    command = _COMMAND.match(text)
    if command is not None:
        if command[2].lower() != username.lower():
            return None
        return f"/{command[1]}{text[command.end() :]}"
    return re.sub(rf"@{re.escape(username)}\b", "", text, flags=re.IGNORECASE).strip() if username else text


def is_addressed(message: Message, username: str, bot_id: int) -> bool:
    """Whether a message is meant for us: private, a command, our name in it, or an answer to us."""
    text = message.text or message.caption or ""
    if message.chat.type == ChatType.PRIVATE or text.startswith("/"):
        return True
    if username and f"@{username}".lower() in text.lower():
        return True
    answered = message.reply_to_message
    return answered is not None and answered.from_user is not None and answered.from_user.id == bot_id


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


def request_of(
    message: Message, text: str, person: Person, now: datetime, *, addressed: bool, attachment: Attachment | None = None
) -> Request:
    """A message as a request."""
    is_forwarded = message.forward_origin is not None
    return Request(
        chat=address_of(message.chat, message),
        person=person,
        now=now,
        text=text,
        message_id=str(message.message_id),
        replied=replied_of(message),
        urls=urls_of(message) if is_forwarded or not text.startswith("/") else (),
        attachment=attachment,
        is_addressed=addressed,
    )


def press_of(message: Message, action: Action, person: Person, now: datetime) -> Request:
    """A pressed button as a request."""
    return Request(
        chat=address_of(message.chat, message),
        person=person,
        now=now,
        action=action,
        message_id=str(message.message_id),
        replied=Replied(str(message.message_id)),
    )

"""What reaches the bot, the same from every platform."""

from dataclasses import dataclass
from datetime import datetime

from handlers.reply import Action
from storage.states import ChatKind, Platform


@dataclass(frozen=True, slots=True)
class ChatAddress:
    """Where an answer goes: platform, the platform's own chat id, and a thread inside it where there is one."""

    platform: Platform
    native_id: str
    thread_id: str = ""
    kind: ChatKind = ChatKind.PRIVATE
    title: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who speaks.

    Attributes:
        language: the language tag that the person's client reports ("de-AT"), "" where unknown.
        may_manage: may change this chat's settings (administrator of a group, or a private chat).
        is_operator: is one of the operator's ADMINS.
    """

    native_id: str
    name: str = ""
    language: str = ""
    may_manage: bool = True
    is_operator: bool = False


@dataclass(frozen=True, slots=True)
class Replied:
    """The message that this one answers."""

    message_id: str
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file sent with the message, small enough to be read (OPML)."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One message or button press.

    Attributes:
        text: what was typed, unchanged; "" for a button.
        action: the command of a pressed button.
        urls: links in the message that its text does not spell out (text links, forwarded posts).
        share_link: where a person chooses whom to send a link into our private chat, with {payload} for what the
            link carries and {words} for what is said beside it; "" where the platform has no such place.
        is_addressed: the bot was spoken to (private chat, command, mention, reply to it).
        now: when it came, aware UTC.
    """

    chat: ChatAddress
    person: Person
    now: datetime
    text: str = ""
    action: Action | None = None
    message_id: str = ""
    replied: Replied | None = None
    urls: tuple[str, ...] = ()
    attachment: Attachment | None = None
    share_link: str = ""
    is_addressed: bool = True

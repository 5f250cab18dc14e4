"""Users, chats, members, topics and messages: the small world that the fake server knows.

*Source*: https://core.telegram.org/bots/api#available-types (User, Chat, ChatFullInfo, ChatMember, Message).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any

from .failures import bad_request
from .marks import as_html, cut_utf16

Json = dict[str, Any]

BOT_ADMIN_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
_RESTRICTED_RIGHTS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
_FIRST_SUPERGROUP = -1_001_000_000_000
_FIRST_GROUP = -5_000_000
_FIRST_USER = 100_001


class Kind(StrEnum):
    """Chat.type."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Status(StrEnum):
    """ChatMember.status."""

    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"


@dataclass(slots=True, eq=False)
class User:
    """Somebody with an account: a person or a bot."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    is_deactivated: bool = False

    def as_json(self) -> Json:
        """The User object."""
        optional = {"last_name": self.last_name, "username": self.username, "language_code": self.language_code}
        core: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        return core | {name: value for name, value in optional.items() if value}


@dataclass(slots=True)
class Member:
    """What one user is in one chat; `rights` holds the administrator's can_… flags."""

    user: User
    status: Status = Status.MEMBER
    rights: dict[str, bool] = field(default_factory=dict)

    @property
    def is_present(self) -> bool:
        return self.status not in {Status.LEFT, Status.KICKED}

    @property
    def is_admin(self) -> bool:
        return self.status in {Status.CREATOR, Status.ADMINISTRATOR}

    def may(self, right: str) -> bool:
        """Whether the member is the creator or an administrator with this right."""
        return self.status is Status.CREATOR or (self.is_admin and self.rights.get(right, False))

    def as_json(self) -> Json:
        """The ChatMember object."""
        core: Json = {"status": self.status.value, "user": self.user.as_json()}
        if self.status is Status.CREATOR:
            return core | {"is_anonymous": False}
        if self.status is Status.ADMINISTRATOR:
            return core | dict.fromkeys(BOT_ADMIN_RIGHTS, False) | {"can_manage_chat": True} | self.rights
        if self.status is Status.RESTRICTED:
            return core | {"is_member": True, "until_date": 0} | dict.fromkeys(_RESTRICTED_RIGHTS, False) | self.rights
        if self.status is Status.KICKED:
            return core | {"until_date": 0}
        return core


@dataclass(slots=True)
class Topic:
    """A forum topic; its id is the message_thread_id."""

    thread_id: int
    name: str
    icon_color: int = 7322096
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button as a person sees it."""

    text: str
    callback_data: str = ""
    url: str = ""
    payload: Json = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Message:
    """A message that exists (or existed) in a chat; `payload` is the Message object as the server answers it.

    Attributes:
        sender: None for channel posts.
        edits: the payloads before each edit, oldest first.
    """

    chat: "Chat"
    message_id: int
    payload: Json
    sender: User | None
    is_from_bot: bool
    edits: list[Json] = field(default_factory=list)
    edits_taken: int = 0
    is_deleted: bool = False
    is_taken: bool = False
    inline_message_id: str = ""
    reactions: list[Json] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Text or caption, without markup."""
        return str(self.payload.get("text", self.payload.get("caption", "")))

    @property
    def entities(self) -> list[Json]:
        """Entities of the text or caption."""
        found: list[Json] = self.payload.get("entities") or self.payload.get("caption_entities") or []
        return found

    @property
    def html(self) -> str:
        """Text and entities written as HTML again."""
        return as_html(self.text, self.entities)

    @property
    def links(self) -> dict[str, str]:
        """Visible text → URL of the text links."""
        cut = ((entity, cut_utf16(self.text, entity["offset"], entity["length"])) for entity in self.entities)
        return {text: entity["url"] for entity, text in cut if entity["type"] == "text_link"}

    @property
    def rows(self) -> list[list[Button]]:
        """The inline keyboard, row by row."""
        keyboard = self.payload.get("reply_markup", {}).get("inline_keyboard", [])
        return [
            [Button(b["text"], b.get("callback_data", ""), b.get("url", ""), b) for b in buttons]
            for buttons in keyboard
        ]

    @property
    def buttons(self) -> list[Button]:
        """The inline buttons in reading order."""
        return [button for row in self.rows for button in row]

    def button(self, text: str) -> Button:
        """The button with this text.

        Raises:
            LookupError: there is none; the message names those that exist.
        """
        for button in self.buttons:
            if button.text == text:
                return button
        raise LookupError(f"no button {text!r}; there are {[button.text for button in self.buttons]}")

    @property
    def thread_id(self) -> int | None:
        found: int | None = self.payload.get("message_thread_id")
        return found

    @property
    def media(self) -> str:
        """Which kind of media the message carries, "" for text."""
        kinds = ("animation", "photo", "video", "document", "audio")
        return next((kind for kind in kinds if kind in self.payload), "")


@dataclass(slots=True, eq=False)
class Chat:
    """One chat.

    Attributes:
        is_started: private chats only: the person has written to the bot at least once.
        is_blocked: private chats only: the person blocked the bot.
        may_members_write: False where the group forbids messages of ordinary members.
    """

    id: int
    kind: Kind
    title: str = ""
    username: str = ""
    user: User | None = None
    is_forum: bool = False
    is_started: bool = False
    is_blocked: bool = False
    may_members_write: bool = True
    migrated_to: "Chat | None" = None
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    untaken: dict[int, Message] = field(default_factory=dict)
    _next_id: Iterator[int] = field(default_factory=lambda: count(1))
    _json: Json = field(default_factory=dict)

    @property
    def is_private(self) -> bool:
        return self.kind is Kind.PRIVATE

    @property
    def has_own_ids(self) -> bool:
        return self.kind in {Kind.SUPERGROUP, Kind.CHANNEL}

    def new_message_id(self) -> int:
        return next(self._next_id)

    def as_json(self) -> Json:
        """The Chat object; made once, as it stands in every message."""
        if not self._json:
            self._json = {"id": self.id, "type": self.kind.value}
            if self.user is not None:
                names = {"first_name": self.user.first_name, "last_name": self.user.last_name}
                self._json |= {name: value for name, value in names.items() if value}
            else:
                self._json["title"] = self.title
            if username := self.user.username if self.user else self.username:
                self._json["username"] = username
            if self.is_forum:
                self._json["is_forum"] = True
        return self._json

    def as_full_json(self) -> Json:
        """The ChatFullInfo object with the fields that it always has."""
        gifts = dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), True
        )
        return self.as_json() | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


class World:
    """Everything that exists, and how the bot may find it.

    Attributes:
        unfetchable: URL → the real server's words for why it cannot get that picture.
    """

    def __init__(self, bot: User, unix_time: Callable[[], int]) -> None:
        self.bot = bot
        self.unix_time = unix_time
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.names: dict[str, Chat] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.unfetchable: dict[str, str] = {}
        self.inline_messages: dict[str, Message] = {}
        self._user_ids = count(_FIRST_USER)
        self._group_ids = count(_FIRST_GROUP, -1)
        self._supergroup_ids = count(_FIRST_SUPERGROUP, -1)
        self._message_ids = count(1)
        self._file_ids = count(1)

    def new_user_id(self) -> int:
        return next(self._user_ids)

    def add_chat(self, kind: Kind, *, user: User | None = None, title: str = "", username: str = "") -> Chat:
        """A new chat; a private one has its user's id, as the real ones do."""
        ids = self._group_ids if kind is Kind.GROUP else self._supergroup_ids
        chat_id = user.id if user is not None else next(ids)
        chat = Chat(chat_id, kind, title, username, user)
        self.chats[chat_id] = chat
        if username:
            self.names[f"@{username.lower()}"] = chat
        return chat

    def chat(self, chat_id: int | str) -> Chat:
        """The chat by id or @username.

        Raises:
            ApiError: "chat not found".
        """
        found = self.chats.get(chat_id) if isinstance(chat_id, int) else self.names.get(chat_id.lower())
        if found is None:
            raise bad_request("chat_id is empty" if chat_id == "" else "chat not found")
        return found

    def new_message_id(self, chat: Chat) -> int:
        """Supergroups and channels count their own messages; private chats and groups share the bot's counter."""
        return chat.new_message_id() if chat.has_own_ids else next(self._message_ids)

    def keep_file(self, content: bytes, folder: str, name: str) -> tuple[str, str]:
        """Stores a file; its file_id and file_unique_id."""
        number = next(self._file_ids)
        file_id = f"AgACAgIAAxkBAAI{number:08d}"
        self.files[file_id] = (f"{folder}/file_{number}{name[name.rfind('.') :] if '.' in name else ''}", content)
        return file_id, f"AQAD{number:08d}"

    def bot_member(self, chat: Chat) -> Member:
        """What the bot is in a chat; a stranger counts as having left."""
        return chat.members.get(self.bot.id) or Member(self.bot, Status.LEFT)

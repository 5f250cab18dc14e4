"""What a homeserver tells, as plain records: events of rooms, invitations, and batches of them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MESSAGE = "m.room.message"
REACTION = "m.reaction"
MEMBER = "m.room.member"
TOMBSTONE = "m.room.tombstone"
ENCRYPTED = "m.room.encrypted"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a room, decrypted where it could be.

    Attributes:
        membership_before: what a member was before this event, "" where nothing is said.
        age_ms: how long ago it was sent, by the homeserver's clock.
        native: the library's object of an event that could not be decrypted, to try again later.
    """

    room_id: str
    event_id: str
    sender: str
    kind: str
    content: Mapping[str, Any]
    state_key: str | None = None
    membership_before: str = ""
    age_ms: int = 0
    native: object = None

    @property
    def is_tombstone(self) -> bool:
        """Whether the room is replaced with it; what anybody may send under that name is none."""
        return self.kind == TOMBSTONE and self.state_key == ""

    @property
    def relation(self) -> Mapping[str, Any]:
        """How it relates to another event; empty where it does not."""
        found = self.content.get("m.relates_to")
        return found if isinstance(found, Mapping) else {}

    @property
    def thread_root(self) -> str:
        """The first event of the thread that it is in, "" outside of threads."""
        return text_of(self.relation, "event_id") if self.relation.get("rel_type") == "m.thread" else ""

    def joins(self, user_id: str) -> bool:
        """Whether somebody comes into the room with it; a new name or picture is no coming."""
        is_here = self.is_membership_of(user_id) and self.content.get("membership") == "join"
        return is_here and self.membership_before != "join"

    def is_membership_of(self, user_id: str) -> bool:
        """Whether it says what somebody is in the room."""
        return self.kind == MEMBER and self.state_key == user_id


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody wants us in a room."""

    room_id: str
    inviter: str
    is_direct: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """What happened since the last one.

    Attributes:
        since: where the next one begins.
        is_history: there was none before, so that all of this happened before our time.
        left: rooms that we are not in any more → the event that says so, where there is one.
    """

    since: str
    is_history: bool = False
    invitations: tuple[Invitation, ...] = ()
    timelines: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    left: Mapping[str, Event | None] = field(default_factory=dict)


def event_of(source: Mapping[str, Any], room_id: str, native: object = None, *, is_secret: bool = False) -> Event:
    """An event as the homeserver, or the decryption, gives it.

    Args:
        is_secret: it was encrypted, and so is no part of the room's state whatever its sender wrote.
    """
    content, unsigned = source.get("content"), source.get("unsigned")
    unsigned = unsigned if isinstance(unsigned, Mapping) else {}
    age, before = unsigned.get("age"), unsigned.get("prev_content")
    state_key = source.get("state_key")
    return Event(
        room_id,
        text_of(source, "event_id"),
        text_of(source, "sender"),
        text_of(source, "type"),
        content if isinstance(content, Mapping) else {},
        state_key if isinstance(state_key, str) and not is_secret else None,
        text_of(before, "membership") if isinstance(before, Mapping) else "",
        age if isinstance(age, int) else 0,
        native,
    )


def text_of(content: Mapping[str, Any], key: str) -> str:
    """A text of foreign content, "" where it is none."""
    found = content.get(key)
    return found if isinstance(found, str) else ""

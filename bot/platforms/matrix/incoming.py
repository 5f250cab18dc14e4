"""Native messages and reactions → what they say to us. Pure.

*Source*: Client-Server API, 11.2 "Instant messaging": msgtypes, mentions, replies, edits; 11.10 "Event annotations".
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.platforms.matrix.events import MESSAGE, REACTION, Event, text_of
from handlers.request import ChatAddress, Replied
from storage.states import ChatKind, Platform

_COMMAND = re.compile(r"!([A-Za-z0-9_]{1,64})(?=\s|$)")
_OUTLINE_ENDINGS = (".opml", ".xml")
MAX_ATTACHMENT_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that is meant for us: what it says, without our name.

    Attributes:
        file: the content of a message with a small file, None where there is none.
    """

    text: str
    replied: Replied | None
    file: Event | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that somebody put under a message."""

    event_id: str
    target_id: str
    key: str
    sender: str


def hear(
    event: Event, me: str, names: Sequence[str], *, is_private: bool, knows: Callable[[str], bool]
) -> Heard | None:
    """What a message says to us; None where it was not meant for us, comes from a program, or changes an old one.

    Args:
        me: our user id.
        names: how else we are called in this room.
        knows: whether we have a command of that name; in a room of many an unknown one belongs to another bot.
    """
    if event.kind != MESSAGE or event.sender == me or event.relation.get("rel_type") == "m.replace":
        return None
    kind = text_of(event.content, "msgtype")
    if kind not in {"m.text", "m.file"}:
        return None
    file = event if kind == "m.file" and _is_small(event) else None
    words = _words(event)
    spoken = _spoken_to_us(event, words, me, names, is_private=is_private, knows=knows)
    if spoken is None:
        return None
    if file is not None and not spoken and _file_name(file).lower().endswith(_OUTLINE_ENDINGS):
        spoken = "!importopml"  # many clients cannot send words with a file
    return Heard(spoken, _replied(event), file)


def _words(event: Event) -> str:
    """What the person wrote: without the quotation that older clients put before an answer, or a bare file's name."""
    body = text_of(event.content, "body")
    if text_of(event.content, "msgtype") == "m.file":
        return body.strip() if text_of(event.content, "filename") not in {"", body} else ""
    if "m.in_reply_to" in event.relation and body.startswith("> "):
        lines = body.split("\n")
        while lines and lines[0].startswith(">"):
            lines.pop(0)
        body = "\n".join(lines)
    return body.strip()


def _spoken_to_us(
    event: Event, words: str, me: str, names: Sequence[str], *, is_private: bool, knows: Callable[[str], bool]
) -> str | None:
    command = _COMMAND.match(words)
    if command is not None:
        return words if is_private or knows(command[1]) else None
    called = "|".join(re.escape(name) for name in sorted({me[1:], *names} - {""}, key=len, reverse=True))
    at_start = re.match(rf"@?(?:{called})\s*(?:[:,]\s*|\s+|$)", words, re.IGNORECASE)
    mentions = event.content.get("m.mentions")
    mentioned = mentions.get("user_ids") if isinstance(mentions, dict) else None
    is_mentioned = isinstance(mentioned, list) and me in mentioned
    if at_start and not (is_private or is_mentioned or me in words) and _is_bare(at_start[0]):
        # A sentence may begin with a word that is our name.
        following = words[at_start.end() :].split(maxsplit=1)
        at_start = at_start if following and knows(following[0]) else None
    if not (is_private or is_mentioned or at_start or me in words):
        return None
    spoken = (words[at_start.end() :] if at_start else words.replace(me, " ")).strip()
    first = spoken.split(maxsplit=1)[0] if spoken else ""
    is_command = not is_private and bool(re.fullmatch(r"[A-Za-z0-9_]{1,64}", first)) and knows(first)
    return f"!{spoken}" if is_command else spoken


def _is_bare(name: str) -> bool:
    """Whether somebody's name stands there without a sign that they are spoken to."""
    return not name.startswith("@") and not {":", ","} & {*name}


def _replied(event: Event) -> Replied | None:
    """The message that this one answers; in a thread without an answer its root."""
    answered = event.relation.get("m.in_reply_to")
    if isinstance(answered, dict) and not (event.thread_root and event.relation.get("is_falling_back") is True):
        found = text_of(answered, "event_id")
        return Replied(found) if found else None
    return Replied(event.thread_root) if event.thread_root else None


def _is_small(event: Event) -> bool:
    info = event.content.get("info")
    size = info.get("size") if isinstance(info, dict) else None
    return isinstance(size, int) and 0 < size <= MAX_ATTACHMENT_BYTES


def _file_name(event: Event) -> str:
    return text_of(event.content, "filename") or text_of(event.content, "body")


def reaction_of(event: Event, me: str) -> Reaction | None:
    """The reaction that an event is; None for anything else, and for our own."""
    key, target = text_of(event.relation, "key"), text_of(event.relation, "event_id")
    is_one = event.kind == REACTION and event.relation.get("rel_type") == "m.annotation"
    if not is_one or event.sender == me or not key or not target:
        return None
    return Reaction(event.event_id, target, key, event.sender)


def address_of(room_id: str, title: str, *, is_private: bool) -> ChatAddress:
    """Where a room is; threads are no places of their own."""
    kind = ChatKind.PRIVATE if is_private else ChatKind.GROUP
    return ChatAddress(Platform.MATRIX, room_id, kind=kind, title=title)

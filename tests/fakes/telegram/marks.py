"""Entities seen from outside: those that the server finds by itself, and formatted text written as HTML again.

*Source*: https://core.telegram.org/bots/api#messageentity.
"""

import re
from html import escape
from itertools import pairwise

from .entities import Entity
from .schema import utf16_length

_COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?")
_URL = re.compile(r"https?://[^\s<>\"']+")
_MENTION = re.compile(r"(?<![\w/])@\w{3,32}")


def detect(text: str) -> list[Entity]:
    """The entities that the server finds by itself in what a person types: commands, links, mentions."""
    kinds = (("bot_command", _COMMAND), ("url", _URL), ("mention", _MENTION))
    found = [
        {
            "type": kind,
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match[0]),
        }
        for kind, pattern in kinds
        for match in pattern.finditer(text)
    ]
    return sorted(found, key=lambda entity: int(str(entity["offset"])))


def cut_utf16(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers."""
    if text.isascii():
        return text[offset : offset + length]
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


_MARKS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}


def as_html(text: str, entities: list[Entity]) -> str:
    """Text and entities written as HTML again, for assertions that want to read markup."""
    marks: dict[int, list[str]] = {}
    for entity in entities:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        opening, closing = _mark(entity)
        if opening:
            marks.setdefault(begin, []).append(opening)
            marks.setdefault(end, []).insert(0, closing)
    cuts = sorted({0, *marks, utf16_length(text)})
    pieces = ["".join(marks.get(0, []))] if cuts == [0] else []
    for begin, end in pairwise(cuts):
        pieces += [*marks.get(begin, []), escape(cut_utf16(text, begin, end - begin), quote=False)]
    return "".join([*pieces, *(marks.get(cuts[-1], []) if len(cuts) > 1 else [])])


def _mark(entity: Entity) -> tuple[str, str]:
    if entity["type"] == "text_link":
        return f'<a href="{escape(entity["url"])}">', "</a>"
    if entity["type"] == "expandable_blockquote":
        return "<blockquote expandable>", "</blockquote>"
    tag = _MARKS.get(entity["type"], "")
    return (f"<{tag}>", f"</{tag}>") if tag else ("", "")

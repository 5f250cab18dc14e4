"""Formatted text: the HTML style of the Bot API and explicit entities, with UTF-16 offsets.

*Source*: https://core.telegram.org/bots/api#html-style, #formatting-options, #messageentity.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from .failures import ApiError, bad_request
from .schema import utf16_length

Entity = dict[str, Any]

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
ENTITY_TYPES = {*TAGS.values(), "expandable_blockquote", "mention", "hashtag", "cashtag", "bot_command", "url"} | {
    "email",
    "phone_number",
    "text_mention",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
# What nearly all of a text consists of, each taken in one step.
_USUAL = re.compile(r"""([^<&]+)|&(lt|gt|amp|quot);|</([a-z-]+)>|<([a-z-]+)>|<a href="([^"]*)">""")
_TEXT, _NAME, _END, _START, _LINK = range(1, 6)
_ASTRAL = re.compile(r"[\U00010000-\U0010FFFF]")
_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]*));?")
_ATTRIBUTE = re.compile(r"""\s*([^\s=>/]*)\s*(?:=\s*("[^"]*"|'[^']*'|[A-Za-z0-9.\-]*))?""")
_TAG_NAME = re.compile(r"[^\s>]*")
_BLOCKQUOTES = {"blockquote", "expandable_blockquote"}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Formatted:
    """Text without markup, its entities in order, and what the real server would have dropped in silence.

    A value that messages share: nobody changes the lists.
    """

    text: str
    entities: list[Entity] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Open:
    tag: str
    offset: int
    start: int
    attributes: dict[str, str]


def parse_html(source: str) -> Formatted:
    """The text and entities of HTML style.

    Raises:
        ApiError: "can't parse entities: …" with the byte offset, for anything that is not well-formed.
    """
    if "<" not in source and "&" not in source:
        return Formatted(source)
    return _Html(source).parse()


class _Html:
    """One parse; offsets and lengths are characters until its end, as nearly every text has as many UTF-16 units."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pieces: list[str] = []
        self.length = 0
        self.stack: list[_Open] = []
        self.found: list[Entity] = []
        self.dropped: list[str] = []

    def fail(self, words: str, at: int | None = None, after: str = "") -> ApiError:
        place = "" if at is None else f" at byte offset {len(self.source[:at].encode())}"
        return bad_request(f"can't parse entities: {words}{place}{after}")

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def parse(self) -> Formatted:
        source, position = self.source, 0
        while position < len(source):
            match = _USUAL.match(source, position)
            if match is not None and self._usual(match):
                position = match.end()
            else:
                position = self._reference(position) if source[position] == "&" else self._tag(position)
        if self.stack:
            raise self.fail(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        text = "".join(self.pieces)
        _count_utf16(text, self.found)
        self.found.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return Formatted(text, self.found, self.dropped + nesting_faults(self.found))

    def _usual(self, match: re.Match[str]) -> bool:
        """Take a usual form; False where it needs the whole rules, as all that is wrong does."""
        kind = match.lastindex
        if kind == _TEXT:
            self.add(match[_TEXT])
        elif kind == _NAME:
            self.add(_NAMED[match[_NAME]])
        elif kind == _LINK:
            self.stack.append(_Open("a", self.length, len(self.pieces), {"href": _plain(match[_LINK])}))
        elif kind == _END:
            if not self.stack or self.stack[-1].tag != match[_END]:
                return False
            self._close(self.stack.pop())
        elif match[_START] in TAGS and match[_START] != "span":
            self.stack.append(_Open(match[_START], self.length, len(self.pieces), {}))
        else:
            return False
        return True

    def _reference(self, at: int) -> int:
        match = _REFERENCE.match(self.source, at)
        if match is None:
            self.dropped.append("a bare & at character  should be written &amp;")
            self.add("&")
            return at + 1
        decimal, hexadecimal, name = match.groups()
        if name is not None and name not in _NAMED:
            # Stricter than the real server, which shows an unknown name as it stands: here somebody forgot to escape.
            raise self.fail(f'Unsupported HTML entity "&{name}"', at)
        code = int(decimal) if decimal else int(hexadecimal or "0", 16)
        if name is None and (not 0 < code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF):
            raise self.fail("Unsupported HTML entity", at)
        self.add(_NAMED[name] if name is not None else chr(code))
        return match.end()

    def _tag(self, at: int) -> int:
        return self._end_tag(at) if self.source.startswith("</", at) else self._start_tag(at)

    def _start_tag(self, at: int) -> int:
        match = _TAG_NAME.match(self.source, at + 1)
        position = match.end() if match else at + 1
        if position >= len(self.source):
            raise self.fail("Unclosed start tag", at)
        tag = self.source[at + 1 : position].lower()
        if tag not in TAGS:
            raise self.fail(f'Unsupported start tag "{tag}"', at)
        attributes, position = self._attributes(tag, at, position)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self.fail('Tag "span" must have class "tg-spoiler"', at)
        self.stack.append(_Open(tag, self.length, len(self.pieces), attributes))
        return position

    def _attributes(self, tag: str, at: int, position: int) -> tuple[dict[str, str], int]:
        attributes: dict[str, str] = {}
        while True:
            while position < len(self.source) and self.source[position].isspace():
                position += 1
            if position >= len(self.source):
                raise self.fail(f'Unclosed start tag "{tag}"', at)
            if self.source[position] == ">":
                return attributes, position + 1
            match = _ATTRIBUTE.match(self.source, position)
            if match is None or not match[1]:
                raise self.fail(f'Empty attribute name in the tag "{tag}"', at)
            value = match[2] or ""
            if value[:1] in {'"', "'"}:
                value = _plain(value[1:-1])
            elif self.source[match.end() : match.end() + 1] not in {"", ">"} and not (
                self.source[match.end()].isspace()
            ):
                raise self.fail("Unexpected end of name token", match.end())
            attributes[match[1].lower()] = value
            position = match.end()

    def _end_tag(self, at: int) -> int:
        if not self.stack:
            raise self.fail("Unexpected end tag", at)
        end = self.source.find(">", at)
        if end < 0:
            raise self.fail("Unclosed end tag", at)
        name = self.source[at + 2 : end].strip().lower()
        opened = self.stack.pop()
        if name and name != opened.tag:
            raise self.fail("Unmatched end tag", at, after=f', expected "</{opened.tag}>", found "</{name}>"')
        self._close(opened)
        return end + 1

    def _close(self, opened: _Open) -> None:
        length = self.length - opened.offset
        if not length:
            return  # as the real server: an empty entity disappears
        entity: Entity = {"type": TAGS[opened.tag], "offset": opened.offset, "length": length}
        if opened.tag == "a":
            self._link(entity, opened)
        elif opened.tag in {"code", "pre"}:
            self._code(entity, opened)
        else:
            self._other(entity, opened)

    def _link(self, entity: Entity, opened: _Open) -> None:
        target = opened.attributes.get("href") or "".join(self.pieces[opened.start :])
        url = normal_url(target)
        if url is None:
            self.dropped.append(f"a link to {target!r} is no link: the text stays, the link is dropped")
            return
        self.found.append(entity | {"url": url})

    def _code(self, entity: Entity, opened: _Open) -> None:
        language = opened.attributes.get("class", "")
        if language.startswith("language-"):
            entity["language"] = language.removeprefix("language-")
        last = self.found[-1] if self.found else {}
        same_place = (last.get("offset"), last.get("length")) == (entity["offset"], entity["length"])
        if opened.tag == "pre" and last.get("type") == "code" and same_place:
            self.found.pop()
            entity |= {"language": last["language"]} if "language" in last else {}
        elif opened.tag == "code" and not any(parent.tag == "pre" for parent in self.stack):
            entity.pop("language", None)
        self.found.append(entity)

    def _other(self, entity: Entity, opened: _Open) -> None:
        if opened.tag == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        if opened.tag == "tg-emoji":
            emoji_id = opened.attributes.get("emoji-id", "")
            if not (emoji_id.isdecimal() and 0 < int(emoji_id) < 2**63):
                raise self.fail("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = emoji_id
        if opened.tag == "tg-time":
            unix = opened.attributes.get("unix", "")
            if not unix.isdecimal():
                raise self.fail("Invalid Unix time specified")
            entity["unix_time"] = int(unix)
            entity["date_time_format"] = opened.attributes.get("format", "")
        self.found.append(entity)


def _plain(value: str) -> str:
    if "&" not in value:
        return value

    def character(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name is not None:
            return _NAMED.get(name, match[0])
        code = int(decimal) if decimal else int(hexadecimal or "0", 16)
        return chr(code) if 0 < code <= 0x10FFFF else match[0]

    return _REFERENCE.sub(character, value)


def _count_utf16(text: str, entities: Sequence[Entity]) -> None:
    """Turn offsets and lengths in characters into UTF-16 units, in place."""
    if utf16_length(text) == len(text):
        return
    doubled = [match.start() for match in _ASTRAL.finditer(text)]
    for entity in entities:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        entity["offset"] = begin + bisect_left(doubled, begin)
        entity["length"] = end + bisect_left(doubled, end) - entity["offset"]


@lru_cache(maxsize=4096)
def normal_url(target: str) -> str | None:
    """The URL as the server keeps it (scheme and path filled in), or None where it is no http, https or tg URL."""
    text = target.strip()
    if not _SCHEME.match(text) and "." in text:
        text = "http://" + text
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https", "tg", "ton"} or _SPACE.search(text) or not parts.netloc:
        return None
    if parts.scheme in {"http", "https"} and (not host or not ("." in host or ":" in host)):
        return None
    return text if parts.path or parts.query or parts.scheme == "tg" else f"{text}/"


def nesting_faults(entities: list[Entity]) -> list[str]:
    """What breaks the nesting rules of #formatting-options; the real server mends it without a word."""
    faults: list[str] = []
    open_ones: list[Entity] = []
    for entity in entities:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        open_ones = [outer for outer in open_ones if outer["offset"] + outer["length"] > begin]
        for outer in open_ones:
            if outer["offset"] + outer["length"] < end:
                faults.append(f"{entity['type']} at {begin} overlaps {outer['type']} without lying inside it")
            elif (
                outer["type"] in {"code", "pre"}
                or (entity["type"] in {"code", "pre"})
                and (outer["type"] not in _BLOCKQUOTES)
            ):
                faults.append(f"{entity['type']} at {begin} may not lie inside {outer['type']}")
            elif outer["type"] in _BLOCKQUOTES and entity["type"] in _BLOCKQUOTES:
                faults.append(f"block quotations can't be nested (at {begin})")
        open_ones.append(entity)
    return faults


def check_entities(text: str, entities: list[Entity]) -> Formatted:
    """Explicit entities, proved to lie inside the text.

    Raises:
        ApiError: an unknown type, a wrong offset or length, or half a surrogate pair.
    """
    total = utf16_length(text)
    halves = _surrogate_middles(text) if not text.isascii() else frozenset()
    for entity in entities:
        if entity["type"] not in ENTITY_TYPES:
            raise bad_request("can't parse entities: unsupported entity type specified")
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        if begin < 0 or entity["length"] <= 0:
            raise bad_request(f"receive an entity with incorrect offset {begin} or length {entity['length']}")
        if end > total:
            place = f"beginning at UTF-16 offset {begin} ends after the end of the text at UTF-16 offset {end}"
            raise bad_request(f"entity {place}")
        if begin in halves or end in halves:
            raise bad_request(f"entity begins or ends in a middle of a UTF-16 symbol at UTF-16 offset {begin}")
        if entity["type"] == "text_link" and normal_url(entity.get("url", "")) is None:
            raise bad_request("can't parse entities: URL of a text_link is invalid")
    ordered = sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
    return Formatted(text, ordered, nesting_faults(ordered))


def _surrogate_middles(text: str) -> frozenset[int]:
    middles: set[int] = set()
    offset = 0
    for character in text:
        if ord(character) > 0xFFFF:
            middles.add(offset + 1)
            offset += 1
        offset += 1
    return frozenset(middles)

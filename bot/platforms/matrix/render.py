"""Reply + language → what Matrix takes: messages with a plain and an HTML body, cut to size. Pure.

A digest can be told as a thread: the headlines as its root, and one reply for each topic.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from itertools import pairwise
from typing import Any

from bot.i18n import Speech
from bot.platforms.matrix import choices
from bot.platforms.matrix.choices import Choices, choices_of
from bot.platforms.matrix.markup import MatrixHtml, MatrixPlain, clean, web_address
from handlers.reply import (
    Action,
    Block,
    Document,
    Entry,
    Heading,
    Media,
    Pairs,
    Paragraph,
    Points,
    Quiet,
    Quotation,
    Reply,
)

# *Source*: Client-Server API, 6.4 "Size limits": 65,536 bytes for an event. Encryption writes all that is not ASCII as
# six characters and makes four bytes of three; this leaves room for the rest of the event, and for an edit's fallback.
TEXT_LIMIT_BYTES = 40_000
FALLBACK_CHARACTERS = 300
# More would be a flood for the reader, and a hostile feed could make it one.
MOST_PARTS = 10
ASKED_FIELD = "org.kurzclips.asked"
# *Source*: Client-Server API, "User and room mentions": without it a name in the news would call whoever has it.
NOBODY_CALLED: Mapping[str, Any] = {"m.mentions": {}}
HTML_FORMAT = "org.matrix.custom.html"


@dataclass(frozen=True, slots=True)
class Part:
    """One message.

    Attributes:
        body: plain words.
        html: the same in HTML.
        is_in_thread: belongs into the thread below the first part.
        actions: emoji → what it does.
        asked: the search that it answers, as it is typed, so that it can be narrowed.
        file: the fields of its event that show an uploaded file.
    """

    body: str
    html: str
    is_in_thread: bool = False
    actions: tuple[tuple[str, Action], ...] = ()
    media: Media | None = None
    document: Document | None = None
    asked: str = ""
    file: Mapping[str, Any] = field(default_factory=dict)

    @property
    def anchors(self) -> tuple[str, ...]:
        """The emoji under it."""
        return tuple(anchor for anchor, _action in self.actions)

    @property
    def content(self) -> dict[str, Any]:
        """The content of its event."""
        made: dict[str, Any] = {"msgtype": "m.notice", "body": self.body, **NOBODY_CALLED}
        if self.html:
            made |= {"format": HTML_FORMAT, "formatted_body": self.html}
        if self.actions:
            made[choices.FIELD] = choices.written(self.actions)
        if self.asked:
            made[ASKED_FIELD] = self.asked
        return {**made, **self.file}

    def as_edit_of(self, event_id: str) -> dict[str, Any]:
        """The content of an event that puts this in the place of an earlier one; old clients see its beginning."""
        words = self.body if len(self.body) <= FALLBACK_CHARACTERS else self.body[: FALLBACK_CHARACTERS - 1] + "…"
        return {
            "msgtype": "m.notice",
            "body": f"* {words}",
            **NOBODY_CALLED,
            "m.new_content": self.content,
            "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
        }


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer for Matrix: its messages in order, and the few words that stand for it where a button was pressed."""

    parts: tuple[Part, ...]
    toast: str = ""

    def said(self) -> tuple[Part, ...]:
        """The messages; a toast without one becomes one."""
        return self.parts or ((self.toasted(),) if self.toast else ())

    def toasted(self) -> Part:
        """The toast as a message."""
        return Part(self.toast, escape(self.toast))


@dataclass(frozen=True, slots=True)
class _Headlines:
    """The entries of a topic without what they say."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block in both forms; `gap` is what stands before it in the plain one."""

    plain: str
    html: str
    gap: str = "\n\n"


def render(reply: Reply, *, language: str, timezone: str, now: datetime, is_thread: bool = False) -> Rendered:
    """The answer in a language.

    Args:
        is_thread: topics as replies in a thread, where the answer has topics.
    """
    writer = _Writer(language, timezone, now)
    offered = choices_of(reply.buttons, Speech(language, timezone, now))
    sections = _sections(reply.blocks) if is_thread else ()
    if sections:
        root = (*_overview(reply.blocks, sections), *_legend(offered))
        parts = [*writer.parts(root), *_below(writer, sections)]
        chosen = 0
    else:
        parts = writer.parts((*reply.blocks, *_legend(offered)))
        chosen = len(parts) - 1
    if parts and offered.actions:
        parts[chosen] = replace(parts[chosen], actions=offered.actions)
    parts = _with_files(parts, reply)
    return Rendered(tuple(parts), clean(writer.plain.speak(reply.toast)) if reply.toast else "")


def _with_files(parts: list[Part], reply: Reply) -> list[Part]:
    if reply.media is not None and web_address(reply.media.url) and parts:
        parts[0] = replace(parts[0], media=reply.media)
    if reply.document is not None:
        parts.append(Part(reply.document.name, "", document=reply.document))
    return parts


def _legend(offered: Choices) -> tuple[Block, ...]:
    return (Paragraph(Quiet(offered.legend)),) if offered.legend is not None else ()


def _sections(blocks: Sequence[Block]) -> tuple[tuple[Block, ...], ...]:
    """The topics of a digest, each with its heading and entries."""
    starts = [place for place, block in enumerate(blocks) if isinstance(block, Heading) and block.level > 1]
    return tuple(
        tuple(block for block in blocks[start:end] if isinstance(block, Heading | Entry))
        for start, end in pairwise([*starts, len(blocks)])
    )


def _overview(blocks: Sequence[Block], sections: Sequence[Sequence[Block]]) -> Iterator[Block | _Headlines]:
    """The same blocks with headlines in place of entries."""
    told = {id(block) for section in sections for block in section}
    yield from (block for block in blocks if id(block) not in told and isinstance(block, Heading))
    for section in sections:
        yield section[0]
        yield _Headlines(tuple(block for block in section if isinstance(block, Entry)))
    yield from (block for block in blocks if id(block) not in told and not isinstance(block, Heading))


def _below(writer: "_Writer", sections: Sequence[Sequence[Block]]) -> Iterator[Part]:
    for section in sections:
        for part in writer.parts(section):
            yield replace(part, is_in_thread=True)


class _Writer:
    """Blocks in a language, as messages."""

    def __init__(self, language: str, timezone: str, now: datetime) -> None:
        self.plain = Speech(language, timezone, now, MatrixPlain())
        self._html = Speech(language, timezone, now, MatrixHtml())

    def parts(self, blocks: Sequence[Block | _Headlines]) -> list[Part]:
        """The messages for some blocks, each below the limit."""
        pieces = [fitting for piece in self._pieces(blocks) for fitting in _cut(piece)]
        groups: list[list[_Piece]] = []
        size = TEXT_LIMIT_BYTES + 1
        for piece in pieces:
            size += _size(piece)
            if size > TEXT_LIMIT_BYTES:
                groups.append([])
                size = _size(piece)
            groups[-1].append(piece)
        if len(groups) > MOST_PARTS:
            groups = groups[:MOST_PARTS]
            groups[-1].append(_Piece("…", "<p>…</p>"))
        return [_part(group) for group in groups]

    def _pieces(self, blocks: Sequence[Block | _Headlines]) -> Iterator[_Piece]:
        gap = "\n\n"
        for block in blocks:
            plain, html = self._block(block)
            if plain.strip():
                yield _Piece(plain, html, gap)
            is_small_heading = isinstance(block, Heading) and block.level > 1
            gap = "\n" if is_small_heading else "\n\n"

    def _block(self, block: Block | _Headlines) -> tuple[str, str]:
        plain, html = self.plain.speak, self._html.speak
        match block:
            case Heading(content):
                return plain(content), f"<p><b>{html(content)}</b></p>"
            case Paragraph(content):
                return plain(content), f"<p>{html(content)}</p>"
            case Quotation(content):
                quoted = "\n".join(f"> {line}" for line in plain(content).split("\n"))
                return quoted, f"<blockquote><p>{html(content)}</p></blockquote>"
            case Points(items):
                bullets = "\n".join(f"• {plain(item)}" for item in items)
                return bullets, "<ul>" + "".join(f"<li>{html(item)}</li>" for item in items) + "</ul>"
            case Pairs(rows):
                lines = "\n".join(f"{plain(name)} – {plain(value)}" for name, value in rows)
                return lines, "<p>" + "<br>".join(f"{html(name)} – {html(value)}" for name, value in rows) + "</p>"
            case Entry():
                return self._entry(block)
            case _Headlines(entries):
                titles = [self._title(entry) for entry in entries]
                return "\n".join(title for title, _ in titles), f"<p>{'<br>'.join(title for _, title in titles)}</p>"

    def _title(self, entry: Entry) -> tuple[str, str]:
        number = f"{entry.number}. " if entry.number else ""
        linked = MatrixHtml().link(self._html.speak(entry.title), entry.url)
        return number + self.plain.speak(entry.title), number + linked

    def _entry(self, entry: Entry) -> tuple[str, str]:
        title, linked = self._title(entry)
        plain, html = [title], [f"<b>{linked}</b>"]
        if body := self._html.speak(entry.body):
            plain.append(self.plain.speak(entry.body))
            html.append(body)
        if entry.meta:
            plain.append(" · ".join(self.plain.speak(part) for part in entry.meta))
            html.append("<i>" + " · ".join(self._html.speak(part) for part in entry.meta) + "</i>")
        if address := web_address(entry.url):
            plain.append(address)
        return "\n".join(plain), "<p>" + "<br>".join(html) + "</p>"


def _part(pieces: Sequence[_Piece]) -> Part:
    plain = pieces[0].plain + "".join(piece.gap + piece.plain for piece in pieces[1:])
    return Part(plain, "".join(piece.html for piece in pieces))


def _size(piece: _Piece) -> int:
    return len(json.dumps(piece.plain)) + len(json.dumps(piece.html))


def _cut(piece: _Piece) -> Iterator[_Piece]:
    """The piece, or where it alone is above the limit, its words without markup in pieces below it."""
    if _size(piece) <= TEXT_LIMIT_BYTES:
        yield piece
        return
    # At most twelve bytes a character and form, where each is written as a pair of surrogates.
    most = TEXT_LIMIT_BYTES // 30
    rest = piece.plain
    while rest:
        end = len(rest) if len(rest) <= most else max(rest.rfind(" ", 1, most), rest.rfind("\n", 1, most))
        end = end if end > 0 else most
        words, rest = rest[:end], rest[end:].lstrip()
        yield _Piece(words, "<p>" + escape(words).replace("\n", "<br>") + "</p>")

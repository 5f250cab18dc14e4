"""The HTML that Telegram reads: how words are written in it, and its text with spans read back to be cut.

*Source*: Bot API, "HTML style" and "MessageEntity": offsets count UTF-16 units; code holds no other entity and lies
in none but a block quotation; a link holds no link.
"""

import re
from dataclasses import dataclass, replace
from html import escape, unescape
from itertools import accumulate
from urllib.parse import urlsplit

from bot.i18n import tame

MAX_URL_CHARACTERS = 2000
_SURROGATE = re.compile("[\ud800-\udfff]")
_BARE_COMMAND = re.compile(r"/[a-z0-9_]{1,32}")
_TAG = re.compile(r"<(/?)([a-z][a-z-]*)([^>]*)>")
_TAGS = frozenset({"b", "i", "u", "s", "code", "a", "blockquote", "tg-spoiler"})


def web_address(url: str) -> str:
    """The address if Telegram takes it as a link or a button, else ""."""
    if not url.isprintable() or " " in url or len(url) > MAX_URL_CHARACTERS or _SURROGATE.search(url):
        return ""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and ("." in host.strip(".") or ":" in host) else ""


def clean(words: str) -> str:
    """Words without what no JSON string can carry or what turns the text around."""
    return _SURROGATE.sub("\ufffd", tame(words))


class TelegramHtml:
    """Words in Telegram's HTML; only `b i u s code a blockquote tg-spoiler` are ever written."""

    def text(self, words: str) -> str:
        """Plain words, escaped."""
        return escape(clean(words), quote=False)

    def strong(self, inner: str) -> str:
        """Bold."""
        return f"<b>{inner}</b>"

    def quiet(self, inner: str) -> str:
        """Italic."""
        return f"<i>{inner}</i>"

    def code(self, words: str) -> str:
        """To be copied by a tap; a command alone stays plain, because Telegram itself makes it a link that sends it."""
        return self.text(words) if _BARE_COMMAND.fullmatch(words) else f"<code>{self.text(words)}</code>"

    def link(self, inner: str, url: str) -> str:
        """A link; the words alone where Telegram would not take the address."""
        target = web_address(url)
        return f'<a href="{escape(target)}">{inner}</a>' if target else inner


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text with one tag, in code points; `opening` is the start tag as written."""

    start: int
    end: int
    name: str
    opening: str


def units_before(text: str) -> list[int]:
    """How many UTF-16 units stand before each code point, and before the end."""
    return list(accumulate((1 + (ord(character) > 0xFFFF) for character in text), initial=0))


@dataclass(frozen=True, slots=True)
class Marked:
    """Text as a reader sees it, and its spans: nested properly, outer ones first, as Telegram takes them."""

    text: str
    spans: tuple[Span, ...]

    @property
    def length_utf16(self) -> int:
        """The length that Telegram counts."""
        return len(self.text) + sum(ord(character) > 0xFFFF for character in self.text)

    def write(self, start: int, end: int) -> str:
        """HTML of a stretch; spans that reach over its borders are closed and opened there."""
        pieces: list[str] = []
        open_spans: list[Span] = []
        at = start

        def go_to(place: int) -> None:
            nonlocal at
            pieces.append(escape(self.text[at:place], quote=False))
            at = place

        def close_until(place: int) -> None:
            while open_spans and open_spans[-1].end <= place:
                last = open_spans.pop()
                go_to(last.end)
                pieces.append(f"</{last.name}>")

        for span in self.spans:
            inside = replace(span, start=max(span.start, start), end=min(span.end, end))
            if inside.start < inside.end:
                close_until(inside.start)
                go_to(inside.start)
                pieces.append(inside.opening)
                open_spans.append(inside)
        close_until(end)
        go_to(end)
        return "".join(pieces)


def read(html: str) -> Marked:
    """The text and spans of HTML that `TelegramHtml` wrote; spans that Telegram does not allow inside others go.

    Raises:
        ValueError: it holds a tag that is never written, so it is not ours.
    """
    pieces: list[str] = []
    found: list[Span] = []
    stack: list[tuple[str, str, int, int]] = []
    length = at = 0
    for match in _TAG.finditer(html):
        words = unescape(html[at : match.start()])
        pieces.append(words)
        length += len(words)
        at = match.end()
        closing, name, _ = match.groups()
        if name not in _TAGS:
            msg = f"the markup writes no <{name}>"
            raise ValueError(msg)
        if not closing:
            stack.append((name, match[0], length, len(found)))
            found.append(Span(length, length, "", ""))
            continue
        name, opening, start, place = stack.pop()
        if length > start and not _is_forbidden(name, [outer for outer, *_ in stack]):
            found[place] = Span(start, length, name, opening)
    pieces.append(unescape(html[at:]))
    text = "".join(pieces)
    return Marked(text, _around_code([span for span in found if text[span.start : span.end].strip()]))


def _is_forbidden(name: str, outer: list[str]) -> bool:
    return name in outer or (name == "code" and "a" in outer)


def _around_code(spans: list[Span]) -> tuple[Span, ...]:
    """Break the spans around code, which may lie in nothing but a quotation, and drop those inside it."""
    for code in [span for span in spans if span.name == "code"]:
        kept: list[Span] = []
        for span in spans:
            if span.name in {"code", "blockquote"} or span.end <= code.start or span.start >= code.end:
                kept.append(span)
                continue
            before, after = replace(span, end=code.start), replace(span, start=code.end)
            kept += [part for part in (before, after) if part.start < part.end]
        spans = kept
    # Sorting is stable, so that of two equal stretches the outer one stays first.
    return tuple(sorted(spans, key=lambda span: (span.start, -span.end)))

"""What kind of document some bytes are: first by what is in them, then by their name and content type."""

import json
import re
from enum import StrEnum
from pathlib import PurePosixPath

from handlers.news.encoding import wide_encoding


class Format(StrEnum):
    """The kinds of document that can be read, and the two that cannot."""

    FEED = "feed"
    JSON_FEED = "json_feed"
    JSONL = "jsonl"
    PAGE = "page"
    DOCUMENT = "document"
    BINARY = "binary"
    UNKNOWN = "unknown"


_HEAD_CHARS = 8192
_HEAD_BYTES = 65_536
_MAX_CONTROL_SHARE = 0.02
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r\x0b\x0c\x1b\x00"))
_MAGIC = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\x7fELF",
    b"BZh",
    b"7z\xbc\xaf",
    b"Rar!",
)
_PROLOG = re.compile(r"\s+|<\?[^>]{0,2000}\?>|<!--.{0,4000}?-->", re.DOTALL)
_DOCTYPE = re.compile(r"<!doctype\s+([\w:.-]+)", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_FEED_START = re.compile(r"<(?:rss|rdf:RDF|feed)[\s>]", re.IGNORECASE)
_HTML_ROOTS = frozenset({
    "html", "head", "body", "title", "meta", "link", "p", "div", "article", "main", "section", "h1", "h2", "h3", "ul",
    "table", "span", "a", "ol", "script", "header", "b", "strong", "em", "i", "br", "img", "blockquote",
})  # fmt: skip
_LINES = frozenset({".jsonl", ".ndjson", ".jsonlines"})
_PLAIN = frozenset({".txt", ".md", ".markdown", ".text"})
_PROBED_LINES = 5


def is_binary(data: bytes) -> bool:
    """Whether bytes are no text: a known file signature, a NUL outside UTF-16, or many control characters."""
    if data.startswith(_MAGIC):
        return True
    if wide_encoding(data):
        return False
    head = data[:_HEAD_BYTES]
    if b"\x00" in data and not head.lstrip().startswith((b"<?xml", b"<rss", b"<feed", b"<rdf")):
        return True
    controls = len(head) - len(head.translate(None, _CONTROLS + b"\x00"))
    return controls > _MAX_CONTROL_SHARE * len(head) + 4  # a short text may hold a few


def sniff(text: str, *, name: str = "", content_type: str = "") -> Format:
    """The format of a decoded document.

    Args:
        text: the whole document.
        name: file name, for what the text leaves open.
        content_type: the HTTP header, likewise.
    """
    suffix = PurePosixPath(name.lower()).suffix
    head = text[:_HEAD_CHARS].lstrip("\ufeff \t\r\n")
    if head.startswith("<"):
        return _markup(head)
    if suffix in _LINES or "jsonl" in content_type or "ndjson" in content_type:
        return Format.JSONL
    if head.startswith(("{", "[")):
        found = _json(text, head)
        if found is not Format.UNKNOWN or (
            suffix not in _PLAIN and ("json" in content_type or suffix == ".json" or head[1:2] in '{"\n\r')
        ):
            return found
    if _FEED_START.search(head) and ("xml" in content_type or suffix in {".xml", ".rss", ".atom", ".rdf"}):
        return Format.FEED  # a warning of the server in front of the feed
    if "html" in content_type or suffix in {".html", ".htm"}:
        return Format.PAGE
    return Format.DOCUMENT


def _markup(head: str) -> Format:
    at = 0
    while match := _PROLOG.match(head, at):
        at = match.end()
    if doctype := _DOCTYPE.match(head, at):
        kind = doctype.group(1).lower()
        if kind == "html":
            return Format.PAGE
        return Format.FEED if kind.rpartition(":")[2] in _FEED_ROOTS else _root(_after_doctype(head, at))
    return _root(head[at:])


def _after_doctype(head: str, at: int) -> str:
    """What follows a document type declaration, whose internal subset may hold brackets of its own."""
    subset, end = head.find("[", at), head.find(">", at)
    if 0 <= subset < end:
        end = head.find("]", subset)
    return head[end + 1 :] if end >= 0 else ""


def _root(rest: str) -> Format:
    match = _ROOT.search(rest)
    root = match.group(2).lower() if match else ""
    if root in _FEED_ROOTS or _FEED_START.search(rest):
        return Format.FEED
    return Format.PAGE if root in _HTML_ROOTS else Format.UNKNOWN


def _json(text: str, head: str) -> Format:
    if "jsonfeed.org/version" in text.replace("\\/", "/")[: _HEAD_CHARS * 4]:
        return Format.JSON_FEED
    for line in head.splitlines()[:_PROBED_LINES]:
        try:
            if isinstance(json.loads(line), dict):
                return Format.JSONL
        except (ValueError, RecursionError):
            continue
    first_line = text.lstrip("\ufeff \t\r\n").partition("\n")[0]
    # A line longer than the head, or one that was cut off: an object on its own line is JSONL all the same.
    if len(first_line) > 2 and first_line.startswith('{"') and re.search(r'"(?:title|text)"\s*:', first_line):
        return Format.JSONL
    if re.match(r'\{\s*"', head) and '"items"' in text and '"version"' in text:
        return Format.JSON_FEED
    return Format.UNKNOWN

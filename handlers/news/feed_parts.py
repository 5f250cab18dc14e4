"""The parts that feeds of every kind share: bodies, headlines, languages, media kinds, durations."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from handlers.news.links import web_url
from handlers.news.plain import fold, html_paragraphs

MAX_ITEMS = 1000
# A news text is a few kilobytes; what is longer than this is cut before its markup is read.
MAX_HTML_CHARS = 400_000
_HEADLINE_CHARS = 100
_IMAGE = re.compile(r"<img\b[^<>]{0,2000}?\ssrc\s*=\s*(?:\"([^\"<>]{1,2000})\"|'([^'<>]{1,2000})')", re.IGNORECASE)
_MAX_IMAGES = 5
# Counting pixels carry no picture.
_PIXEL = re.compile(r"(?:width|height)\s*=\s*[\"']?[01](?:px)?[\"'\s/>]", re.IGNORECASE)
_SUFFIXES = {
    "jpg": "image", "jpeg": "image", "png": "image", "webp": "image", "gif": "image", "avif": "image",
    "mp4": "video", "webm": "video", "m4v": "video", "mov": "video", "mp3": "audio", "m4a": "audio", "ogg": "audio",
}  # fmt: skip
_LANGUAGE = re.compile(r"^[a-z]{2,3}(?=$|[-_])")
_MAX_DURATION_S = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Body:
    """The text of an item as paragraphs, and the pictures inside it."""

    paragraphs: tuple[str, ...] = ()
    images: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Characters of text."""
        return sum(map(len, self.paragraphs))


def html_body(html: str, base: str) -> Body:
    """Paragraphs and pictures of an HTML text; relative picture addresses start from `base`."""
    html = html[:MAX_HTML_CHARS]
    found = (
        web_url((match[1] or match[2]).replace("&amp;", "&"), base)
        for match in _IMAGE.finditer(html)
        if not _PIXEL.search(html[match.start() : html.find(">", match.end()) + 1])
    )
    return Body(html_paragraphs(html), unique(found)[:_MAX_IMAGES])


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """The values in order, each once, without empty ones."""
    return tuple(dict.fromkeys(value for value in values if value))


def headline(paragraphs: tuple[str, ...]) -> str:
    """A title for an item that has none: the beginning of its text, cut between words."""
    if not paragraphs:
        return ""
    first = paragraphs[0]
    if len(first) <= _HEADLINE_CHARS:
        return first
    cut = first[:_HEADLINE_CHARS]
    return (cut.rpartition(" ")[0] or cut).rstrip(" .,;:–-") + "…"


def language_tag(value: str) -> str:
    """The primary language of a BCP 47 tag, "" where it is none."""
    match = _LANGUAGE.match(fold(value).lower())
    return match.group() if match else ""


def media_kind(medium: str, mime: str, url: str) -> str:
    """The kind of a medium: "image", "video" or "audio"; "" for anything else."""
    for said in (medium.lower(), mime.partition("/")[0]):
        if said in {"image", "video", "audio"}:
            return said
    return "" if mime else _SUFFIXES.get(url.partition("?")[0].rpartition(".")[2].lower(), "")


def seconds(value: str) -> int | None:
    """A duration written as seconds or as a clock (1:02:03), None where it is neither."""
    parts = value.strip().split(":")
    if not 1 <= len(parts) <= 3 or not all(re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", part) for part in parts):
        return None
    total = 0.0
    for part in parts:
        total = total * 60 + float(part)
    return int(total) if 0 < total <= _MAX_DURATION_S else None

"""Reply + language → what Telegram takes: parts of text with their keyboard, picture or file. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape, unescape

from telegram import InlineKeyboardMarkup
from telegram.constants import CallbackQueryLimit, MessageLimit

from bot.i18n import Speech
from bot.platforms.telegram.keyboard import keyboard
from bot.platforms.telegram.markup import TelegramHtml, clean, read, web_address
from bot.platforms.telegram.split import split
from handlers.reply import (
    Block,
    Document,
    Entry,
    Heading,
    Media,
    Message,
    Pairs,
    Paragraph,
    Points,
    Quotation,
    Reply,
)

CAPTION_LIMIT_UTF16 = int(MessageLimit.CAPTION_LENGTH)
TOAST_CHARACTERS = int(CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH)
_HREF = re.compile(r'<a href="([^"]*)"')
# A longer quotation is folded; a tap opens it.
_FOLDED_FROM_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Part:
    """One message: a text, or a picture, video or file with the text as its caption.

    Attributes:
        html: within the limits of a message or caption; "" only beside media, a document or a keyboard.
        preview_url: the one link that is shown large with the text, "" for none.
        is_plain: `html` holds plain words after all.
    """

    html: str
    keyboard: InlineKeyboardMarkup | None = None
    media: Media | None = None
    document: Document | None = None
    preview_url: str = ""
    is_plain: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing but buttons: something to change a message with, not a message."""
        return not (self.html or self.media or self.document)

    def as_text(self) -> "Part":
        """The same as a text with the picture as its large preview."""
        if self.media is None:
            return self
        return replace(self, media=None, preview_url=self.preview_url or web_address(self.media.url))

    def without_media(self) -> "Part":
        """The same as a text where the picture cannot be had: the first link is shown large instead."""
        link = _HREF.search(self.html)
        return replace(self, media=None, preview_url=self.preview_url or (unescape(link[1]) if link else ""))

    def as_plain(self) -> "Part":
        """The same words without any markup."""
        return self if self.is_plain else replace(self, html=read(self.html).text, is_plain=True)


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer for Telegram: its messages in order, and what is shown beside a pressed button."""

    parts: tuple[Part, ...]
    toast: str = ""

    def said(self) -> "Rendered":
        """The same for somebody who pressed no button: a toast without a message becomes one."""
        if self.parts or not self.toast:
            return self
        return replace(self, parts=(Part(escape(self.toast, quote=False)),))


def render(reply: Reply, *, language: str, timezone: str, now: datetime, has_inline: bool = True) -> Rendered:
    """The answer in a language, cut to what Telegram takes.

    Args:
        has_inline: whether the bot answers inline queries.
    """
    speech = Speech(language, timezone, now, TelegramHtml())
    texts = split(_joined(reply.blocks, speech))
    buttons = keyboard(reply.buttons, speech, has_inline=has_inline)
    return Rendered(_parts(reply, texts, buttons), _toast(reply.toast, speech) if reply.toast else "")


def _parts(reply: Reply, texts: tuple[str, ...], buttons: InlineKeyboardMarkup | None) -> tuple[Part, ...]:
    media = reply.media if reply.media is not None and web_address(reply.media.url) else None
    preview = web_address(reply.preview_url)
    if reply.document is not None:
        if not texts or _fits_caption(texts):
            return (Part("".join(texts), buttons, document=reply.document),)
        return (*_texts(texts, buttons, preview), Part("", document=reply.document))
    if media is not None:
        if not texts or _fits_caption(texts):
            return (Part("".join(texts), buttons, media=media, preview_url=preview),)
        preview = preview or web_address(media.url)
    if not texts and buttons is not None:
        return (Part("", buttons),)
    return _texts(texts, buttons, preview)


def _texts(texts: tuple[str, ...], buttons: InlineKeyboardMarkup | None, preview: str) -> tuple[Part, ...]:
    last = len(texts) - 1
    return tuple(
        Part(html, buttons if place == last else None, preview_url=preview if place == 0 else "")
        for place, html in enumerate(texts)
    )


def _fits_caption(texts: tuple[str, ...]) -> bool:
    return len(texts) == 1 and read(texts[0]).length_utf16 <= CAPTION_LIMIT_UTF16


def _toast(toast: Message, speech: Speech) -> str:
    words = clean(speech.plain(toast))
    return words if len(words) <= TOAST_CHARACTERS else words[: TOAST_CHARACTERS - 1] + "…"


def _joined(blocks: tuple[Block, ...], speech: Speech) -> str:
    """The blocks with an empty line between them; what stands under a small heading follows it at once."""
    html = ""
    gap = ""
    for block in blocks:
        written = _block(block, speech)
        if written.strip():
            html += gap + written
            gap = "\n" if isinstance(block, Heading) and block.level > 1 else "\n\n"
    return html


def _block(block: Block, speech: Speech) -> str:
    match block:
        case Heading(content):
            return f"<b>{speech.speak(content)}</b>"
        case Paragraph(content):
            return speech.speak(content)
        case Quotation(content):
            words = speech.speak(content)
            return f"<blockquote{' expandable' if len(words) > _FOLDED_FROM_CHARACTERS else ''}>{words}</blockquote>"
        case Points(items):
            return "\n".join(f"• {speech.speak(item)}" for item in items)
        case Pairs(rows):
            return "\n".join(f"{speech.speak(name)} – {speech.speak(value)}" for name, value in rows)
        case Entry():
            return _entry(block, speech)


def _entry(entry: Entry, speech: Speech) -> str:
    title = speech.speak(entry.title)
    target = web_address(entry.url)
    headline = TelegramHtml().link(title, target) if target else title
    number = f"{entry.number}. " if entry.number else ""
    lines = [f"<b>{number}{headline}</b>"]
    if body := speech.speak(entry.body):
        lines.append(body)
    if meta := " · ".join(speech.speak(part) for part in entry.meta):
        lines.append(f"<i>{meta}</i>")
    return "\n".join(lines)

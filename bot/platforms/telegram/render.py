"""Reply → what the Bot API takes: HTML in parts, a keyboard, a picture. Pure; the only place with Telegram's markup."""

import html
from dataclasses import dataclass
from datetime import datetime

from bot.i18n import Speech
from bot.platforms.telegram import callbacks
from bot.platforms.telegram.split import split, units, visible
from handlers.reply import (
    Block,
    Button,
    Document,
    Entry,
    Heading,
    Media,
    Pairs,
    Paragraph,
    Points,
    Quotation,
    Reply,
)

# Bot API, sendPhoto: caption of 0-1024 characters after entities parsing.
MAX_CAPTION = 1024
# Bot API, answerCallbackQuery: text of 0-200 characters.
MAX_TOAST = 200
MAX_LABEL = 60
BUTTONS_A_ROW = 8


class TelegramHtml:
    """The markup of parse mode HTML (Bot API, "HTML style"); everything plain is escaped on its way in."""

    def text(self, words: str) -> str:
        """Plain words, escaped."""
        return html.escape(words, quote=False)

    def strong(self, inner: str) -> str:
        """Bold."""
        return f"<b>{inner}</b>"

    def quiet(self, inner: str) -> str:
        """Italic."""
        return f"<i>{inner}</i>"

    def code(self, words: str) -> str:
        """A command stays plain, so that it can be tapped; anything else is set as code."""
        return self.text(words) if words.startswith("/") and " " not in words else f"<code>{self.text(words)}</code>"

    def link(self, inner: str, url: str) -> str:
        """A link; the words alone where the address is none that Telegram opens."""
        if not url.lower().startswith(("http://", "https://")):
            return inner
        return f'<a href="{html.escape(url, quote=True)}">{inner}</a>'


@dataclass(frozen=True, slots=True)
class Key:
    """One button: exactly one of data, url and query is set."""

    label: str
    data: str | None = None
    url: str | None = None
    query: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer for Telegram.

    Attributes:
        parts: HTML, each within the limits; the keyboard belongs to the last.
        media: shown with the only part as its caption; None where that is too long.
        preview_url: the address whose preview may stand with the text, "" for none.
        toast: plain words for the pressed button.
    """

    parts: tuple[str, ...]
    keyboard: tuple[tuple[Key, ...], ...] = ()
    media: Media | None = None
    preview_url: str = ""
    document: Document | None = None
    toast: str = ""


def render(reply: Reply, *, language: str, timezone: str, now: datetime) -> Rendered:
    """The answer in a language, cut to Telegram's sizes."""
    speech = Speech(language, timezone, now, TelegramHtml())
    marked = "\n\n".join(filter(None, (_block(block, speech) for block in reply.blocks)))
    parts = tuple(split(marked))
    fits_caption = len(parts) == 1 and units(visible(parts[0])) <= MAX_CAPTION
    media = reply.media if fits_caption else None
    preview = reply.media.url if reply.media is not None and media is None else reply.preview_url
    return Rendered(
        parts,
        tuple(row for each in reply.buttons for row in _row(each, speech)),
        media,
        preview,
        reply.document,
        speech.plain(reply.toast)[:MAX_TOAST] if reply.toast is not None else "",
    )


def _block(block: Block, speech: Speech) -> str:
    match block:
        case Heading(content):
            return f"<b>{speech.speak(content)}</b>"
        case Paragraph(content):
            return speech.speak(content)
        case Quotation(content):
            return f"<blockquote>{speech.speak(content)}</blockquote>"
        case Points(items):
            return "\n".join(f"• {speech.speak(item)}" for item in items)
        case Pairs(rows):
            return "\n".join(f"{speech.speak(name)} – {speech.speak(value)}" for name, value in rows)
        case Entry():
            return _entry(block, speech)


def _entry(entry: Entry, speech: Speech) -> str:
    title = speech.speak(entry.title)
    number = f"{entry.number}. " if entry.number else ""
    lines = [f"<b>{number}{TelegramHtml().link(title, entry.url)}</b>"]
    if body := speech.speak(entry.body):
        lines.append(body)
    if entry.meta:
        lines.append(f"<i>{' · '.join(speech.speak(part) for part in entry.meta)}</i>")
    return "\n".join(lines)


def _row(row: tuple[Button, ...], speech: Speech) -> list[tuple[Key, ...]]:
    keys = [key for key in (_key(button, speech) for button in row) if key is not None]
    return [tuple(keys[start : start + BUTTONS_A_ROW]) for start in range(0, len(keys), BUTTONS_A_ROW)]


def _key(button: Button, speech: Speech) -> Key | None:
    label = speech.plain(button.label).strip()
    label = label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1] + "…"
    if not label:
        return None
    if button.url:
        return Key(label, url=button.url) if button.url.lower().startswith(("http://", "https://")) else None
    if button.query is not None:
        return Key(label, query=button.query[:256])
    if button.action is None:
        return None
    data = callbacks.encode(button.action)
    if data is not None:
        return Key(label, data=data)
    # A search too long for a button goes on as an inline search, which has pages of its own.
    return Key(label, query=button.action.args[0][:256]) if button.action.command == "search" else None

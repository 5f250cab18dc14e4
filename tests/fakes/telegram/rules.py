"""What the server demands of texts, keyboards and commands, apart from any chat.

*Source*: https://core.telegram.org/bots/api#sendmessage, #inlinekeyboardbutton, #setmycommands, #sending-files.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from .entities import Formatted, check_entities, normal_url, parse_html
from .failures import Unsupported, bad_request
from .schema import utf16_length

Warn = Callable[[str], None]

TEXT_LIMIT_UTF16 = 4096
CAPTION_LIMIT_UTF16 = 1024
QUOTE_LIMIT_UTF16 = 1024
ENTITY_LIMIT = 100
BUTTON_LIMIT = 100
BUTTONS_A_ROW = 8
COMMAND_LIMIT = 100
CALLBACK_ANSWER_LIMIT = 200
PHOTO_LIMIT_BYTES = 10 * 2**20
FILE_LIMIT_BYTES = 50 * 2**20

_COMMAND = re.compile(r"[a-z0-9_]{1,32}\Z", re.ASCII)
_LANGUAGE = re.compile(r"([a-z]{2})?\Z")
_NO_ACTION = {"text", "style", "icon_custom_emoji_id"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")


def formatted(text: str, parse_mode: str | None, entities: list[dict[str, Any]] | None, warn: Warn) -> Formatted:
    """The text as the server keeps it: parsed, trimmed, at most 100 entities.

    Raises:
        ApiError: markup that can't be parsed, entities that do not fit, an unknown parse mode.
    """
    if _CONTROL.search(text):
        warn("the text has control characters; the server turns them into spaces")
    if parse_mode:
        if entities:
            warn("both parse_mode and entities given; the server looks at parse_mode only")
        found = _parsed(text, parse_mode.lower())
    else:
        found = _kept(check_entities(text, entities) if entities else Formatted(text))
    for words in found.dropped:
        warn(words)
    return found


@lru_cache(maxsize=1024)  # a digest goes to many chats
def _parsed(text: str, mode: str) -> Formatted:
    if mode == "html":
        return _kept(parse_html(text))
    if mode in {"markdown", "markdownv2"}:
        raise Unsupported(f"parse_mode {mode}")
    raise bad_request("unsupported parse_mode")


def _kept(found: Formatted) -> Formatted:
    """What the server keeps: at most 100 entities, and no white space around the text."""
    entities, dropped = found.entities, found.dropped
    if len(entities) > ENTITY_LIMIT:
        dropped = [*dropped, f"{len(entities)} entities: the server drops those beyond {ENTITY_LIMIT}"]
        entities = entities[:ENTITY_LIMIT]
    text = found.text
    if not text or not (text[0].isspace() or text[-1].isspace()):
        return Formatted(text, entities, dropped)
    first = min((entity["offset"] for entity in entities), default=len(text))
    lead = min(len(text) - len(text.lstrip()), first)
    kept = text[lead:].rstrip()
    total = utf16_length(kept)
    moved = [
        entity | {"offset": entity["offset"] - lead, "length": min(entity["length"], total - entity["offset"] + lead)}
        for entity in entities
    ]
    return Formatted(kept, [entity for entity in moved if entity["length"] > 0], dropped)


def check_text(found: Formatted) -> None:
    """Raises ApiError for a text that is empty after trimming or longer than 4096."""
    if not found.text.strip():
        raise bad_request("message text is empty")
    if utf16_length(found.text) > TEXT_LIMIT_UTF16:
        raise bad_request("message is too long")


def check_caption(found: Formatted) -> None:
    """Raises ApiError for a caption longer than 1024."""
    if utf16_length(found.text) > CAPTION_LIMIT_UTF16:
        raise bad_request("message caption is too long")


def check_markup(markup: dict[str, Any] | None, warn: Warn) -> dict[str, Any] | None:
    """An inline keyboard as the message keeps it; other kinds of markup are taken but leave nothing behind.

    Raises:
        ApiError: too many buttons, or one that is no button.
    """
    if not markup or "inline_keyboard" not in markup:
        return None
    rows: list[list[dict[str, Any]]] = [row for row in markup["inline_keyboard"] if row]
    if sum(len(row) for row in rows) > BUTTON_LIMIT:
        raise bad_request("reply markup is too long")
    if any(len(row) > BUTTONS_A_ROW for row in rows):
        warn(f"more than {BUTTONS_A_ROW} buttons in one row; clients do not show them all")
    for row in rows:
        for button in row:
            _check_button(button)
    return {"inline_keyboard": rows} if rows else None


def _check_button(button: dict[str, Any]) -> None:
    if not button["text"].strip():
        raise bad_request("can't parse inline keyboard button: button text must be non-empty")
    actions = [name for name in button if name not in _NO_ACTION]
    if not actions:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        # The real server takes the first and forgets the rest; the documentation says "exactly one".
        raise bad_request(f"can't parse inline keyboard button: exactly one action allowed, found {actions}")
    if "url" in button:
        check_url(button["url"])
    elif "login_url" in button and not button["login_url"]["url"].startswith("https://"):
        raise bad_request(f"inline keyboard button login URL '{button['login_url']['url']}' is invalid")


def check_url(url: str) -> None:
    """Raises ApiError for a button URL that is no http, https or tg URL."""
    if normal_url(url) is not None:
        return
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.\-]*):", url)
    known = scheme is not None and scheme[1].lower() in {"http", "https", "tg", "ton"}
    words = "Wrong HTTP URL" if known or scheme is None else "Unsupported URL protocol"
    raise bad_request(f"inline keyboard button URL '{url}' is invalid: {words}")


def check_commands(commands: list[dict[str, Any]]) -> None:
    """Raises ApiError for more than 100 commands or one with a wrong name or an empty description."""
    if len(commands) > COMMAND_LIMIT:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.match(command["command"].removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not command["description"].strip():
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    names = [command["command"] for command in commands]
    if len(set(names)) != len(names):
        raise bad_request("BOT_COMMAND_INVALID")


def check_language(code: str) -> None:
    """Raises ApiError for what is neither empty nor a two-letter ISO 639-1 code."""
    if not _LANGUAGE.match(code):
        raise bad_request("invalid language code specified")

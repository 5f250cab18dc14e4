"""Actions ↔ callback data: compact, versioned, and read with suspicion."""

import re

from handlers.reply import Action

VERSION = "1"
# Bot API, InlineKeyboardButton.callback_data: 1-64 bytes.
MAX_BYTES = 64
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def encode(action: Action) -> str | None:
    """The callback data of an action, None where it does not fit."""
    parts = (VERSION, action.command, *action.args)
    if any("|" in part for part in parts):
        return None
    data = "|".join(parts)
    return data if len(data.encode()) <= MAX_BYTES else None


def decode(data: str) -> Action | None:
    """The action of callback data, None where it is not of this version; whether it is allowed, dispatch decides."""
    version, *parts = data.split("|")
    if version != VERSION or not parts or not _COMMAND.fullmatch(parts[0]):
        return None
    return Action(parts[0], tuple(parts[1:]))

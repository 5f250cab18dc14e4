"""Actions as the few bytes that a button carries, and back; nothing that comes back is trusted.

Form: "1|summary|12", version, command and arguments. What comes back runs like a typed command: with its arguments
parsed and with the rights of whoever pressed.
*Source*: Bot API, InlineKeyboardButton: callback_data has 1-64 bytes.
"""

import re

from telegram.constants import InlineKeyboardButtonLimit

from handlers.reply import Action

VERSION = "1"
LIMIT_BYTES = int(InlineKeyboardButtonLimit.MAX_CALLBACK_DATA)
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_ESCAPED = {"\\": "\\\\", "|": "\\p"}
_PLAIN = {written: plain for plain, written in _ESCAPED.items()}


def encode(action: Action) -> str | None:
    """The data of a button, None where the action has no room in it."""
    parts = (VERSION, action.command, *(_escape(argument) for argument in action.args))
    written = "|".join(parts)
    try:
        return written if len(written.encode()) <= LIMIT_BYTES else None
    except UnicodeEncodeError:
        return None


def decode(written: str) -> Action | None:
    """The action of a pressed button, None where it is of another version or not ours."""
    version, _, rest = written.partition("|")
    command, *arguments = rest.split("|")
    if version != VERSION or not _COMMAND.fullmatch(command):
        return None
    return Action(command, tuple(_unescape(argument) for argument in arguments))


def _escape(argument: str) -> str:
    return re.sub(r"[\\|]", lambda match: _ESCAPED[match[0]], argument)


def _unescape(argument: str) -> str:
    return re.sub(r"\\[\\p]", lambda match: _PLAIN[match[0]], argument)

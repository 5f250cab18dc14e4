"""What a link into the private chat carries, such as a search to subscribe to; nothing that comes back is trusted.

*Source*: Bot API, deep linking and InlineQueryResultsButton: 1-64 characters, only A-Z, a-z, 0-9, _ and -.
"""

import base64
import binascii
import re

MAX_CHARACTERS = 64
_CLIP = "clip_"
_WORD = "sub_"
_WORDS = "find_"
_PLAIN = re.compile(r"[A-Za-z0-9-]{1,50}")


def to_clip(clip_id: int) -> str:
    """The payload that shows a clip."""
    return f"{_CLIP}{clip_id}"


def to_subscribe(words: str) -> str:
    """The payload that offers a subscription to some words; "" where there are none, or too many for a link."""
    words = " ".join(words.split())
    if _PLAIN.fullmatch(words):
        return _WORD + words
    written = base64.urlsafe_b64encode(words.encode("utf-8", "replace")).decode().rstrip("=")
    return _WORDS + written if words and len(_WORDS) + len(written) <= MAX_CHARACTERS else ""


def words_of(payload: str) -> str:
    """The words that a payload offers to subscribe to; "" where it is of another kind or broken."""
    if payload.startswith(_WORD):
        return payload.removeprefix(_WORD)
    if not payload.startswith(_WORDS):
        return ""
    written = payload.removeprefix(_WORDS)
    try:
        return base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""

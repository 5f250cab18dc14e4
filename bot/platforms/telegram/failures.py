"""What an error of the Bot API means for the message and the chat."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.platforms.outgoing import Failure, SendError

# The server's own words; it gives no other code.
_REFUSALS = (
    (("chat not found", "peer_id_invalid"), Failure.MISSING, "chat_not_found"),
    (("rights", "chat_write_forbidden", "chat_restricted"), Failure.GONE, "no_rights"),
    (("thread not found", "topic_closed", "topic_deleted"), Failure.GONE, "topic_gone"),
)
_GONE = {
    "blocked": "blocked",
    "kicked": "kicked",
    "deactivated": "deactivated",
    "not a member": "left",
    "initiate": "not_started",
}
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


def failure_of(error: TelegramError, now: datetime, parts: Sequence[str] = ()) -> SendError:
    """The error as jobs and listeners know it, with the parts that were sent before it."""
    words = str(error).lower()
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        wait = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
        return SendError(Failure.RETRY, "flood", retry_at=now + wait, parts=parts)
    if isinstance(error, ChatMigrated):
        return SendError(Failure.MOVED, "migrated", moved_to=str(error.new_chat_id), parts=parts)
    if isinstance(error, Forbidden):
        code = next((code for part, code in _GONE.items() if part in words), "forbidden")
        return SendError(Failure.GONE, code, parts=parts)
    if isinstance(error, BadRequest):
        found = ((failure, code) for named, failure, code in _REFUSALS if any(part in words for part in named))
        failure, code = next(found, (Failure.REJECTED, "bad_request"))
        return SendError(failure, code, parts=parts)
    return _of_the_network(error, parts)


def _of_the_network(error: TelegramError, parts: Sequence[str]) -> SendError:
    """An error without a verdict of the server: what matters is whether the message may have arrived."""
    if isinstance(error, InvalidToken):
        return SendError(Failure.RETRY, "token", lane_wide=True, parts=parts)
    if isinstance(error.__cause__, _NEVER_SENT):
        return SendError(Failure.RETRY, "unreachable", parts=parts)
    if isinstance(error, TimedOut):
        return SendError(Failure.UNCERTAIN, "timeout", parts=parts)
    if isinstance(error.__cause__, httpx.HTTPError):
        return SendError(Failure.UNCERTAIN, "cut_off", parts=parts)
    if isinstance(error, NetworkError):
        # The server itself answered with an error (5xx): it did not take the message.
        return SendError(Failure.RETRY, "server", parts=parts)
    # A 200 whose body cannot be read.
    return SendError(Failure.UNCERTAIN, "garbled", parts=parts)

"""What an error of the Bot API means for the message and the chat."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.platforms.outgoing import Failure, SendError
from bot.platforms.telegram.transport import NEVER_SENT
from handlers.request import ChatAddress

# A token that is not known now is asked for again so much later.
TOKEN_PAUSE = timedelta(minutes=10)
# The server's own words; it gives no other code.
_REFUSALS = (
    (("chat not found", "peer_id_invalid"), Failure.MISSING, "chat_not_found"),
    (("rights", "chat_write_forbidden", "chat_restricted"), Failure.GONE, "no_rights"),
    (("topic_closed",), Failure.GONE, "topic_gone"),
)
_TOPIC_DELETED = ("thread not found", "topic_deleted")
_GONE = {
    "blocked": "blocked",
    "kicked": "kicked",
    "deactivated": "deactivated",
    "not a member": "left",
    "initiate": "not_started",
}


def failure_of(
    error: TelegramError, now: datetime, parts: Sequence[str] = (), *, address: ChatAddress | None = None
) -> SendError:
    """The error as jobs and listeners know it, with the parts that were sent before it.

    Args:
        address: where it was sent to; of a deleted topic only the group is left.
    """
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
        if address is not None and address.thread_id and any(part in words for part in _TOPIC_DELETED):
            return SendError(Failure.MOVED, "topic_deleted", moved_to=address.native_id, parts=parts)
        found = ((failure, code) for named, failure, code in _REFUSALS if any(part in words for part in named))
        failure, code = next(found, (Failure.REJECTED, "bad_request"))
        return SendError(failure, code, parts=parts)
    return _of_the_network(error, now, parts)


def _of_the_network(error: TelegramError, now: datetime, parts: Sequence[str]) -> SendError:
    """An error without a verdict of the server: what matters is whether the message may have arrived."""
    if isinstance(error, InvalidToken | EndPointNotFound):
        return SendError(Failure.RETRY, "token", retry_at=now + TOKEN_PAUSE, lane_wide=True, parts=parts)
    if isinstance(error.__cause__, NEVER_SENT):
        return SendError(Failure.RETRY, "unreachable", parts=parts)
    if isinstance(error, TimedOut):
        return SendError(Failure.UNCERTAIN, "timeout", parts=parts)
    if type(error) is NetworkError and error.__cause__ is None and "timeout" not in str(error).lower():
        # The Bot API itself said in its own form that it failed (500, 502): it did not take the message.
        return SendError(Failure.RETRY, "server", parts=parts)
    # The connection broke; or something between us and the server answered (504, the page of a proxy), which does not
    # know what the server did; or the server's own words cannot be read.
    return SendError(Failure.UNCERTAIN, "cut_off", parts=parts)

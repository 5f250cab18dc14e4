"""How long an answer waits before it is tried again."""

from datetime import datetime

from bot.platforms.outgoing import Failure, SendError

# Nobody waits longer for an answer; the chat's other messages wait behind it.
LONGEST_WAIT_S = 60.0


def pause_s(error: SendError, attempt: int, now: datetime, *, tries: int) -> float:
    """Seconds until the next attempt.

    Args:
        attempt: how many were made.
        tries: how many are made at most.

    Raises:
        SendError: the error itself, where another attempt would not help, or would come too late.
    """
    wait_s = 2.0 ** (attempt - 1) if error.retry_at is None else max(0.0, (error.retry_at - now).total_seconds())
    if error.failure is not Failure.RETRY or attempt >= tries or wait_s > LONGEST_WAIT_S:
        raise error
    return wait_s

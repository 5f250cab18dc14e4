"""What goes wrong with a homeserver, and what that means for a message and its room.

MatrixTrouble
├── MatrixError        the homeserver answered with an error
└── Unreachable        it did not answer, or not in a way that can be read
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NoReturn

from bot.platforms.outgoing import Failure, SendError

REVOKED = "M_UNKNOWN_TOKEN"
LIMITED = "M_LIMIT_EXCEEDED"
FORBIDDEN = "M_FORBIDDEN"
# Without a word of the homeserver about it.
DEFAULT_PAUSE = timedelta(seconds=5)
REVOKED_PAUSE = timedelta(minutes=5)
# Refusals that say nothing about the room: its administrator has to lift them, and then everything goes on.
OF_THE_ACCOUNT = frozenset(
    {
        "M_CONSENT_NOT_GIVEN",
        "M_RESOURCE_LIMIT_EXCEEDED",
        "M_USER_DEACTIVATED",
        "M_USER_LIMIT_EXCEEDED",
        "M_USER_LOCKED",
        "M_USER_SUSPENDED",
    }
)


class MatrixTrouble(Exception):
    """A request that did not succeed."""


class Unreachable(MatrixTrouble):
    """No answer that can be read."""


class MatrixError(MatrixTrouble):
    """An error of the homeserver.

    Attributes:
        status: of HTTP, 0 where unknown.
        code: the errcode, such as M_FORBIDDEN.
        retry_after: how long to wait, None where the homeserver does not say it.
        body: the whole answer, for the steps of interactive authentication.
    """

    def __init__(self, status: int, code: str, *, retry_after: timedelta | None = None, body: object = None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.body = body

    @property
    def is_limit(self) -> bool:
        """Whether the homeserver asks us to send more slowly."""
        return self.code == LIMITED or self.status == 429


def failure_of(trouble: MatrixTrouble, now: datetime, parts: Sequence[str] = ()) -> SendError:
    """The trouble as jobs and listeners know it, with the parts that were sent before it.

    A lost answer is no uncertainty here: the transaction id makes the next try safe.
    *Source*: Client-Server API v1.11, 5.6 "Transaction identifiers" and 5.7 "Rate limiting".
    """
    if not isinstance(trouble, MatrixError):
        return SendError(Failure.RETRY, "unreachable", parts=parts)
    if trouble.is_limit:
        pause = trouble.retry_after or DEFAULT_PAUSE
        return SendError(Failure.RETRY, "flood", retry_at=now + pause, lane_wide=True, parts=parts)
    if trouble.code == REVOKED or trouble.status == 401:
        return SendError(Failure.RETRY, "token", retry_at=now + REVOKED_PAUSE, lane_wide=True, parts=parts)
    if trouble.code in OF_THE_ACCOUNT:
        code = trouble.code.lower()
        return SendError(Failure.RETRY, code, retry_at=now + REVOKED_PAUSE, lane_wide=True, parts=parts)
    if trouble.code == FORBIDDEN or trouble.status == 403:
        return SendError(Failure.GONE, "no_rights", parts=parts)
    if trouble.status == 404:
        return SendError(Failure.MISSING, "room_not_found", parts=parts)
    if 400 <= trouble.status < 500:
        return SendError(Failure.REJECTED, trouble.code.lower(), parts=parts)
    return SendError(Failure.RETRY, "server", parts=parts)


def refuse(status: int, answer: object) -> NoReturn:
    """Raise what an answer stands for; a proxy's page without an errcode is no word of the homeserver.

    Raises:
        MatrixError: the homeserver refused.
        Unreachable: somebody else answered.
    """
    if isinstance(answer, dict) and isinstance(code := answer.get("errcode"), str):
        wait = answer.get("retry_after_ms")
        retry_after = timedelta(milliseconds=wait) if isinstance(wait, int | float) and wait > 0 else None
        raise MatrixError(status, code, retry_after=retry_after, body=answer)
    if status == 429:
        raise MatrixError(status, LIMITED)
    if isinstance(answer, dict) and status == 401:  # a step of interactive authentication
        raise MatrixError(status, "M_UNAUTHORIZED", body=answer)
    msg = f"status {status} without an error code"
    raise Unreachable(msg)

"""What a platform offers to the jobs that send, and how it says that a send failed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from handlers.reply import Reply
from handlers.request import ChatAddress


class Failure(StrEnum):
    """What a failed send means for the message and for the chat.

    RETRY: nothing arrived, try again at `retry_at` (or after a pause of the sender's choice).
    UNCERTAIN: the answer was lost; the message may have arrived.
    GONE: this chat cannot be written to now (blocked, kicked, no rights, deactivated).
    MISSING: the platform does not know the chat.
    MOVED: the chat has another id, `moved_to`.
    REJECTED: the platform does not take this message as it is; a fault of ours.
    """

    RETRY = "retry"
    UNCERTAIN = "uncertain"
    GONE = "gone"
    MISSING = "missing"
    MOVED = "moved"
    REJECTED = "rejected"


class SendError(Exception):
    """A send that did not succeed.

    Attributes:
        code: a stable word for statistics ("blocked", "flood", "timeout", …).
        lane_wide: the pause until `retry_at` concerns the whole account, not this chat alone.
        parts: native ids of the parts that were sent before the failure.
    """

    def __init__(
        self,
        failure: Failure,
        code: str,
        *,
        retry_at: datetime | None = None,
        moved_to: str = "",
        lane_wide: bool = False,
        parts: Sequence[str] = (),
    ) -> None:
        super().__init__(f"{failure}: {code}")
        self.failure = failure
        self.code = code
        self.retry_at = retry_at
        self.moved_to = moved_to
        self.lane_wide = lane_wide
        self.parts = tuple(parts)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message on its way.

    Attributes:
        key: the same for every attempt; a platform with transaction ids uses it as one.
        sent_parts: native ids of the parts that arrived in an earlier attempt; they are not sent again.
        edits: native ids of messages that are to be changed, part by part; where they are given, nothing new is sent.
    """

    address: ChatAddress
    reply: Reply
    language: str
    timezone: str
    key: str
    sent_parts: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()


PartSent = Callable[[tuple[str, ...]], Awaitable[None]]


class Sender(Protocol):
    """Sends messages that nobody asked for just now."""

    async def send(self, outgoing: Outgoing, part_sent: PartSent) -> tuple[str, ...]:
        """Send all parts that are missing, calling `part_sent` with all native ids so far after each.

        Returns:
            The native ids of all parts in order.

        Raises:
            SendError: what happened instead.
        """
        ...

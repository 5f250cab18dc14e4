"""What a platform offers to the jobs that send, and how it says that a send failed."""

from collections.abc import Sequence
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
    MOVED: the chat has another id, `moved_to`; the same id where only its thread is gone.
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


class Withdrawn(Exception):
    """A message is not to be sent now: somebody else sends it, its chat cannot be written to, or sending ends."""


class Progress(Protocol):
    """Is told how far a message is, and writes that down."""

    async def begin(self) -> None:
        """Its turn has come: called once, right before the first request that may make something arrive.

        Raises:
            Withdrawn: it must not be sent now.
        """
        ...

    async def part_sent(self, parts: tuple[str, ...]) -> None:
        """Another part arrived; `parts` are the native ids of all so far."""
        ...


class Sender(Protocol):
    """Sends messages that nobody asked for just now."""

    async def send(self, outgoing: Outgoing, progress: Progress) -> tuple[str, ...]:
        """Send all parts that are missing.

        Returns:
            The native ids of all parts in order.

        Raises:
            SendError: what happened instead.
            Withdrawn: `progress` wants nothing to be sent.
        """
        ...

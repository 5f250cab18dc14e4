"""What the server writes down of each call, and the choices it leaves to the test."""

from dataclasses import dataclass, field
from typing import Any

from .flood import FloodLimits

Json = dict[str, Any]

EPOCH = 1_795_435_200
"""Monday 23 November 2026, 12:00 UTC: the Unix time of a fake's first moment unless told otherwise."""


@dataclass(slots=True)
class Accepted:
    """One call that had its effect.

    Attributes:
        at: the fake's clock, in seconds.
        is_answered: False where a fault lost the answer, or nobody waited for it any more.
    """

    number: int
    method: str
    at: float
    params: Json
    chat_id: int | None = None
    message_id: int | None = None
    is_answered: bool = True


@dataclass(frozen=True, slots=True)
class Rejected:
    """One call that the server refused by its rules; floods and scripted faults are not among them."""

    method: str
    code: int
    description: str
    params: Json


@dataclass(frozen=True, slots=True)
class Options:
    """How this server behaves where the real one may differ.

    Attributes:
        flood: off by default; `flood.REAL_LIMITS` has the published limits.
        privacy_mode: in groups the bot sees only commands, replies to it and mentions.
        callback_timeout_s: after this (the fake's clock) a button press can't be answered; the real value is
            not documented.
        inline_timeout_s: the same for inline queries.
        webhook_retry_s: real seconds between pushes to a webhook that fails.
    """

    flood: FloodLimits = field(default_factory=FloodLimits)
    privacy_mode: bool = True
    callback_timeout_s: float = 15.0
    inline_timeout_s: float = 10.0
    webhook_retry_s: float = 1.0

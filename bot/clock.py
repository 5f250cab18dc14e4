"""The only reading of the wall clock, and what waiting looks like."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]
"""Waits some seconds; tests have one that does not."""


def now() -> datetime:
    """This instant, aware UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place

"""The only reading of the wall clock."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """This instant, aware UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place

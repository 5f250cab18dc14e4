"""Who is told what the jobs do, for figures; nobody by default."""

from typing import Protocol


class Watch(Protocol):
    """Counts what polls bring."""

    def polled(self, code: str) -> None:
        """A feed was asked: why it could not be had, "" where it answered."""
        ...

    def brought(self, new: int, updated: int, refused: int) -> None:
        """A feed's items were taken in: how many were new, how many changed, how many could not be read."""
        ...


class Unwatched:
    """Counts nothing."""

    def polled(self, code: str) -> None:
        """Nobody wants to know."""

    def brought(self, new: int, updated: int, refused: int) -> None:
        """Nobody wants to know."""

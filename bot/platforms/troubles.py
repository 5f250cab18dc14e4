"""What keeps an account from its work: each trouble is said once, known while it lasts, and its end is said too."""

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

# A trouble that comes back after this long is worth another line.
FORGOTTEN = timedelta(minutes=10)
Kind = TypeVar("Kind", bound=str)


class Troubles(Generic[Kind]):
    """The troubles of one account.

    Args:
        ends: what is said when a trouble is over.
        passing: those that mend themselves, so that no operator is called.
    """

    def __init__(
        self, clock: Callable[[], datetime], ends: Mapping[Kind, str], *, passing: Collection[Kind] = ()
    ) -> None:
        self._clock = clock
        self._ends = ends
        self._passing = passing
        self._said_at: dict[Kind, datetime] = {}
        self._lasting: dict[Kind, str] = {}

    def begin(self, trouble: Kind, words: str) -> None:
        """Something is wrong, or still is."""
        now = self._clock()
        said_at = self._said_at.get(trouble)
        if said_at is None or now - said_at > FORGOTTEN:
            log.error(words)
        # One that lasts is not said again every ten minutes.
        self._said_at[trouble] = now
        self._lasting[trouble] = words

    def end(self, *troubles: Kind) -> None:
        """These are over, whether or not there were any."""
        for trouble in troubles:
            if self._lasting.pop(trouble, None) is not None:
                log.info(self._ends[trouble])

    @property
    def lasting(self) -> str:
        """All that is wrong now, also what mends itself."""
        return "; ".join(self._lasting.values())

    @property
    def for_operator(self) -> str:
        """What an operator has to mend now, "" where there is nothing."""
        return "; ".join(words for trouble, words in self._lasting.items() if trouble not in self._passing)

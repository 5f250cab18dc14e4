"""What keeps an account from listening: each trouble is said once, known while it lasts, and its end is said too."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

log = logging.getLogger(__name__)

# A trouble that comes back after this long is worth another line.
FORGOTTEN = timedelta(minutes=10)


class Trouble(StrEnum):
    """What is wrong.

    TOKEN: Telegram does not know the bot token.
    CONFLICT: another program takes the updates of the same token.
    WEBHOOK: Telegram cannot reach the webhook, or does not take its address.
    NETWORK: Telegram cannot be reached, which mends itself.
    """

    TOKEN = "token"  # noqa: S105 - no secret
    CONFLICT = "conflict"
    WEBHOOK = "webhook"
    NETWORK = "network"


_ENDS = {
    Trouble.TOKEN: "Telegram takes the bot token again",
    Trouble.CONFLICT: "no other program takes the updates any more",
    Trouble.WEBHOOK: "Telegram reaches the webhook again",
    Trouble.NETWORK: "Telegram can be reached again",
}


class Troubles:
    """The troubles of one account."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._said_at: dict[Trouble, datetime] = {}
        self._lasting: dict[Trouble, str] = {}

    def begin(self, trouble: Trouble, words: str) -> None:
        """Something is wrong, or still is."""
        now = self._clock()
        said_at = self._said_at.get(trouble)
        if said_at is None or now - said_at > FORGOTTEN:
            log.error(words)
        # One that lasts is not said again every ten minutes.
        self._said_at[trouble] = now
        self._lasting[trouble] = words

    def end(self, *troubles: Trouble) -> None:
        """These are over, whether or not there were any."""
        for trouble in troubles:
            if self._lasting.pop(trouble, None) is not None:
                log.info(_ENDS[trouble])

    @property
    def for_operator(self) -> str:
        """What an operator has to mend now, "" where there is nothing."""
        return "; ".join(words for trouble, words in self._lasting.items() if trouble is not Trouble.NETWORK)

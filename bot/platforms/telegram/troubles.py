"""What keeps an account from listening."""

from enum import StrEnum

from bot.clock import Clock
from bot.platforms.troubles import Troubles


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


def troubles(clock: Clock) -> Troubles[Trouble]:
    """The troubles of one account; what the network does mends itself."""
    return Troubles(clock, _ENDS, passing=(Trouble.NETWORK,))

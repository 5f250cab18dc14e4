"""Long polling: asks for updates one request after the other, and hands them on in order.

*Source*: Bot API, getUpdates: an update is confirmed by asking for a higher one, and comes again until then.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.clock import Sleep
from bot.platforms.telegram.troubles import Trouble
from bot.platforms.troubles import Troubles

log = logging.getLogger(__name__)

LONG_POLL_S = 30
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
# A token that is refused rarely comes back; asking does no harm, and nobody has to start the bot anew if it does.
TOKEN_PAUSE_S = 600.0
LAST_POLL_S = 2.0
REFUSED = "Telegram does not know this bot token; compare KURZCLIPS_TELEGRAM_TOKEN with what @BotFather gave."
_OTHER_POLLER = "another program polls with the same bot token (409); stop one of the two"
_OTHER_WEBHOOK = "another program set a webhook for this bot token (409); stop it, then start this one again"
_OF_POLLING = (Trouble.NETWORK, Trouble.TOKEN, Trouble.CONFLICT)

Take = Callable[[Update], Awaitable[None]]


class Polling:
    """Fetches updates while `run` runs.

    Args:
        take: is given each update, the next one after it returned.
        allowed: the kinds of updates that are wanted.
        sleep: waits between attempts.
    """

    def __init__(
        self,
        bot: Bot,
        take: Take,
        troubles: Troubles[Trouble],
        *,
        allowed: tuple[str, ...],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._take = take
        self._troubles = troubles
        self._allowed = list(allowed)
        self._sleep = sleep
        self._offset = 0
        self._confirmed = 0

    async def open(self) -> None:
        """Nothing has to be ready before the first poll."""

    async def begin(self) -> None:
        """Nothing either."""

    async def run(self) -> None:
        """Poll until cancelled; a webhook that was set before is taken away, and what waited for it comes here."""
        await self._persist(lambda: self._bot.delete_webhook(drop_pending_updates=False))
        log.info("listening on Telegram as @%s", self._bot.username)
        while True:
            for number, update in await self._persist(self._poll):
                if update is not None:
                    await self._take(update)
                self._offset = number + 1

    async def close(self) -> None:
        """Confirm what was taken, so that it does not come again at the next start."""
        if self._offset == self._confirmed:
            return
        with suppress(TelegramError, TimeoutError):
            async with asyncio.timeout(LAST_POLL_S):  # the network may be down just now
                await self._bot.get_updates(offset=self._offset, limit=1, timeout=0, allowed_updates=self._allowed)
                self._confirmed = self._offset

    async def _poll(self) -> list[tuple[int, Update | None]]:
        """The next updates with their numbers, None in place of one that cannot be read."""
        asked_from = self._offset
        try:
            updates = await self._bot.get_updates(offset=asked_from, timeout=LONG_POLL_S, allowed_updates=self._allowed)
            found: list[tuple[int, Update | None]] = [(update.update_id, update) for update in updates]
        except (AttributeError, KeyError, TypeError, ValueError):
            # The library gives all or none. One that it does not understand would come again and again, for ever.
            found = [(raw["update_id"], read(raw, self._bot)) for raw in await self._raw(asked_from)]
        self._confirmed = asked_from
        return found

    async def _raw(self, offset: int) -> list[dict[str, Any]]:
        raw = await self._bot.request.post(f"{self._bot.base_url}/getUpdates?offset={offset}&timeout=0")
        assert isinstance(raw, list)  # noqa: S101 - the result of getUpdates
        return raw

    async def _persist(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """The outcome of a call, tried again with longer and longer pauses until there is one."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                outcome = await call()
            except RetryAfter as error:
                await self._sleep(seconds_of(error))
            except InvalidToken:
                self._troubles.begin(Trouble.TOKEN, REFUSED)
                await self._sleep(TOKEN_PAUSE_S)
            except TelegramError as error:
                self._tell(error)
                await self._sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                self._troubles.end(*_OF_POLLING)
                return outcome

    def _tell(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            is_webhook = "webhook" in str(error).lower()
            self._troubles.begin(Trouble.CONFLICT, _OTHER_WEBHOOK if is_webhook else _OTHER_POLLER)
        else:
            self._troubles.begin(Trouble.NETWORK, f"Telegram cannot be polled at the moment; trying on: {error}")


def seconds_of(error: RetryAfter) -> float:
    """How long a 429 wants us to wait."""
    wait = error.retry_after
    return float(wait) if isinstance(wait, int | float) else wait.total_seconds()


def read(raw: dict[str, Any], bot: Bot) -> Update | None:
    """One update as it came; None where it cannot be read, which is a defect of ours and written down."""
    try:
        return Update.de_json(raw, bot)
    except Exception:  # whatever it was, the next ones must not wait for it
        log.exception("an update of Telegram cannot be read", extra={"update": str(raw.get("update_id"))})
        return None

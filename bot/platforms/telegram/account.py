"""One bot account: connects, listens and sends, and says in one sentence when Telegram refuses it."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Updater
from telegram.request import HTTPXRequest

from bot.clock import Clock
from bot.config import Settings
from bot.errors import PlatformRefused
from bot.lanes import Lanes
from bot.platforms.telegram.answers import Sleep
from bot.platforms.telegram.listen import ALLOWED_UPDATES, TelegramListener
from bot.platforms.telegram.menus import bring_up_to_date
from bot.platforms.telegram.send import TelegramSender
from handlers.context import Services
from handlers.dispatch import Dispatcher
from storage.errors import StorageError

log = logging.getLogger(__name__)

LONG_POLL_S = 30
CONNECTIONS = 8
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
LAST_ANSWERS_S = 10.0
LAST_POLL_S = 10.0
# A trouble that comes back after this long is worth another line.
TROUBLE_FORGOTTEN = timedelta(minutes=10)
REFUSED = "Telegram does not know this bot token; compare KURZCLIPS_TELEGRAM_TOKEN with what @BotFather gave."
_CHATTY = ("httpx", "httpcore", "telegram")


class _PollRequest(HTTPXRequest):
    """The connection of the long poll, which tells what status each answer had."""

    __slots__ = ("_told",)

    def __init__(self, told: Callable[[int], None]) -> None:
        # Two connections: the last poll at the end begins while the one before is still being closed.
        super().__init__(connection_pool_size=2, connect_timeout=10, read_timeout=10, write_timeout=10, pool_timeout=10)
        self._told = told

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """One exchange."""
        status, body = await super().do_request(*args, **kwargs)
        self._told(status)
        return status, body


def make_bot(token: str, api_url: str, *, polled: Callable[[int], None] = lambda status: None) -> Bot:
    """A client of the Bot API, not connected yet.

    Args:
        polled: is told the HTTP status of each answered long poll.
    """
    # The library's own switch (since 22.2): waiting times are timedeltas instead of warnings.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    for name in _CHATTY:  # below WARNING they write addresses, which hold the token
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
    # A picture by its address may take Telegram 20 seconds to fetch.
    request = HTTPXRequest(
        connection_pool_size=CONNECTIONS, connect_timeout=10, read_timeout=30, write_timeout=20, pool_timeout=20
    )
    return Bot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=request,
        get_updates_request=_PollRequest(polled),
    )


async def who_am_i(token: str, api_url: str) -> str:
    """The user name of a token's bot.

    Raises:
        PlatformRefused: the token is not known, or Telegram cannot be reached.
    """
    bot = make_bot(token, api_url)
    try:
        async with bot:
            return bot.username
    except InvalidToken:
        # Its own words hold the token, so it is not even kept as a cause.
        raise PlatformRefused(REFUSED) from None
    except TelegramError as error:
        msg = f"Telegram cannot be reached: {error}."
        raise PlatformRefused(msg) from error


class TelegramAccount:
    """Listens while it is entered: `async with TelegramAccount(...) as account`.

    Args:
        sleep: waits between attempts, for tests that do not.
        lanes: the budget of the account, that of the settings by default.
    """

    def __init__(
        self,
        settings: Settings,
        dispatcher: Dispatcher,
        services: Services,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        lanes: Lanes | None = None,
    ) -> None:
        token = settings.telegram_token
        assert token is not None  # noqa: S101 - the composition root looked
        self._bot = make_bot(token.get_secret_value(), settings.telegram_api_url, polled=self._on_status)
        self._services = services
        self._clock = clock
        self._sleep = sleep
        self.sender = TelegramSender(self._bot, clock, lanes or Lanes(settings.telegram_rate_per_second))
        self._listener = TelegramListener(
            self._bot,
            self.sender,
            dispatcher,
            clock,
            admins=frozenset(settings.admins),
            allowed_chats=frozenset(settings.allowed_chats),
            sleep=sleep,
        )
        self._updates: asyncio.Queue[object] = asyncio.Queue()
        self._updater = Updater(self._bot, self._updates)
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers: set[asyncio.Task[None]] = set()
        self._troubles: dict[str, datetime] = {}

    async def __aenter__(self) -> Self:
        """Connect; where the network is down, go on trying beside everything else.

        Raises:
            PlatformRefused: the token is not known.
        """
        try:
            await self._bot.initialize()
        except InvalidToken:
            await self._bot.shutdown()
            raise PlatformRefused(REFUSED) from None
        except TelegramError as error:
            self._say_once("network", f"Telegram cannot be reached; trying on: {error}")
            self._spawn(self._tasks, self._connect_later())
        else:
            self._spawn(self._tasks, self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, give the answers that people wait for some time to be finished, and disconnect."""
        await _end(self._tasks)
        with suppress(TelegramError, RuntimeError, TimeoutError):
            async with asyncio.timeout(LAST_POLL_S):  # the network may be down just now
                if self._updater.running:
                    await self._updater.stop()
        # What was fetched counts as read with Telegram, so it has to be answered now or never.
        while not self._updates.empty():
            self._take(self._updates.get_nowait())
        if self._answers:
            await asyncio.wait(self._answers, timeout=LAST_ANSWERS_S)
        await _end(self._answers)
        with suppress(TelegramError, RuntimeError):
            await self._updater.shutdown()
        with suppress(TelegramError, RuntimeError):
            await self._bot.shutdown()

    async def _connect_later(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            await self._sleep(pause_s)
            try:
                await self._bot.initialize()
            except InvalidToken:
                log.error(REFUSED)
                return
            except TelegramError:
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                await self._listen()
                return

    async def _listen(self) -> None:
        try:
            await self._updater.initialize()
            await self._updater.start_polling(
                timeout=LONG_POLL_S,
                bootstrap_retries=-1,
                allowed_updates=list(ALLOWED_UPDATES),
                drop_pending_updates=False,
                error_callback=self._on_error,
            )
        except InvalidToken:
            self._say_once("token", REFUSED)
            return
        log.info("listening on Telegram as @%s", self._bot.username)
        self._spawn(self._tasks, self._send_menus())
        while True:
            self._take(await self._updates.get())

    async def _send_menus(self) -> None:
        try:
            await bring_up_to_date(self._bot, self._services, self._clock())
        except StorageError as error:
            log.error("the command menus could not be remembered: %s", error)

    def _take(self, update: object) -> None:
        if isinstance(update, Update):
            self._spawn(self._answers, self._listener.handle(update))

    def _spawn(self, among: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        among.add(task)
        task.add_done_callback(among.discard)

    def _on_status(self, status: int) -> None:
        if status == 200 and self._troubles.pop("network", None) is not None:
            log.info("Telegram can be reached again")
        elif status in {401, 404}:
            # The library's loop ends with this; only a new start with another token helps.
            self._say_once("token", REFUSED)

    def _on_error(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            self._say_once("conflict", "another program polls with the same bot token (409); stop one of the two")
        else:
            self._say_once("network", f"Telegram cannot be polled at the moment; trying on: {error}")

    def _say_once(self, trouble: str, words: str) -> None:
        now = self._clock()
        before = self._troubles.get(trouble)
        self._troubles[trouble] = now
        if before is None or now - before > TROUBLE_FORGOTTEN:
            log.error(words)


async def _end(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)  # only cancellations of our own, all else was logged

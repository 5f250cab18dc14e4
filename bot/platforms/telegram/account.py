"""One bot account: connects, listens and sends, and says in one sentence when Telegram refuses it."""

import asyncio
import logging
import os
from contextlib import suppress
from types import TracebackType
from typing import Self

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from telegram.ext import Updater
from telegram.request import HTTPXRequest

from bot.clock import Clock
from bot.config import Settings
from bot.errors import PlatformRefused
from bot.platforms.telegram.listen import ALLOWED_UPDATES, TelegramListener
from bot.platforms.telegram.menus import bring_up_to_date
from bot.platforms.telegram.send import TelegramSender
from handlers.context import Services
from handlers.dispatch import Dispatcher

log = logging.getLogger(__name__)

LONG_POLL_S = 30
CONNECTIONS = 8
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
REFUSED = "Telegram does not know this bot token; compare KURZCLIPS_TELEGRAM_TOKEN with what @BotFather gave."


def make_bot(token: str, api_url: str) -> Bot:
    """A client of the Bot API, not connected yet."""
    # The library's own switch (since 22.2): waiting times are timedeltas instead of warnings.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    return Bot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=HTTPXRequest(
            connection_pool_size=CONNECTIONS, connect_timeout=10, read_timeout=20, write_timeout=20, pool_timeout=20
        ),
        get_updates_request=HTTPXRequest(connection_pool_size=1, connect_timeout=10, read_timeout=LONG_POLL_S + 10),
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
    except InvalidToken as error:
        raise PlatformRefused(REFUSED) from error
    except TelegramError as error:
        msg = f"Telegram cannot be reached: {error}."
        raise PlatformRefused(msg) from error


class TelegramAccount:
    """Listens while it is entered: `async with TelegramAccount(...) as account`."""

    def __init__(self, settings: Settings, dispatcher: Dispatcher, services: Services, clock: Clock) -> None:
        token = settings.telegram_token
        assert token is not None  # noqa: S101 - the composition root looked
        self._bot = make_bot(token.get_secret_value(), settings.telegram_api_url)
        self._services = services
        self._clock = clock
        self.sender = TelegramSender(self._bot, clock)
        self._listener = TelegramListener(
            self._bot,
            self.sender,
            dispatcher,
            services,
            clock,
            admins=frozenset(settings.admins),
            allowed_chats=frozenset(settings.allowed_chats),
        )
        self._updates: asyncio.Queue[object] = asyncio.Queue()
        self._updater = Updater(self._bot, self._updates)
        self._tasks: set[asyncio.Task[None]] = set()
        self._has_said_conflict = False

    async def __aenter__(self) -> Self:
        """Connect; where the network is down, go on trying beside everything else.

        Raises:
            PlatformRefused: the token is not known.
        """
        try:
            await self._bot.initialize()
        except InvalidToken as error:
            raise PlatformRefused(REFUSED) from error
        except NetworkError as error:
            log.warning("Telegram cannot be reached yet; trying on: %s", error)
            self._spawn(self._connect_later())
        else:
            self._spawn(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)  # only cancellations of our own
        with suppress(TelegramError, RuntimeError):
            if self._updater.running:
                await self._updater.stop()
            await self._updater.shutdown()
        with suppress(TelegramError, RuntimeError):
            await self._bot.shutdown()

    def _spawn(self, work: "asyncio.Future[None] | object") -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect_later(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            await asyncio.sleep(pause_s)
            try:
                await self._bot.initialize()
            except InvalidToken:
                log.error(REFUSED)
                return
            except TelegramError:
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                log.info("Telegram is reached")
                await self._listen()
                return

    async def _listen(self) -> None:
        await self._updater.initialize()
        await self._updater.start_polling(
            timeout=LONG_POLL_S,
            bootstrap_retries=-1,
            allowed_updates=list(ALLOWED_UPDATES),
            drop_pending_updates=False,
            error_callback=self._on_error,
        )
        log.info("listening on Telegram as @%s", self._bot.username)
        self._spawn(bring_up_to_date(self._bot, self._services, self._clock()))
        while True:
            update = await self._updates.get()
            if isinstance(update, Update):
                self._spawn(self._listener.handle(update))

    def _on_error(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            if not self._has_said_conflict:
                log.error("another program polls with the same bot token; stop one of the two")
            self._has_said_conflict = True
        else:
            log.warning("Telegram cannot be polled at the moment: %s", error)

"""One bot account: connects, listens and sends, and says in one sentence when Telegram refuses it."""

import asyncio
import logging
import os
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from telegram import Bot, Update
from telegram.error import InvalidToken, TelegramError

from bot.clock import Clock, Sleep
from bot.config import Settings
from bot.errors import PlatformRefused
from bot.lanes import Lanes, places
from bot.platforms.tasks import Tasks
from bot.platforms.telegram import profile, webhook
from bot.platforms.telegram.listen import ALLOWED_UPDATES, TelegramListener
from bot.platforms.telegram.polling import FIRST_PAUSE_S, LONGEST_PAUSE_S, REFUSED, TOKEN_PAUSE_S, Polling
from bot.platforms.telegram.send import TelegramSender
from bot.platforms.telegram.transport import AiohttpRequest
from bot.platforms.telegram.troubles import Trouble, troubles
from bot.platforms.telegram.webhook import Webhook, complaint_of
from handlers.context import Services
from handlers.dispatch import Dispatcher
from storage import chats
from storage.errors import StorageError
from storage.states import ChatState, Platform

log = logging.getLogger(__name__)

# For those who wait for an answer, beside what bulk takes.
CONNECTIONS = 8
LAST_ANSWERS_S = 5.0
# More are not begun; the others wait with Telegram, which keeps them for a day.
MOST_ANSWERS = 1_000


def make_bot(token: str, api_url: str, *, connections: int = CONNECTIONS) -> Bot:
    """A client of the Bot API, not connected yet."""
    # The library's own switch (since 22.2): waiting times are timedeltas instead of warnings.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    # It writes addresses, which hold the token, and the words of people whose updates it cannot read. What goes wrong
    # it also raises, and that is said by us.
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)
    # A picture by its address may take Telegram 20 seconds to fetch.
    request = AiohttpRequest(connections=connections, connect_timeout_s=10, read_timeout_s=30)
    return Bot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=request,
        # Two connections: the last poll at the end begins while the one before is still being closed.
        get_updates_request=AiohttpRequest(connections=2, connect_timeout_s=10, read_timeout_s=10),
    )


async def diagnose(settings: Settings, now: datetime) -> tuple[str, str]:
    """The user name of the token's bot, and what is wrong with how updates come to it, "" where nothing.

    Raises:
        PlatformRefused: the token is not known, or Telegram cannot be reached.
    """
    bot = make_bot(_token_of(settings), settings.telegram_api_url)
    try:
        async with bot:
            info = await bot.get_webhook_info()
            return bot.username, _wrong_way(settings.telegram_webhook_url, info.url) or complaint_of(info, now)
    except InvalidToken:
        # Its own words hold the token, so it is not even kept as a cause.
        raise PlatformRefused(REFUSED) from None
    except TelegramError as error:
        msg = f"Telegram cannot be reached: {error}."
        raise PlatformRefused(msg) from error


def _wrong_way(wanted: str, present: str) -> str:
    if wanted == present:
        return ""
    if wanted:
        return "the webhook is not set (kurzclips run sets it)"
    # Its path may be a secret of the other program.
    return f"a webhook at {urlsplit(present).hostname} takes the updates (kurzclips run takes it away when it starts)"


def _token_of(settings: Settings) -> str:
    assert settings.telegram_token is not None  # noqa: S101 - who asks for Telegram looked
    return settings.telegram_token.get_secret_value()


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
        connections = CONNECTIONS + places(settings.telegram_rate_per_second)
        self._bot = make_bot(_token_of(settings), settings.telegram_api_url, connections=connections)
        self._settings = settings
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
        self._troubles = troubles(clock)
        self.source = self._make_source(settings)
        self._tasks = Tasks()
        self._answers = Tasks()

    def _make_source(self, settings: Settings) -> Polling | Webhook:
        if not settings.telegram_webhook_url:
            return Polling(self._bot, self._take, self._troubles, allowed=ALLOWED_UPDATES, sleep=self._sleep)
        address = webhook.address_of(settings, _token_of(settings))
        return Webhook(self._bot, self._take, self._troubles, address, self._clock, allowed=ALLOWED_UPDATES)

    @property
    def trouble(self) -> str:
        """What an operator has to mend, "" where there is nothing."""
        return self._troubles.for_operator

    @property
    def hindrance(self) -> str:
        """What keeps it from listening now, "" where it listens."""
        return self._troubles.lasting

    async def __aenter__(self) -> Self:
        """Connect; where the network is down, go on trying beside everything else.

        Raises:
            PlatformRefused: the token is not known, or the webhook cannot be used.
            ConfigError: the webhook's place cannot be listened on.
        """
        await self.source.open()
        try:
            await self._bot.initialize()
            await self.source.begin()
        except InvalidToken:
            await self._disconnect()
            raise PlatformRefused(REFUSED) from None
        except PlatformRefused:
            await self._disconnect()
            raise
        except TelegramError as error:
            self._troubles.begin(Trouble.NETWORK, f"Telegram cannot be reached; trying on: {error}")
            self._tasks.begin(self._connect_later())
        else:
            self._tasks.begin(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, give the answers that people wait for some time to be finished, and disconnect."""
        await self._tasks.end()
        # What was taken counts as read with Telegram, so it has to be answered now or never.
        await self.source.close()
        await self._answers.end(LAST_ANSWERS_S)
        await self._disconnect()

    async def _disconnect(self) -> None:
        await self.source.close()
        with suppress(TelegramError, RuntimeError):
            await self._bot.shutdown()

    async def _connect_later(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            await self._sleep(pause_s)
            try:
                await self._bot.initialize()
                await self.source.begin()
            except InvalidToken:
                self._troubles.begin(Trouble.TOKEN, REFUSED)
                pause_s = TOKEN_PAUSE_S
            except PlatformRefused as error:
                self._troubles.begin(Trouble.WEBHOOK, f"{error}")
                pause_s = LONGEST_PAUSE_S
            except TelegramError:
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                self._troubles.end(Trouble.NETWORK, Trouble.TOKEN, Trouble.WEBHOOK)
                await self._listen()
                return

    async def _listen(self) -> None:
        self._tasks.begin(self._introduce())
        await self.source.run()

    async def _introduce(self) -> None:
        try:
            await profile.bring_up_to_date(
                self._bot,
                self._services,
                self._clock(),
                operators=await self._operators(),
                names_itself=self._settings.telegram_profile,
                sleep=self._sleep,
            )
        except StorageError as error:
            log.error("the menus and the profile could not be remembered: %s", error)

    async def _operators(self) -> list[int]:
        """Those of the operators who talked to the bot: nobody else has a private chat with a menu."""
        found = []
        async with self._services.db.read() as tx:
            for platform, _, native_id in (each.partition(":") for each in self._settings.admins):
                if platform == Platform.TELEGRAM and native_id.isdigit():
                    chat = await chats.find(tx, platform, native_id)
                    found += [int(native_id)] if chat is not None and chat.state == ChatState.ACTIVE else []
        return found

    async def _take(self, update: Update) -> None:
        """Begin to answer an update, as soon as there is room among those that are being answered."""
        await self._answers.until_fewer_than(MOST_ANSWERS)
        self._answers.begin(self._listener.handle(update))

"""The webhook: Telegram brings updates to an address of ours, over plain HTTP behind a reverse proxy.

The server is that of `bot/serving.py`. python-telegram-bot's own needs Tornado besides, compares the secret letter by
letter, has no health route, and hands on an update twice that Telegram sends twice.

*Source*: Bot API, setWebhook, getWebhookInfo: an update that is not answered with 2xx is sent again; the calls of one
chat come one after the other.
"""

import asyncio
import hashlib
import hmac
import logging
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from aiohttp import web
from telegram import Bot, WebhookInfo
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.clock import Clock, Sleep
from bot.config import Settings
from bot.errors import PlatformRefused
from bot.platforms.telegram.polling import REFUSED, Take, read
from bot.platforms.telegram.troubles import Trouble
from bot.platforms.troubles import Troubles
from bot.serving import Place, Server

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
HEALTH = "health"
WATCH_EVERY = timedelta(minutes=1)
# Longer than Telegram goes on sending an update again after an answer of ours was lost.
REMEMBERED_UPDATES = 10_000
LAST_CALLS_S = 5.0
# Telegram keeps the words of the last failure for good; older ones say nothing about now.
LATE = timedelta(minutes=10)
OTHER_WEBHOOK = "another program set its own webhook for this bot token; stop one of the two"


@dataclass(frozen=True, slots=True)
class Address:
    """Where updates come to.

    Attributes:
        url: what Telegram is told.
        place: where is listened for the reverse proxy.
        secret: what each call has to carry.
    """

    url: str
    place: Place
    secret: str


def address_of(settings: Settings, token: str) -> Address:
    """The webhook of the settings; a secret that is not given is made of the token, the same on each machine."""
    given = settings.telegram_webhook_secret
    secret = given.get_secret_value() if given else hmac.new(token.encode(), b"webhook", hashlib.sha256).hexdigest()
    return Address(settings.telegram_webhook_url, Place.of(settings.telegram_webhook_listen), secret)


class Webhook:
    """Receives updates while it is open, and sees that Telegram goes on bringing them.

    Args:
        take: is given each update once, in the order in which they come.
        allowed: the kinds of updates that are wanted.
    """

    def __init__(
        self,
        bot: Bot,
        take: Take,
        troubles: Troubles[Trouble],
        address: Address,
        clock: Clock,
        *,
        allowed: tuple[str, ...],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._take = take
        self._troubles = troubles
        self._address = address
        self._clock = clock
        self._allowed = list(allowed)
        self._sleep = sleep
        self._path = urlsplit(address.url).path.rstrip("/") + "/"
        self._host = urlsplit(address.url).hostname
        self._server: Server | None = None
        self._is_ready = False
        self._seen: OrderedDict[int, None] = OrderedDict()

    @property
    def port(self) -> int:
        """The port that is listened on, once it is open."""
        assert self._server is not None  # noqa: S101 - it is open
        return self._server.port

    async def open(self) -> None:
        """Listen; what comes before `run` is put off, and Telegram sends it again.

        Raises:
            ConfigError: the address cannot be listened on.
        """
        app = web.Application()
        app.router.add_post("/{path:.*}", self._receive)
        app.router.add_get("/{path:.*}", self._tell_health)
        server = Server(app, self._address.place, "TELEGRAM_WEBHOOK_LISTEN", last_calls_s=LAST_CALLS_S)
        await server.open()
        self._server = server

    async def begin(self) -> None:
        """Tell Telegram the address; where it cannot be reached now, `look` does it later.

        Raises:
            PlatformRefused: Telegram does not take the address.
        """
        self._is_ready = True
        try:
            await self._register()
        except BadRequest as error:
            msg = f"Telegram does not take KURZCLIPS_TELEGRAM_WEBHOOK_URL: {error}."
            raise PlatformRefused(msg) from error
        except TelegramError as error:
            self._troubles.begin(Trouble.NETWORK, f"Telegram cannot be told the webhook; trying on: {error}")

    async def run(self) -> None:
        """Look from time to time whether Telegram still brings updates here, until cancelled."""
        # The host alone: some operators put a secret into the path.
        log.info("listening on Telegram as @%s by webhook at %s", self._bot.username, self._host)
        while True:
            await self._sleep(WATCH_EVERY.total_seconds())
            await self.look()

    async def look(self) -> None:
        """Ask Telegram how the webhook does; one that was taken away is set again, another program's is left alone."""
        try:
            info = await self._bot.get_webhook_info()
            if not info.url:
                log.warning("the webhook was taken away, mostly by a program that polls with the same token; set again")
                await self._register()
        except InvalidToken:
            self._troubles.begin(Trouble.TOKEN, REFUSED)
        except BadRequest as error:
            self._troubles.begin(Trouble.WEBHOOK, f"Telegram does not take KURZCLIPS_TELEGRAM_WEBHOOK_URL: {error}.")
        except TelegramError as error:
            self._troubles.begin(Trouble.NETWORK, f"Telegram cannot be asked about the webhook; trying on: {error}")
        else:
            self._troubles.end(Trouble.NETWORK, Trouble.TOKEN)
            self._judge(info)

    def _judge(self, info: WebhookInfo) -> None:
        if info.url and info.url != self._address.url:
            self._troubles.begin(Trouble.CONFLICT, OTHER_WEBHOOK)
        else:
            self._troubles.end(Trouble.CONFLICT)
        if complaint := complaint_of(info, self._clock()):
            self._troubles.begin(Trouble.WEBHOOK, complaint)
        else:
            self._troubles.end(Trouble.WEBHOOK)

    async def _register(self) -> None:
        await self._bot.set_webhook(
            self._address.url,
            secret_token=self._address.secret,
            allowed_updates=self._allowed,
            drop_pending_updates=False,
        )

    async def close(self) -> None:
        """Listen no more. The webhook stays set: Telegram keeps what comes until the bot is back."""
        server, self._server = self._server, None
        if server is not None:
            await server.close()

    async def _receive(self, request: web.Request) -> web.Response:
        # A proxy may cut the beginning of the path off, up to the whole of it.
        if not self._path.endswith(request.path.rstrip("/") + "/"):
            return web.Response(status=404)
        if not hmac.compare_digest(_bytes(request.headers.get(SECRET_HEADER, "")), _bytes(self._address.secret)):
            log.info("a call of the webhook without the secret was refused")
            return web.Response(status=403)
        if not self._is_ready:
            return web.Response(status=503, text="starting")
        try:
            raw = await request.json()
            number = int(raw["update_id"])
        except (ValueError, TypeError, KeyError):
            return web.Response(status=400, text="no update")
        if number in self._seen:  # our answer to it was lost
            return web.Response()
        self._remember(number)
        update = read(raw, self._bot)
        if update is not None:
            await self._take(update)
        return web.Response()

    def _remember(self, number: int) -> None:
        self._seen[number] = None
        if len(self._seen) > REMEMBERED_UPDATES:
            self._seen.popitem(last=False)

    async def _tell_health(self, request: web.Request) -> web.Response:
        if request.path.rstrip("/").rpartition("/")[2] != HEALTH:
            return web.Response(status=404)
        words = self._troubles.for_operator if self._is_ready else "starting"
        return web.Response(status=503 if words else 200, text=words or "ok")


def complaint_of(info: WebhookInfo, now: datetime) -> str:
    """What Telegram said of late about the webhook while updates wait for it, "" where nothing."""
    error_at = info.last_error_date
    if not info.pending_update_count or error_at is None or now - error_at > LATE:
        return ""
    words = " ".join((info.last_error_message or "").split())[:200]
    return f"Telegram cannot bring updates to the webhook: {words} ({info.pending_update_count} wait)"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")  # as aiohttp reads headers

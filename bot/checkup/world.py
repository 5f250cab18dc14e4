"""Checks of what is outside of this machine: its time, the platforms, the address for hubs, the models."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx

from bot.app import Core
from bot.checkup.verdict import Verdict
from bot.config import Settings
from bot.encoders import EndpointEncoder
from bot.errors import ConfigError, PlatformRefused
from bot.fetched import http_date
from bot.jobs.websub import PATH
from bot.logs import redact
from bot.models import EndpointWriter
from bot.websub import ALIVE, ALIVE_WORDS

# From here on digests come noticeably early or late, and Matrix and TLS begin to complain.
CLOCK_OFF = timedelta(seconds=5)
PATIENCE_S = 10.0
# The Date header has whole seconds, cut off. Source: RFC 9110, 6.6.1.
HALF_SECOND = timedelta(milliseconds=500)


async def clock(core: Core) -> AsyncIterator[Verdict]:
    """Whether this machine's clock goes as that of a platform's server."""
    address = _server_of(core.settings)
    if not address:
        yield Verdict("clock", True, "not compared; no platform is configured.")
        return
    asked_at = core.clock()
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            answer = await client.get(address)
    except httpx.HTTPError as error:
        yield Verdict("clock", True, f"not compared; {_host(address)} cannot be reached: {_words(error)}.")
        return
    told = http_date(answer.headers.get("Date", ""))
    if told is None:
        yield Verdict("clock", True, f"not compared; {_host(address)} does not tell the time.")
        return
    answered_at = core.clock()
    ahead = asked_at + (answered_at - asked_at) / 2 - (told + HALF_SECOND)
    seconds = abs(ahead.total_seconds())
    words = f"{seconds:.0f} s {'ahead of' if ahead > timedelta() else 'behind'} {_host(address)}"
    if abs(ahead) >= CLOCK_OFF:
        yield Verdict("clock", False, f"{words}; switch time synchronisation on: timedatectl set-ntp true.")
    else:
        yield Verdict("clock", True, f"{words}, which is close enough.")


def _server_of(settings: Settings) -> str:
    if settings.telegram_token is not None:
        return settings.telegram_api_url
    return f"{settings.matrix_homeserver}/_matrix/client/versions" if settings.matrix_homeserver else ""


def _host(address: str) -> str:
    return httpx.URL(address).host


def _words(error: httpx.HTTPError) -> str:
    return redact(str(error)).rstrip(".") or type(error).__name__


async def telegram(core: Core) -> AsyncIterator[Verdict]:
    """Whether Telegram knows the token, and how updates come."""
    settings = core.settings
    if settings.telegram_token is None:
        yield Verdict("telegram", True, "not configured; KURZCLIPS_TELEGRAM_TOKEN switches it on.")
        return
    from bot.platforms.telegram.account import diagnose

    try:
        name, trouble = await diagnose(settings, core.clock())
    except PlatformRefused as error:
        yield Verdict("telegram", False, f"{error}")
    else:
        words = f"; {trouble}" if trouble else ""
        yield Verdict("telegram", not trouble, f"the token belongs to @{name}{words}.")


async def matrix(core: Core) -> AsyncIterator[Verdict]:
    """Whether the homeserver knows us."""
    if not core.settings.matrix_homeserver:
        yield Verdict("matrix", True, "not configured; KURZCLIPS_MATRIX_HOMESERVER switches it on.")
        return
    from bot.platforms.matrix.account import who_am_i

    try:
        user_id = await who_am_i(core.settings)
    except (PlatformRefused, ConfigError) as error:
        yield Verdict("matrix", False, f"{error}")
    else:
        yield Verdict("matrix", True, f"{core.settings.matrix_homeserver} knows us as {user_id}.")


async def websub(core: Core) -> AsyncIterator[Verdict]:
    """Whether hubs reach us at the address that they are told."""
    root = core.settings.websub_url.rstrip("/")
    if not root:
        yield Verdict("websub", True, "not configured; KURZCLIPS_WEBSUB_URL switches it on.")
        return
    place = f"the proxy at {_host(root)} has to lead to {core.settings.websub_listen}, where kurzclips run answers"
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            answer = await client.get(f"{root}{PATH}{ALIVE}")
    except httpx.HTTPError as error:
        yield Verdict("websub", False, f"{_host(root)} cannot be reached: {_words(error)}; {place}.")
        return
    if answer.status_code == 200 and answer.text == ALIVE_WORDS:
        yield Verdict("websub", True, f"hubs reach kurzclips run at {_host(root)}.")
    else:
        yield Verdict("websub", False, f"somebody else answers with status {answer.status_code}; {place}.")


async def models(core: Core) -> AsyncIterator[Verdict]:
    """Whether the language model and the embeddings answer."""
    writer, encoder = core.services.writer, core.services.encoder
    if isinstance(writer, EndpointWriter):
        trouble = await writer.trouble()
        words = (
            f"{trouble}; look at KURZCLIPS_LLM_URL, KURZCLIPS_LLM_MODEL and KURZCLIPS_LLM_API_KEY" if trouble else ""
        )
        yield Verdict("language model", not trouble, f"{words or writer.name + ' answers'}.")
    else:
        yield Verdict("language model", True, "not configured; KURZCLIPS_LLM_URL switches it on.")
    if isinstance(encoder, EndpointEncoder):
        trouble = await encoder.trouble()
        words = f"{trouble}; look at KURZCLIPS_EMBEDDINGS_URL and KURZCLIPS_EMBEDDINGS_MODEL" if trouble else ""
        yield Verdict("embeddings", not trouble, f"{words or encoder.name + ' answers'}.")
    else:
        words = f"{encoder.name} on this machine" if encoder is not None else "none; texts are compared by words alone"
        yield Verdict("embeddings", True, f"{words}.")

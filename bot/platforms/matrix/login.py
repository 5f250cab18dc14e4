"""How the bot comes to its device: a kept login, an access token, or the password, which is used once."""

import logging

from bot.config import Settings
from bot.errors import ConfigError, PlatformRefused
from bot.platforms.matrix.client import MatrixClient
from bot.platforms.matrix.store import Login, Store
from bot.platforms.matrix.trouble import FORBIDDEN, REVOKED, MatrixError

log = logging.getLogger(__name__)

DEVICE_NAME = "Kurzclips"
REVOKED_WORDS = (
    "Matrix does not accept the login of this bot any more. Start again with KURZCLIPS_MATRIX_PASSWORD, or with a"
    " fresh KURZCLIPS_MATRIX_ACCESS_TOKEN."
)


def check(settings: Settings) -> None:
    """Look whether everything is said that a login needs.

    Raises:
        ConfigError: something is missing.
    """
    if settings.matrix_access_token is None and not settings.matrix_user:
        msg = "KURZCLIPS_MATRIX_USER is missing, such as @news:example.org."
        raise ConfigError(msg)


async def log_in(client: MatrixClient, store: Store, settings: Settings) -> Login:
    """The login of this run, kept for the next one.

    Raises:
        PlatformRefused: the homeserver does not accept us.
        MatrixTrouble: it could not be asked.
    """
    kept = store.login()
    if kept is not None and settings.matrix_user not in {"", kept.user_id}:
        kept = None
    given = settings.matrix_access_token
    tokens = [given.get_secret_value()] if given is not None else []
    tokens += [kept.token] if kept is not None and kept.token not in tokens else []
    login = await _by_token(client, tokens)
    if login is None and (settings.matrix_password is not None or not tokens):
        login = await _by_password(client, settings)
    if login is None:
        raise PlatformRefused(REVOKED_WORDS)
    store.keep_login(login)
    return login


async def _by_token(client: MatrixClient, tokens: list[str]) -> Login | None:
    """The login of the first token that is still taken."""
    for token in tokens:
        login = await _who_am_i(client, token)
        if login is not None:
            return login
        log.warning("a Matrix login is not valid any more")
    return None


async def _who_am_i(client: MatrixClient, token: str) -> Login | None:
    try:
        answer = await client.call("GET", "/account/whoami", token=token)
    except MatrixError as error:
        if error.code == REVOKED or error.status == 401:
            return None
        raise
    device_id = answer.get("device_id")
    if not device_id:
        msg = "KURZCLIPS_MATRIX_ACCESS_TOKEN belongs to no device; encryption needs one. Log in as an ordinary user."
        raise PlatformRefused(msg)
    return Login(str(answer["user_id"]), str(device_id), token)


async def _by_password(client: MatrixClient, settings: Settings) -> Login:
    if settings.matrix_password is None:
        msg = "Matrix needs KURZCLIPS_MATRIX_PASSWORD for the first login, or KURZCLIPS_MATRIX_ACCESS_TOKEN."
        raise PlatformRefused(msg)
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": settings.matrix_user},
        "password": settings.matrix_password.get_secret_value(),
        "initial_device_display_name": DEVICE_NAME,
    }
    try:
        answer = await client.call("POST", "/login", body)
    except MatrixError as error:
        if error.code == FORBIDDEN or error.code == "M_USER_DEACTIVATED":
            msg = f"Matrix does not accept the password of {settings.matrix_user} (KURZCLIPS_MATRIX_PASSWORD)."
            raise PlatformRefused(msg) from None
        raise
    return Login(str(answer["user_id"]), str(answer["device_id"]), str(answer["access_token"]))

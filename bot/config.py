"""The environment and .env as one frozen Settings. Units are in the names; secrets never show in a text or a log."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import ConfigError

PREFIX = "KURZCLIPS_"
_HOST_PORT = re.compile(r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})$")
# Up to the last @, for some passwords are given as they are.
_PASSWORD = re.compile(r"^[\w+]+://[^/:@]*:(.+)@")
_ADMIN = re.compile(r"^(telegram:-?\d+|matrix:@[^\s:]+:\S+|terminal:\S+)$")


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Listed = Annotated[tuple[str, ...], NoDecode]


def _has_server(address: str) -> bool:
    try:
        parsed = urlsplit(address)
        return bool(parsed.hostname) and parsed.port != 0
    except ValueError:
        return False


class Settings(BaseSettings):
    """Everything that an operator can set; each field is the variable KURZCLIPS_<FIELD>."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
    )

    database_url: str = Field(
        "sqlite:///data/kurzclips.db",
        repr=False,
        description="Where everything is kept; or postgresql://user:password@host/name.",
    )
    telegram_token: SecretStr | None = Field(None, description="The token that BotFather gave; switches Telegram on.")
    telegram_api_url: str = Field("https://api.telegram.org", description="Root of the Bot API, for an own server.")
    telegram_rate_per_second: int = Field(
        30, ge=1, le=1000, description="Messages per second over all chats; more only with paid broadcasts."
    )
    matrix_homeserver: str = Field("", description="Address of the Matrix homeserver; switches Matrix on.")
    matrix_user: str = Field("", description="The bot's Matrix account, as @name:server.")
    matrix_password: SecretStr | None = Field(None, description="Its password, used once; the login is kept.")
    matrix_access_token: SecretStr | None = Field(None, description="An access token in place of a password.")
    matrix_store: Path = Field(Path("data/matrix"), description="Folder for the Matrix login and encryption keys.")
    telegram_webhook_url: str = Field(
        "", description="Public https address to which Telegram sends updates; empty: the bot asks for them itself."
    )
    telegram_webhook_listen: str = Field(
        "127.0.0.1:8080", description="host:port of the webhook's plain HTTP, for the reverse proxy in front of it."
    )
    telegram_webhook_secret: SecretStr | None = Field(
        None, description="What each call of the webhook has to carry; made from the token by default."
    )
    telegram_profile: bool = Field(
        True, description="Whether the bot gives itself its name and descriptions; false leaves them to BotFather."
    )
    admins: Listed = Field((), description="Who may use admin commands: telegram:123,matrix:@name:server.")
    allowed_chats: Listed = Field((), description="The only chats that are answered, as telegram:-100123; empty: all.")
    default_language: str = Field("de", description="Language of a chat whose client does not say one.")
    default_timezone: str = Field("Europe/Berlin", description="Time zone of a chat until it sets its own.")
    poll_interval_seconds: int | None = Field(
        None, ge=60, le=86_400, description="One interval for all feeds; by default each feed has its own."
    )
    websub_url: str = Field(
        "",
        description="Public https address at which hubs tell of news in feeds (WebSub); empty: feeds are only polled.",
    )
    websub_listen: str = Field(
        "127.0.0.1:8081", description="host:port of WebSub's plain HTTP, for the reverse proxy in front of it."
    )
    clips_days: int = Field(180, ge=7, le=36_500, description="How long clips are kept; saved ones stay.")
    full_text: bool = Field(
        True, description="Whether the article is read where a feed only teases, as far as its site allows robots."
    )
    embeddings: str = Field(
        "auto",
        pattern="^(auto|off)$",
        description="auto: texts are compared by meaning where the extra `semantic` is installed (110 MB); off: never.",
    )
    embeddings_url: str = Field(
        "", description="Root of an OpenAI-compatible endpoint for embeddings, in place of the extra `semantic`."
    )
    embeddings_model: str = Field("", description="The embeddings model of that endpoint.")
    llm_url: str = Field(
        "", description="Root of an OpenAI-compatible endpoint (https://host/v1) whose model writes /summary."
    )
    llm_model: str = Field("", description="The language model of that endpoint; its name stands below what it wrote.")
    llm_api_key: SecretStr | None = Field(
        None,
        description="Key of the endpoint; embeddings use it where they are on the same server or alone.",
    )
    llm_calls_per_day: int = Field(
        500, ge=0, le=1_000_000, description="Summaries that are asked for in a day (UTC); then the extract is shown."
    )
    allow_private_network: Listed = Field(
        (), description="false, true, or host:port addresses that may be reached although they are private."
    )
    digest_grace_hours: float = Field(
        6.0, ge=0, le=72, description="How late a digest may still come after the bot was down."
    )
    contact: str = Field("", description="Address or link by which people and publishers reach the operator.")
    metrics_listen: str = Field(
        "", description="host:port of plain HTTP with /metrics (Prometheus), /live and /ready; empty: off."
    )
    log_format: str = Field("text", pattern="^(text|json)$", description="text for people, json for machines.")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged.")

    @field_validator("admins", "allowed_chats", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return _listed(value)

    @field_validator("admins", "allowed_chats")
    @classmethod
    def _check_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            if not _ADMIN.match(each) and not each.startswith("matrix:!"):
                msg = f"{each[:60]!r} is not of the form telegram:123 or matrix:@name:server"
                raise ValueError(msg)
        return value

    @field_validator("allow_private_network", mode="before")
    @classmethod
    def _read_private(cls, value: Any) -> Any:
        if isinstance(value, str) and value.strip().lower() in {"false", "no", "0", "off"}:
            return ()
        if isinstance(value, bool):
            return ("*",) if value else ()
        if isinstance(value, str) and value.strip().lower() in {"true", "yes", "1", "on"}:
            return ("*",)
        return _listed(value)

    @field_validator("allow_private_network")
    @classmethod
    def _check_private(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            match = _HOST_PORT.match(each)
            if each != "*" and (match is None or not 0 < int(match[2]) < 65_536):
                msg = f"{each[:60]!r} is neither true, false nor of the form host:port"
                raise ValueError(msg)
        return value

    @field_validator("default_timezone")
    @classmethod
    def _check_zone(cls, value: str) -> str:
        if value not in available_timezones():
            msg = f"{value[:60]!r} is not a time zone such as Europe/Berlin"
            raise ValueError(msg)
        return str(ZoneInfo(value))

    @field_validator("telegram_token")
    @classmethod
    def _check_token(cls, value: SecretStr | None) -> SecretStr | None:
        # The value itself must not be in the message.
        if value is not None and not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", value.get_secret_value()):
            msg = "this is not a bot token; BotFather gives tokens of the form 123456:ABC-def"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _check_models(self) -> Self:
        for name in ("llm", "embeddings"):
            if getattr(self, f"{name}_url") and not getattr(self, f"{name}_model"):
                msg = f"{PREFIX}{name.upper()}_URL needs {PREFIX}{name.upper()}_MODEL beside it"
                raise ValueError(msg)
        return self

    @field_validator("matrix_user")
    @classmethod
    def _check_matrix_user(cls, value: str) -> str:
        if value and not re.fullmatch(r"@[^\s:]+:\S+", value):
            msg = "this is not a Matrix account; they look like @news:example.org"
            raise ValueError(msg)
        return value

    @field_validator("telegram_api_url", "matrix_homeserver", "llm_url", "embeddings_url")
    @classmethod
    def _check_root(cls, value: str) -> str:
        if value and not (re.match(r"^https?://[^\s/]+", value) and _has_server(value)):
            msg = "this is not an address that begins with http:// or https://"
            raise ValueError(msg)
        return value.rstrip("/")

    @field_validator("llm_api_key")
    @classmethod
    def _check_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[\x21-\x7e]+", value.get_secret_value()):
            msg = "this is not a key; keys have no spaces and only plain letters, digits and signs"
            raise ValueError(msg)
        return value

    @field_validator("telegram_webhook_url", "websub_url")
    @classmethod
    def _check_webhook(cls, value: str) -> str:
        # Whether plain HTTP will do is for the Bot API to say: an own server takes it, the official one does not.
        if value and not re.match(r"^https?://[^\s/]+", value):
            msg = "this is not an address that begins with https://"
            raise ValueError(msg)
        return value

    @field_validator("telegram_webhook_listen", "websub_listen", "metrics_listen")
    @classmethod
    def _check_listen(cls, value: str) -> str:
        match = _HOST_PORT.match(value)
        if value and (match is None or int(match[2]) >= 65_536):
            msg = f"{value[:60]!r} is not of the form host:port, such as 127.0.0.1:8080 or [::]:8080"
            raise ValueError(msg)
        return value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _check_secret(cls, value: SecretStr | None) -> SecretStr | None:
        # Bot API, setWebhook, secret_token. The value itself must not be in the message.
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            msg = "only A-Z, a-z, 0-9, _ and - are allowed, 256 characters at most"
            raise ValueError(msg)
        return value

    @property
    def has_platform(self) -> bool:
        """Whether there is a platform to talk on."""
        return self.telegram_token is not None or bool(self.matrix_homeserver)

    @property
    def secrets(self) -> tuple[str, ...]:
        """All values that must not be read by others, the password in the database's address among them."""
        values = (getattr(self, name) for name in type(self).model_fields)
        known = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        password = _PASSWORD.match(self.database_url)
        return (*known, *((password[1], unquote(password[1])) if password else ()))

    @property
    def may_reach_private(self) -> bool | frozenset[str]:
        """True for any private address, or the host:port addresses that are allowed."""
        return True if "*" in self.allow_private_network else frozenset(self.allow_private_network)


def given_names(env_file: Path = Path(".env")) -> set[str]:
    """All names KURZCLIPS_… in the environment and in a file, in capitals, whether or not they are settings."""
    given = (*os.environ, *(dotenv_values(env_file) if env_file.is_file() else ()))
    return {name.upper() for name in given if name.upper().startswith(PREFIX)}


def load(env_file: Path | None = Path(".env")) -> Settings:
    """The settings of this process.

    Raises:
        ConfigError: a value is absurd; the sentence names the variable, never a secret.
    """
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg] # pydantic-settings' own argument
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else PREFIX.rstrip("_")
        words = first["msg"].removeprefix("Value error, ")
        msg = f"{name}: {words}."
        raise ConfigError(msg) from None
    except (OSError, UnicodeDecodeError) as error:
        msg = f"The file {env_file} cannot be read: {error}."
        raise ConfigError(msg) from None

"""Logs for people or machines on standard error, without secrets."""

import json
import logging
import re
import sys
from collections.abc import Sequence
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# What secrets look like wherever they come from: httpx and others would write a bot token as part of an address, and
# drivers the password of a database. None ends with a backslash, which in JSON belongs to what follows.
_SECRETS = re.compile(
    r"""(?ix)
    (?P<path> /bot ) (?=\d+(?::|%3A)) [^\s/"'\\]+
    | (?P<kept> \b(?:access_token|api_?key|password|secret)= | \bbearer\s+ | authorization["']?\s*[:=]\s*["']?basic\s+
      | secret[-_]token["']?\s*[:=,]\s*["']? ) [A-Za-z0-9:._~+/=%-]{8,}
    | (?P<user> [a-z][a-z0-9+.-]*://[^\s/:@"'\\]*: ) [^\s/@"'\\]+ (?=@)
    | \b\d{5,}:[A-Za-z0-9_-]{20,} | \bsyt_\w+ | \bsk-[A-Za-z0-9_-]{16,}
    """
)
# A shorter one would be found in ordinary words.
_SHORTEST = 6
HIDDEN = "[secret]"
_CHATTY = (
    "aiohttp", "aiosqlite", "alembic", "apscheduler", "asyncio", "asyncpg", "charset_normalizer", "hpack", "httpcore",
    "httpx", "nio", "telegram", "trafilatura",
)  # fmt: skip


class Redactor:
    """Takes secrets out of finished lines.

    Args:
        secrets: some that are known word for word, as they are given, as part of an address, or inside of JSON.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        forms = {
            form
            for secret in secrets
            if len(secret) >= _SHORTEST
            for form in (
                secret,
                quote(secret, safe=""),
                json.dumps(secret, ensure_ascii=False)[1:-1],
                repr(secret)[1:-1],
            )
        }
        # Long ones first, for one may be a part of another.
        known = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
        self._known = re.compile(known) if known else None

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        return _SECRETS.sub(lambda match: f"{match['path'] or match['kept'] or match['user'] or ''}{HIDDEN}", text)

    def processor(self, logger: WrappedLogger, method: str, line: EventDict | str) -> str:
        """The same as the last step of structlog."""
        return self(str(line))


redact = Redactor()
"""Takes out what looks like a secret."""


def set_up(log_format: str, level: str, secrets: Sequence[str] = ()) -> None:
    """Send all logs to standard error: a line of text, or an object of JSON, an entry.

    Args:
        log_format: "text" or "json"; an object has event, level, logger, timestamp, where something failed exception,
            and what else is known (platform, chat, message_id, update).
        secrets: of the settings; they are taken out wherever they appear.
        level: a level's name; chatty libraries are heard from WARNING on only.
    """
    enrich: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True),
    ]
    write: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if log_format == "json":
        write += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        plain = structlog.dev.plain_traceback
        write.append(structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain, pad_event_to=0))
    # The last processor sees the finished line, so that no part of an entry can carry a secret past it.
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=enrich, processors=[*write, Redactor(secrets).processor]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # It warns each time a job is still busy when its next turn comes, which is how a long fan-out should look.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)

"""Logs for people or machines on standard error, without secrets."""

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# httpx and others would write a bot token as part of an address.
_SECRETS = re.compile(
    r"(?i)(?P<kept>/bot|access_token=|bearer\s+|secret_token=)[A-Za-z0-9:._~+/=-]{8,}|\d{5,}:[A-Za-z0-9_-]{20,}|syt_\w+"
)
_CHATTY = ("httpx", "httpcore", "apscheduler", "telegram", "nio", "aiosqlite", "alembic", "trafilatura", "asyncio")


def redact(text: str) -> str:
    """The text without tokens."""
    return _SECRETS.sub(lambda match: f"{match['kept'] or ''}[secret]", text)


def _redacted(logger: WrappedLogger, method: str, line: EventDict | str) -> str:
    return redact(str(line))


def set_up(log_format: str, level: str) -> None:
    """Send all logs to standard error: a line of text, or an object of JSON, an entry.

    Args:
        log_format: "text" or "json".
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
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=enrich, processors=[*write, _redacted])
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # It warns each time a job is still busy when its next turn comes, which is how a long fan-out should look.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)

"""Clips as JSON lines: `{"title", "text", "url"?, "source"?, "published_at"?, "language"?, "id"?}` each."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from handlers.news.dates import parse_date
from handlers.news.items import RawItem, Refusal, Refused
from handlers.news.links import web_url
from handlers.news.plain import fold, text_paragraphs

# A clip is a few kilobytes; a longer line is a mistake or an attack, and is skipped without being held.
MAX_LINE_BYTES = 1_000_000
_MAX_FIELD_CHARS = 500


def read_lines(stream: Iterable[bytes], *, now: datetime) -> Iterator[RawItem | Refusal]:
    """Each line's item, or why it was not taken, in order; blank lines give nothing.

    Holds one line at a time. Refusals name the line by its number, from 1.

    Args:
        now: dates far ahead of it are dropped.
        stream: the bytes in pieces of any size, line ends included: an open binary file, or its chunks.
    """
    for number, line in enumerate(_lines(stream), start=1):
        where = str(number)
        if line is None:
            yield Refusal(Refused.TOO_LARGE, where, f"the line is over {MAX_LINE_BYTES} bytes")
        elif line := line.strip():
            yield _item(line, where, now)


def _lines(stream: Iterable[bytes]) -> Iterator[bytes | None]:
    """Lines without their ends, None for one that is too long."""
    pieces: list[bytes] = []
    size = 0
    for chunk in stream:
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            size += len(part)
            yield b"".join((*pieces, part)) if size <= MAX_LINE_BYTES else None
            pieces, size = [], 0
        size += len(rest)
        if size <= MAX_LINE_BYTES:
            pieces.append(rest)
        else:
            pieces = []
    if size:
        yield b"".join(pieces) if size <= MAX_LINE_BYTES else None


def _item(line: bytes, where: str, now: datetime) -> RawItem | Refusal:
    try:
        record = json.loads(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        return Refusal(Refused.NOT_UTF8, where, f"byte {error.start}")
    except json.JSONDecodeError as error:
        return Refusal(Refused.BROKEN_JSON, where, f"{error.msg}, column {error.colno}"[:120])
    except (ValueError, RecursionError) as error:  # a number of too many digits, nesting without end
        return Refusal(Refused.BROKEN_JSON, where, type(error).__name__)
    if not isinstance(record, dict):
        return Refusal(Refused.WRONG_TYPE, where, f"an object is expected, not {type(record).__name__}")
    return _checked(record, where, now)


def _checked(record: dict[str, object], where: str, now: datetime) -> RawItem | Refusal:
    values: dict[str, str] = {}
    for name in ("title", "text", "url", "source", "published_at", "language", "id"):
        value = record.get(name)
        if value is None:
            continue
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and name in {"id", "published_at"}
        if not isinstance(value, str) and not is_number:
            return Refusal(Refused.WRONG_TYPE, where, f"{name} is {type(value).__name__}")
        values[name] = str(value)
    title = fold(values.get("title", ""))
    paragraphs = text_paragraphs(values.get("text", ""))
    if not title:
        return Refusal(Refused.NO_TITLE, where)
    if not paragraphs:
        return Refusal(Refused.NO_TEXT, where, title[:60])
    return RawItem(
        title=title[:_MAX_FIELD_CHARS],
        paragraphs=paragraphs,
        external_id=fold(values.get("id", ""))[:_MAX_FIELD_CHARS],
        url=web_url(values.get("url", "")),
        published_at=parse_date(values.get("published_at", ""), now=now),
        language=fold(values.get("language", "")).lower().replace("_", "-").partition("-")[0][:8],
        source=fold(values.get("source", ""))[:_MAX_FIELD_CHARS],
    )

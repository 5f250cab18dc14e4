"""The one door for documents: bytes of any kind in, items and refusals out."""

from collections.abc import Callable
from datetime import datetime

from handlers.news.document import read_document
from handlers.news.encoding import decode, wide_encoding
from handlers.news.feed import read_feed
from handlers.news.items import Parsed, RawItem, Refusal, Refused
from handlers.news.json_feed import read_json_feed
from handlers.news.jsonl import read_lines
from handlers.news.sniff import Format, is_binary, sniff

MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
_BROKEN = {
    Format.FEED: Refused.BROKEN_XML,
    Format.JSON_FEED: Refused.BROKEN_JSON,
    Format.JSONL: Refused.BROKEN_JSON,
    Format.PAGE: Refused.NO_TEXT,
}


def parse(data: bytes, *, name: str = "", content_type: str = "", url: str = "", now: datetime) -> Parsed:
    """What a document holds, whatever its format; never raises, whatever the bytes.

    Takes seconds on a hostile document of the greatest size: call it beside the event loop.

    Args:
        data: the document as it came.
        name: file name, a hint at the format.
        content_type: the HTTP header with its charset, "" for a file.
        url: where it was found; relative links start there.
        now: dates more than a day ahead of it are dropped.
    """
    refusal = _unreadable(data)
    if refusal:
        return Parsed(refused=(refusal,))
    decoded = decode(data, content_type=content_type)
    if not decoded.text.strip():
        return Parsed(refused=(Refusal(Refused.EMPTY),))
    found = sniff(decoded.text, name=name, content_type=content_type.lower())
    try:
        return _reader(found, data, decoded.text, url, now)()
    except Exception as error:  # noqa: BLE001 - the libraries raise anything on hostile input, and a neighbour must not pay for it
        return Parsed(refused=(Refusal(_BROKEN.get(found, Refused.UNKNOWN_FORMAT), detail=type(error).__name__),))


def _unreadable(data: bytes) -> Refusal | None:
    if not data.strip():
        return Refusal(Refused.EMPTY)
    if len(data) > MAX_DOCUMENT_BYTES:
        return Refusal(Refused.TOO_LARGE, detail=f"{len(data)} bytes, {MAX_DOCUMENT_BYTES} are allowed")
    return Refusal(Refused.BINARY) if is_binary(data) else None


def _reader(found: Format, data: bytes, text: str, url: str, now: datetime) -> Callable[[], Parsed]:
    if found is Format.PAGE:
        return lambda: _page(text, url, now)
    readers: dict[Format, Callable[[], Parsed]] = {
        Format.FEED: lambda: read_feed(text, url=url, now=now),
        Format.JSON_FEED: lambda: read_json_feed(text, url=url, now=now),
        # Lines are decoded one by one, so that a broken one does not change how its neighbours are read.
        Format.JSONL: lambda: _lines(text.encode() if wide_encoding(data) else data, now),
        Format.DOCUMENT: lambda: read_document(text),
    }
    return readers.get(found, lambda: Parsed(refused=(Refusal(Refused.UNKNOWN_FORMAT),)))


def _page(text: str, url: str, now: datetime) -> Parsed:
    from handlers.news.page import read_page

    outcome = read_page(text, url=url, now=now)
    return Parsed(items=(outcome,)) if isinstance(outcome, RawItem) else Parsed(refused=(outcome,))


def _lines(data: bytes, now: datetime) -> Parsed:
    outcomes = list(read_lines([data], now=now))
    return Parsed(
        items=tuple(outcome for outcome in outcomes if isinstance(outcome, RawItem)),
        refused=tuple(outcome for outcome in outcomes if isinstance(outcome, Refusal)),
    )

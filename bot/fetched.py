"""What a fetch comes to: a body, "not modified", or a failure with a code; and the headers that matter."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

_MAX_FRESH = timedelta(days=30)
_MAX_RETRY = timedelta(days=30)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_MAX_VALIDATOR_CHARS = 500


class FetchCode(StrEnum):
    """Why a fetch failed; each has one sentence for a person."""

    BAD_URL = "bad_url"
    PORT_REFUSED = "port_refused"
    PRIVATE_ADDRESS = "private_address"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    CUT_OFF = "cut_off"
    TOO_LARGE = "too_large"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    HTTP_STATUS = "http_status"
    GONE = "gone"
    RETRY_AFTER = "retry_after"
    DECODING = "decoding"
    PROTOCOL = "protocol"
    NO_FEED = "no_feed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask "has it changed?" with; kept as sent, quotes and all."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document.

    Attributes:
        url: where it was in the end.
        content_type: the header as sent, with its charset.
        fresh_s: seconds for which the server calls it fresh (max-age, Expires), None where it does not say.
        moved_to: the address to use from now on, where permanent redirects led to it; "" otherwise.
    """

    url: str
    body: bytes = field(repr=False)
    status: int = 200
    content_type: str = ""
    validators: Validators = Validators()
    fresh_s: int | None = None
    moved_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The document is as it was; validators are those to ask with next time."""

    url: str
    validators: Validators = Validators()
    fresh_s: int | None = None
    moved_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchError:
    """Why there is no document.

    Attributes:
        status: the HTTP status where there was an answer.
        retry_at: when the server asks to come back.
        detail: a few words for the operator's log: no query string, no secret.
    """

    code: FetchCode
    status: int | None = None
    retry_at: datetime | None = None
    detail: str = ""


def validators_of(headers: Mapping[str, str], asked: Validators | None = None) -> Validators:
    """The validators of an answer; what a 304 leaves out stays what was asked with."""
    etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    if len(etag) > _MAX_VALIDATOR_CHARS or len(modified) > _MAX_VALIDATOR_CHARS:
        return Validators()
    if asked is None:
        return Validators(etag, modified)
    return Validators(etag or asked.etag, modified or asked.last_modified)


def fresh_seconds(headers: Mapping[str, str], *, now: datetime) -> int | None:
    """Seconds for which an answer is fresh. Source: RFC 9111, 4.2.1; no-cache and no-store say nothing here."""
    if match := _MAX_AGE.search(headers.get("cache-control", "")):
        age = headers.get("age", "")
        spent = int(age[:9]) if age.isascii() and age.isdigit() else 0
        return _clipped(int(match.group(1)) - spent)
    expires = http_date(headers.get("expires", ""))
    return _clipped(int((expires - (http_date(headers.get("date", "")) or now)).total_seconds())) if expires else None


def _clipped(seconds: int) -> int:
    return max(0, min(seconds, int(_MAX_FRESH.total_seconds())))


def retry_at(headers: Mapping[str, str], *, now: datetime) -> datetime | None:
    """When a Retry-After asks to come back, at most 30 days ahead. Source: RFC 9110, 10.2.3."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return now + min(timedelta(seconds=int(value[:9])), _MAX_RETRY)
    at = http_date(value)
    return min(max(at, now), now + _MAX_RETRY) if at else None


def http_date(value: str) -> datetime | None:
    """An HTTP date as aware UTC, None where it is none."""
    try:
        found = parsedate_to_datetime(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

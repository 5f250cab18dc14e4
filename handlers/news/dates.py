"""A date in whatever form a publisher writes it, as aware UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MAX_AHEAD = timedelta(hours=24)

_MONTHS_BY_LANGUAGE = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jän feb mrz apr mai jun jul aug sept okt nov dez",
    "january february march april may june july august september october november december",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
)
_MONTHS = {name: number for names in _MONTHS_BY_LANGUAGE for number, name in enumerate(names.split(), start=1)} | {
    "maerz": 3,
    "fevrier": 2,
    "aout": 8,
    "decembre": 12,
    "jänner": 1,
    "feber": 2,
}
# Names that RFC 5322 does not know but feeds use, as minutes east of Greenwich.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "BST": 60, "WEST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120,
    "EET": 120, "EEST": 180, "MSK": 180, "IST": 330, "JST": 540, "AEST": 600, "EST": -300, "EDT": -240, "CST": -360,
    "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
}  # fmt: skip
_MAX_LENGTH = 100
_MONTHS_OF_A_YEAR = 12
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}T\d")
_NUMERIC_ZONE = re.compile(r":\d{2} [+-]\d{4}$")
_CLOCK = re.compile(
    r"\b(?P<h>\d{1,2})[:.h](?P<m>\d{2})(?:[:.](?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\.?\b)?", re.IGNORECASE
)
_OFFSET = re.compile(r"(?:(?:GMT|UTC)\s?)?(?P<sign>[+\N{MINUS SIGN}-])(?P<h>\d{1,2}):?(?P<m>\d{2})?\s*(?:\(.*\))?$")
_ZONE_NAME = re.compile(r"\b([A-Z]{1,4})\)?$")
_YEAR_FIRST = re.compile(r"\b(?P<y>\d{4})[-/.](?P<mo>\d{1,2})[-/.](?P<d>\d{1,2})")
_DAY_FIRST = re.compile(r"\b(?P<d>\d{1,2})[.](?P<mo>\d{1,2})[.](?P<y>\d{4}|\d{2})\b")
_MONTH_FIRST = re.compile(r"\b(?P<mo>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})\b")
_DAY_NAMED = re.compile(
    r"\b(?P<d>\d{1,2})(?:\.|st|nd|rd|th|er)?[\s-]+(?:de\s)?(?P<mo>[^\W\d_]{3,9})\.?[\s,-]+(?P<y>\d{4}|\d{2})\b"
)
_NAMED_DAY = re.compile(r"\b(?P<mo>[^\W\d_]{3,9})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})\b")
# "Sun Nov 23 06:30:00 UTC 2025": the year comes last, after the clock.
_ASCTIME = re.compile(r"([^\W\d_]{3,9} {1,2}\d{1,2}) (\d{1,2}:\d{2}(?::\d{2})?) ((?:[A-Z]{1,4} )?)(\d{4})$")
_UNIX = re.compile(r"^-?\d{9,13}(?:\.\d+)?$")
_MILLISECONDS_FROM = 100_000_000_000  # the year 5138 in seconds, 1973 in milliseconds


def parse_date(value: str, *, now: datetime) -> datetime | None:
    """The instant that a date text means, in UTC; None where it means none that a clip can have.

    A date without a zone is taken as UTC. More than a day ahead of `now`, or before 1990, is none:
    such dates are mistakes, and would pin a clip to the top or lose it at the bottom.
    """
    text = " ".join(value[: _MAX_LENGTH * 2].split())[:_MAX_LENGTH]
    if not text:
        return None
    for read in (_iso, _rfc822, _unix, _loose):
        try:
            found = read(text)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        if found is not None:
            return _plausible(found, now)
    return None


def _plausible(found: datetime, now: datetime) -> datetime | None:
    try:
        instant = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None
    return instant if EARLIEST <= instant <= now + MAX_AHEAD else None


def _iso(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if _ISO.match(text) else None


def _rfc822(text: str) -> datetime | None:
    """Source: RFC 5322, 3.3, in the numeric form."""
    parts = parsedate_tz(text) if _NUMERIC_ZONE.search(text) else None  # it takes unknown zone names for GMT
    if parts is None or parts[9] is None:
        return None
    return datetime(*parts[:6], tzinfo=timezone(timedelta(seconds=parts[9])))


def _unix(text: str) -> datetime | None:
    if not _UNIX.match(text):
        return None
    seconds = float(text)
    return datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= _MILLISECONDS_FROM else seconds, tz=UTC)


def _loose(text: str) -> datetime | None:
    """A calendar date somewhere in the text, and a clock and zone after it where there are any."""
    text = _ASCTIME.sub(r"\1 \4 \2 \3", text).rstrip()
    for pattern in (_YEAR_FIRST, _DAY_FIRST, _DAY_NAMED, _NAMED_DAY, _MONTH_FIRST):
        match = pattern.search(text)
        month, day = (_month(match["mo"]), int(match["d"])) if match else (None, 0)
        if pattern is _MONTH_FIRST and month and month > _MONTHS_OF_A_YEAR:
            month, day = day, month
        if match and month:
            year = int(match["y"])
            if year < 100:
                year += 2000 if year < 70 else 1900
            rest = text[: match.start()] + " " + text[match.end() :]
            hour, minute, second = _clock(rest)
            return datetime(year, month, day, hour, minute, second, tzinfo=_zone(rest))
    return None


def _month(name: str) -> int | None:
    folded = name.lower()
    return int(folded) if folded.isdigit() else _MONTHS.get(folded) or _MONTHS.get(folded[:3])


def _clock(rest: str) -> tuple[int, int, int]:
    match = _CLOCK.search(rest)
    if not match:
        return 0, 0, 0
    hour = int(match["h"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower().startswith("p") else 0)
    if hour == 24:
        hour = 0
    return hour, int(match["m"]), int(match["s"] or 0)


def _zone(rest: str) -> timezone:
    rest = rest.strip()
    if match := _OFFSET.search(rest):
        minutes = int(match["h"]) * 60 + int(match["m"] or 0)
        return timezone(timedelta(minutes=minutes if match["sign"] == "+" else -minutes))
    match_name = _ZONE_NAME.search(rest)
    return timezone(timedelta(minutes=_ZONES.get(match_name.group(1), 0) if match_name else 0))

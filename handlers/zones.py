"""Time zones as people write and read them: an offset from UTC is one too, though it knows no summer time."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

# Source: tz database, file "etcetera": the sign of these names is turned around, Etc/GMT-2 is two hours ahead of UTC.
_FIXED = "Etc/GMT"
_OFFSET = re.compile(
    r"(?:utc|gmt)?\s*([+\-−–]|plus|minus)\s*(\d{1,2})(?:[:.]?([0-5]\d))?(?:\s*h)?", re.IGNORECASE | re.ASCII
)
_AHEAD = {"+", "plus"}
EAST, WEST = timedelta(hours=14), timedelta(hours=-12)


def offset_of(words: str) -> timedelta | None:
    """How far ahead of UTC some words say that a place is ("UTC+2", "-05:30"); None for anything else."""
    match = _OFFSET.fullmatch(words.strip())
    if match is None:
        return None
    size = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    offset = size if match[1].lower() in _AHEAD else -size
    return offset if WEST <= offset <= EAST else None


def fixed(offset: timedelta) -> str:
    """The zone that always has an offset, "" where there is none, as for half hours."""
    hours, rest = divmod(int(offset.total_seconds()), 3600)
    if rest:
        return ""
    return f"{_FIXED}{-hours:+}" if hours else "UTC"


def label(zone: str) -> str:
    """A zone as people know it: "UTC+2" for Etc/GMT-2, any other by its name."""
    hours = zone.removeprefix(_FIXED)
    return f"UTC{-int(hours):+}" if zone != hours and re.fullmatch(r"[+-]\d{1,2}", hours) else zone


def with_offset(zones: Iterable[str], offset: timedelta, now: datetime) -> list[str]:
    """Those zones that are so far ahead of UTC now, each once."""
    return [zone for zone in dict.fromkeys(zones) if now.astimezone(ZoneInfo(zone)).utcoffset() == offset]

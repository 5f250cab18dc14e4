"""When a digest is due: local wall times → instants, over changes of the clock, and quiet hours."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY_DAY = "1111111"
_DAY = timedelta(days=1)
_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


def next_due(at_local: str, days: str, timezone: str, after: datetime) -> datetime:
    """The first instant strictly after another at which it is that local time on one of these days.

    A time that the clock skips that day becomes the first that exists after it; a time that comes twice is used the
    first time. A day that the calendar skips, as Samoa did without 30 December 2011, has none.

    Args:
        at_local: "HH:MM".
        days: seven characters from Monday to Sunday, "1" where the day counts.
        timezone: an IANA name.

    Raises:
        ValueError: no day counts.
    """
    if "1" not in days:
        msg = f"no day counts in {days!r}"
        raise ValueError(msg)
    zone = ZoneInfo(timezone)
    # The day before too: a time skipped at midnight falls on the day after its own.
    day = after.astimezone(zone).date() - _DAY
    for _ in range(16):
        if days[day.weekday()] == "1":
            due = instant_of(day, at_local, zone)
            if due > after and not _is_skipped(day, due, zone):
                return due
        day += _DAY
    msg = f"no due time within two weeks of {after}"
    raise ValueError(msg)


def _is_skipped(day: date, due_at: datetime, zone: ZoneInfo) -> bool:
    """Whether a day, whose wall time is due at an instant, never was."""
    if due_at.astimezone(zone).date() == day:
        return False
    return instant_of(day, "00:00", zone) == instant_of(day + _DAY, "00:00", zone)


def last_due(at_local: str, days: str, timezone: str, due_at: datetime, now: datetime) -> tuple[datetime, int]:
    """The last time due up to now, counted on from one that is due, and how many were due before it."""
    passed = 0
    while (following := next_due(at_local, days, timezone, due_at)) <= now:
        due_at = following
        passed += 1
    return due_at, passed


def instant_of(day: date, at_local: str, zone: ZoneInfo) -> datetime:
    """The instant of a wall time on a day; the first that exists where the clock skips it."""
    wall = datetime.combine(day, time.fromisoformat(at_local))
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # Skipped (PEP 495): read with the offset after the change it lies before it, and the other way round.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    span = int((first - before).total_seconds())
    low, high = 0, span
    while low < high:
        middle = (low + high) // 2
        there = (before + timedelta(seconds=middle)).astimezone(zone).replace(tzinfo=None)
        low, high = (low, middle) if there >= wall else (middle + 1, high)
    return before + timedelta(seconds=low)


def local_day(instant: datetime, timezone: str) -> date:
    """The calendar day that it is somewhere at an instant."""
    return instant.astimezone(ZoneInfo(timezone)).date()


def slot_day(at_local: str, due_at: datetime, timezone: str) -> date:
    """The calendar day whose wall time was due at an instant.

    It is the day before that of the instant where the clock skipped the time and midnight with it, as in Nuuk, where
    summer time begins on Saturday at 23:00.
    """
    day = local_day(due_at, timezone)
    zone = ZoneInfo(timezone)
    is_moved = instant_of(day, at_local, zone) != due_at and instant_of(day - _DAY, at_local, zone) == due_at
    return day - _DAY if is_moved else day


def quiet_until(quiet: str, timezone: str, now: datetime) -> datetime | None:
    """When the quiet hours end that hold at an instant, None where none hold.

    Args:
        quiet: "22:00-07:00" (may pass midnight) or anything else for none.
    """
    if not _HOURS.fullmatch(quiet):
        return None
    begin, _, end = quiet.partition("-")
    wall = now.astimezone(ZoneInfo(timezone)).strftime("%H:%M")
    is_quiet = begin <= wall < end if begin <= end else (wall >= begin or wall < end)
    return next_due(end, EVERY_DAY, timezone, now) if is_quiet else None

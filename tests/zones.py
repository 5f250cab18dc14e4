"""`python -m tests.zones`: checks and counts that every zone has one digest per local day and slot, over ten years.

Zones that show the same time throughout are checked once and counted each. Of each such group all days are checked at
midnight, and around each change of the clock five days at all times: every minute for the first change of a shape
(the same wall time, the same shift), for the others every quarter of an hour and the minutes at both edges.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from handlers.news.due import EVERY_DAY, local_day, next_due, slot_day

YEARS = (2026, 2036)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
MINUTES = tuple(f"{at // 60:02}:{at % 60:02}" for at in range(24 * 60))


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a zone's clock: the instant from which on it shows something else."""

    zone: str
    at: datetime
    before: timedelta
    after: timedelta

    @property
    def shape(self) -> tuple[str, timedelta]:
        """What it looks like on a wall: the time that it comes at, and its shift."""
        return f"{self.at + self.before:%H:%M:%S}", self.after - self.before

    def edges(self) -> set[str]:
        """The wall times at which the gap or the repeated time begins and ends, with the minutes beside them."""
        walls = {
            self.at + shift + step for shift in (self.before, self.after) for step in (-MINUTE, 0 * MINUTE, MINUTE)
        }
        return {f"{wall:%H:%M}" for wall in walls}


@dataclass(slots=True)
class Checked:
    """What was checked.

    Attributes:
        alike: groups of zones that show the same time throughout.
        days: zones × local days.
        changes: of all zones.
        slots: local days × times of day that were computed.
    """

    zones: int = 0
    alike: int = 0
    days: int = 0
    changes: int = 0
    shapes: int = 0
    slots: int = 0


def changes(name: str, first: int, last: int) -> Iterator[Change]:
    """The changes of a zone's clock from the begin of a year to that of another."""
    zone = ZoneInfo(name)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(zone).utcoffset() or timedelta()

    at, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last, 1, 1, tzinfo=UTC)
    while at < end:
        if offset(at) != offset(at + DAY):
            low, high = 0, int(DAY.total_seconds())
            while low + 1 < high:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(at + timedelta(seconds=middle)) == offset(at) else (low, middle)
            yield Change(name, at + timedelta(seconds=high), offset(at), offset(at + DAY))
        at += DAY


def check_slot(zone: str, at_local: str, first: date, days: int) -> int:
    """Check that each of some local days in a row has one due instant at a wall time; gives how many.

    Raises:
        AssertionError: a day has none, or more than one.
    """
    due_at = next_due(at_local, EVERY_DAY, zone, datetime.combine(first, datetime.min.time(), UTC) - 2 * DAY)
    expected = slot_day(at_local, due_at, zone)
    # It may have begun up to two days before.
    for _ in range(days + 1):
        due_at = next_due(at_local, EVERY_DAY, zone, due_at)
        expected += DAY
        if slot_day(at_local, due_at, zone) != expected:
            raise AssertionError(zone, at_local, expected, due_at)
    return days


def check(zones: Iterable[str], first: int = YEARS[0], last: int = YEARS[1]) -> Checked:
    """Check zones from the begin of a year to that of another.

    Raises:
        AssertionError: a local day has no digest, or two, or one that names another day.
    """
    found = Checked()
    groups: dict[tuple[object, ...], list[str]] = defaultdict(list)
    changes_of: dict[str, Sequence[Change]] = {}
    for zone in zones:
        changes_of[zone] = tuple(changes(zone, first, last))
        begin = datetime(first, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
        groups[begin, *((each.at, each.after) for each in changes_of[zone])].append(zone)
    span = (date(last, 1, 1) - date(first, 1, 1)).days
    shapes: set[tuple[str, timedelta]] = set()
    for zone, *others in groups.values():
        found.zones += 1 + len(others)
        found.days += (1 + len(others)) * span
        found.changes += (1 + len(others)) * len(changes_of[zone])
        found.slots += check_slot(zone, "00:00", date(first, 1, 1), span)
        for change in changes_of[zone]:
            walls = sorted({*MINUTES[::15], *change.edges()}) if change.shape in shapes else MINUTES
            shapes.add(change.shape)
            for at_local in walls:
                found.slots += check_slot(zone, at_local, local_day(change.at, zone) - 2 * DAY, 5)
    found.alike, found.shapes = len(groups), len(shapes)
    return found


def main() -> None:
    """Print the figures."""
    began = time.perf_counter()
    found = check(sorted(available_timezones()))
    sys.stdout.write(
        f"{found.zones} zones × {found.days // found.zones} days = {found.days:,} local days, "
        f"{found.changes:,} changes of the clock of {found.shapes} shapes; {found.slots:,} due times computed for "
        f"{found.alike} groups of zones alike in {time.perf_counter() - began:.1f} s: each day has exactly one a slot\n"
    )


if __name__ == "__main__":
    main()

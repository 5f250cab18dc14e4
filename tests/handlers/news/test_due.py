"""Local wall times → instants, over changes of the clock, in every zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.due import EVERY_DAY, instant_of, last_due, local_day, next_due, quiet_until, slot_day

ZONES = sorted(available_timezones())
WALLS = st.times().map(lambda at: f"{at:%H:%M}")
BOUNDS = (datetime(2026, 1, 1), datetime(2036, 12, 31))  # noqa: DTZ001 - Hypothesis adds the zone itself
INSTANTS = st.datetimes(*BOUNDS, timezones=st.just(UTC))
DAYS = st.text("01", min_size=7, max_size=7).filter(lambda days: "1" in days)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at_local", "days", "zone", "after", "due"),
    [
        ("07:30", EVERY_DAY, "Europe/Berlin", "2026-11-24T05:00", "2026-11-24T06:30"),
        ("07:30", EVERY_DAY, "Europe/Berlin", "2026-11-24T06:30", "2026-11-25T06:30"),
        ("18:00", "1111100", "Europe/Berlin", "2026-11-27T17:00", "2026-11-30T17:00"),
        ("07:30", "1000000", "Asia/Kolkata", "2026-11-24T00:00", "2026-11-30T02:00"),
        # The clock jumps from 02:00 to 03:00 on 29 March 2026: 02:30 does not exist, 03:00 is the next that does.
        ("02:30", EVERY_DAY, "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),
        # 02:30 comes twice on 25 October 2026, at 00:30 and 01:30 UTC: the first counts, the second does not.
        ("02:30", EVERY_DAY, "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("02:30", EVERY_DAY, "Europe/Berlin", "2026-10-25T00:30", "2026-10-26T01:30"),
        # Lord Howe moves its clock by half an hour, from 02:00 to 02:30.
        ("02:15", EVERY_DAY, "Australia/Lord_Howe", "2026-10-03T00:00", "2026-10-03T15:30"),
        # In Nuuk summer time begins on Saturday at 23:00, so that 23:30 and midnight do not exist.
        ("23:30", EVERY_DAY, "America/Nuuk", "2026-03-28T12:00", "2026-03-29T01:00"),
    ],
)
def test_next_due_is_the_asked_local_time_also_when_the_clock_changes(
    at_local: str, days: str, zone: str, after: str, due: str
) -> None:
    assert next_due(at_local, days, zone, utc(after)) == utc(due)


@given(WALLS, DAYS, st.sampled_from(ZONES), INSTANTS)
def test_next_due_is_strictly_later_on_an_asked_day_at_the_asked_time_or_right_after_a_gap(
    at_local: str, days: str, zone: str, after: datetime
) -> None:
    due = next_due(at_local, days, zone, after)
    assert after < due <= after + timedelta(days=8, hours=2)
    day = slot_day(at_local, due, zone)
    assert days[day.weekday()] == "1"
    local = due.astimezone(ZoneInfo(zone))
    wall = datetime.combine(day, time.fromisoformat(at_local))
    if local.replace(tzinfo=None) != wall:
        just_before = (due - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert just_before < wall < local.replace(tzinfo=None)
    assert local.fold == 0


@given(WALLS, st.sampled_from(ZONES), INSTANTS)
def test_nothing_lies_between_an_instant_and_the_next_due_one(at_local: str, zone: str, after: datetime) -> None:
    due = next_due(at_local, EVERY_DAY, zone, after)
    assert next_due(at_local, EVERY_DAY, zone, due - timedelta(microseconds=1)) == due
    middle = after + (due - after) / 2
    assert next_due(at_local, EVERY_DAY, zone, middle) == due


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES[::12])
@pytest.mark.parametrize("at_local", ["00:00", "02:30", "23:30"])
def test_each_local_day_has_one_slot_over_ten_years(zone: str, at_local: str) -> None:
    due = datetime(2026, 1, 1, tzinfo=UTC)
    expected = None
    for _ in range(3660):
        due = next_due(at_local, EVERY_DAY, zone, due)
        day = slot_day(at_local, due, zone)
        assert expected is None or day == expected, (zone, due)
        expected = day + timedelta(days=1)


@pytest.mark.slow
def test_each_local_day_has_one_slot_on_the_days_around_every_change_of_every_zone_in_ten_years() -> None:
    checked = 0
    for zone in ZONES:
        for change in _changes(zone):
            for at_local in ("00:00", "00:30", "01:30", "02:30", "03:00", "23:30"):
                due = change - timedelta(days=3)
                days = []
                for _ in range(6):
                    due = next_due(at_local, EVERY_DAY, zone, due)
                    days.append(slot_day(at_local, due, zone))
                assert days == [days[0] + timedelta(days=n) for n in range(6)], (zone, change, at_local)
                checked += len(days)
    assert checked > 100_000


def _changes(name: str) -> list[datetime]:
    """The days in the coming ten years on which a zone's offset changes."""
    zone, found = ZoneInfo(name), []
    at = datetime(2026, 11, 1, tzinfo=UTC)
    offset = at.astimezone(zone).utcoffset()
    for _ in range(366 * 10 // 2):
        at += timedelta(days=2)
        now = at.astimezone(zone).utcoffset()
        if now != offset:
            found.append(at)
            offset = now
    return found


def test_slot_of_a_time_that_is_skipped_with_midnight_belongs_to_the_day_it_was_meant_for() -> None:
    due = next_due("23:30", EVERY_DAY, "America/Nuuk", utc("2026-03-28T12:00"))
    assert local_day(due, "America/Nuuk") == date(2026, 3, 29)
    assert slot_day("23:30", due, "America/Nuuk") == date(2026, 3, 28)


def test_no_day_that_counts_is_refused() -> None:
    with pytest.raises(ValueError, match="no day counts"):
        next_due("07:30", "0000000", "Europe/Berlin", utc("2026-11-24T00:00"))


def test_last_due_is_the_latest_time_that_has_come_with_those_before_it_counted() -> None:
    monday = utc("2026-11-23T06:30")
    assert last_due("07:30", EVERY_DAY, "Europe/Berlin", monday, utc("2026-11-23T07:00")) == (monday, 0)
    found = last_due("07:30", EVERY_DAY, "Europe/Berlin", monday, utc("2026-11-25T07:00"))
    assert found == (utc("2026-11-25T06:30"), 2)


@pytest.mark.parametrize(
    ("quiet", "now", "end"),
    [
        ("22:00-07:00", "2026-11-24T22:30", "2026-11-25T06:00"),
        ("22:00-07:00", "2026-11-24T03:00", "2026-11-24T06:00"),
        ("22:00-07:00", "2026-11-24T06:00", None),
        ("22:00-07:00", "2026-11-24T12:00", None),
        ("12:00-14:00", "2026-11-24T11:00", "2026-11-24T13:00"),
        ("12:00-12:00", "2026-11-24T11:00", None),
        ("off", "2026-11-24T03:00", None),
        ("", "2026-11-24T03:00", None),
        ("99:00-07:00", "2026-11-24T03:00", None),
        ("night-morning", "2026-11-24T03:00", None),
    ],
)
def test_quiet_hours_end_at_their_local_time_and_hold_only_inside(quiet: str, now: str, end: str | None) -> None:
    assert quiet_until(quiet, "Europe/Berlin", utc(now)) == (utc(end) if end else None)


@given(st.sampled_from(ZONES), st.dates(date(2026, 1, 1), date(2036, 12, 31)), WALLS)
def test_instant_of_a_wall_time_is_never_before_that_wall_time(zone: str, day: date, at_local: str) -> None:
    there = instant_of(day, at_local, ZoneInfo(zone)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert there >= datetime.combine(day, time.fromisoformat(at_local))

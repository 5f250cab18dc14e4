"""Local wall times → instants, over changes of the clock, in every zone."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.due import EVERY_DAY, instant_of, last_due, local_day, next_due, quiet_until, slot_day
from tests import zones

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
def test_each_local_day_has_one_slot_in_every_zone_over_ten_years() -> None:
    found = zones.check(ZONES)
    sys.stdout.write(f"{found}\n")
    assert found.zones == len(ZONES)
    assert found.days == len(ZONES) * 3652
    assert found.changes > 3_000
    assert found.slots > 500_000


@pytest.mark.parametrize(
    ("zone", "year", "changes"),
    [
        ("America/Santiago", 2027, 2),  # at midnight
        ("Asia/Beirut", 2027, 2),  # at midnight
        ("Africa/Cairo", 2027, 2),  # from Thursday to Friday, at midnight
        ("Australia/Lord_Howe", 2027, 2),  # by half an hour
        ("Africa/Casablanca", 2027, 2),  # back for Ramadan
        ("Europe/Dublin", 2027, 2),  # winter time is the exception, and its shift is negative
        ("Antarctica/Troll", 2027, 2),  # by two hours
        ("Pacific/Apia", 2010, 1),  # summer time, before the year in which a day is skipped
        ("America/Caracas", 2016, 1),  # by half an hour, for good
        ("Asia/Pyongyang", 2018, 1),  # by half an hour, shortly before midnight
    ],
)
def test_each_local_day_has_one_slot_where_the_clock_changes_oddly(zone: str, year: int, changes: int) -> None:
    assert zones.check([zone], year, year + 1).changes == changes


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Fakaofo", date(2011, 12, 30)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
    ],
)
@pytest.mark.parametrize("at_local", ["00:00", "00:30", "07:30", "23:59"])
def test_day_that_the_calendar_skips_has_no_slot_and_its_neighbours_have_one(
    zone: str, skipped: date, at_local: str
) -> None:
    due, days = datetime.combine(skipped, time(), UTC) - timedelta(days=4), []
    for _ in range(6):
        due = next_due(at_local, EVERY_DAY, zone, due)
        assert f"{due.astimezone(ZoneInfo(zone)):%H:%M}" == at_local
        days.append(slot_day(at_local, due, zone))
    assert days == [days[0] + timedelta(days=n) for n in range(8) if days[0] + timedelta(days=n) != skipped][:6]
    assert days[0] < skipped < days[-1]


@pytest.mark.parametrize("at_local", ["00:00", "07:30", "23:59"])
def test_day_that_comes_twice_has_one_slot(at_local: str) -> None:
    # In Kwajalein 30 September 1969 was repeated, but for an hour.
    assert zones.check_slot("Pacific/Kwajalein", at_local, date(1969, 9, 27), 7) == 7


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

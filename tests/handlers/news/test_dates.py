"""Dates in the forms that publishers write, and those that are none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.dates import MAX_AHEAD, parse_date

NOW = datetime(2025, 11, 23, 12, 0, tzinfo=UTC)
MORNING = datetime(2025, 11, 23, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 23 Nov 2025 07:30:00 +0100",
        "Sun, 23 Nov 2025 07:30 +0100",
        "So, 23 Nov 2025 07:30:00 +0100",
        "Sunday, 23-Nov-25 06:30:00 GMT",
        "23 Nov 2025 06:30:00 GMT",
        "Sun, 23 Nov 2025 07:30:00 MEZ",
        "Sun, 23 Nov 2025 07:30:00 CET",
        "Sun, 23 Nov 2025 01:30:00 EST",
        "Sun, 23 Nov 2025 07:30:00 GMT+0100 (CET)",
        "Sun Nov 23 06:30:00 2025",
        "Sun Nov 23 06:30:00 UTC 2025",
        "2025-11-23T06:30:00Z",
        "2025-11-23T07:30:00+01:00",
        "2025-11-23T07:30:00.000+0100",
        "2025-11-23 07:30:00 +0100",
        "2025-11-23T06:30",
        "20251123T063000Z",
        "2025/11/23 06:30",
        "23.11.2025, 06:30",
        "23. November 2025 06:30 Uhr",
        "Nov 23, 2025 6:30 AM",
        "November 23rd, 2025 1:30 a.m. EST",
        "23 novembre 2025 à 6h30",
        "23 ноября 2025, 09:30 MSK",
        "11/23/2025 06:30",
        "23/11/2025 06:30",
        "1763879400",
        "1763879400000",
        "  2025-11-23T06:30:00Z\n",
    ],
)
def test_a_date_is_read(text: str) -> None:
    assert parse_date(text, now=NOW) == MORNING


def test_a_day_without_a_clock_is_its_midnight() -> None:
    assert parse_date("2025-11-23", now=NOW) == datetime(2025, 11, 23, tzinfo=UTC)
    assert parse_date("23. März 2025", now=NOW) == datetime(2025, 3, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gestern",
        "0",
        "1970-01-01",
        "1989-12-31T23:59:59Z",
        "2025-13-45",
        "31.02.2025",
        "2025-11-24T12:00:01Z",
        "2999-01-01",
        "0001-01-01T00:00:00+14:00",
        "99:99",
        "1" * 5000,
    ],
)
def test_what_is_no_possible_date_is_none(text: str) -> None:
    assert parse_date(text, now=NOW) is None


def test_a_day_ahead_is_still_taken() -> None:
    assert parse_date("2025-11-24T12:00:00Z", now=NOW) == NOW + MAX_AHEAD


@given(st.text(max_size=60))
def test_any_text_gives_an_aware_instant_in_bounds_or_none(text: str) -> None:
    found = parse_date(text, now=NOW)
    assert found is None or (found.utcoffset() == timedelta(0) and found <= NOW + MAX_AHEAD)


@given(st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2025, 11, 22)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_an_instant_survives_both_standard_forms(naive: datetime) -> None:
    instant = naive.replace(tzinfo=UTC, microsecond=0)
    assert parse_date(instant.isoformat(), now=NOW) == instant
    assert parse_date(f"{instant:%a, %d %b %Y %H:%M:%S} +0000", now=NOW) == instant

"""When a feed is asked next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.pace import LONGEST, SHORTEST, learnt_interval, next_poll

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("hours_old", "expected"),
    [
        ((0, 1, 2, 3), timedelta(minutes=22.5)),
        ((10, 11, 12, 13, 14), 1.4 * HOUR),  # silent for ten hours: it counts
        ((0, 0.01, 0.02), SHORTEST),
        ((0, 24 * 20, 24 * 40), LONGEST),
        ((0, 1), None),
        ((0, 1, 24 * 70), None),
        ((-5, -6, -7), None),
    ],
)
def test_the_interval_follows_what_is_published(hours_old: tuple[float, ...], expected: timedelta | None) -> None:
    times = [NOW - HOUR * hours for hours in hours_old]
    assert learnt_interval([None, *times], now=NOW) == expected


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({"learnt": HOUR}, HOUR),
        ({"learnt": timedelta(seconds=1)}, SHORTEST),
        ({"learnt": timedelta(days=9)}, LONGEST),
        ({"learnt": HOUR, "stated": 2 * HOUR}, 2 * HOUR),
        ({"learnt": 2 * HOUR, "stated": HOUR}, 2 * HOUR),
        ({"learnt": HOUR, "silence": 50 * HOUR}, 5 * HOUR),
        ({"learnt": HOUR, "stated": timedelta(days=30)}, LONGEST),
    ],
)
def test_the_longest_wish_counts_within_bounds(wishes: dict[str, timedelta], expected: timedelta) -> None:
    assert next_poll(NOW, feed_id=0, **wishes) == NOW + expected  # type: ignore[arg-type]


def test_hours_to_be_skipped_are_skipped_and_all_of_them_say_nothing() -> None:
    assert next_poll(NOW, feed_id=0, learnt=HOUR, skip_hours=(10, 11, 12)) == NOW + 4 * HOUR
    assert next_poll(NOW, feed_id=0, learnt=15 * HOUR, skip_hours=(0, 1)) == NOW.replace(day=3, hour=2)
    assert next_poll(NOW, feed_id=0, learnt=HOUR, skip_hours=range(24)) == NOW + HOUR


def test_feeds_that_were_added_together_drift_apart() -> None:
    due = sorted(next_poll(NOW, feed_id=number, learnt=HOUR) - NOW for number in range(600))
    gaps = [after - before for before, after in zip(due, due[1:], strict=False)]
    assert due[0] >= HOUR
    assert due[-1] <= 1.1 * HOUR
    assert max(gaps) < timedelta(seconds=2)


@given(
    st.integers(0, 10**9),
    st.timedeltas(timedelta(0), timedelta(days=40)),
    st.timedeltas(timedelta(0), timedelta(days=40)),
    st.timedeltas(timedelta(0), timedelta(days=4000)),
    st.frozensets(st.integers(0, 23)),
)
def test_the_pause_is_never_short_nor_endless(
    feed_id: int, learnt: timedelta, stated: timedelta, silence: timedelta, skipped: frozenset[int]
) -> None:
    due = next_poll(NOW, feed_id=feed_id, learnt=learnt, stated=stated, silence=silence, skip_hours=skipped)
    assert NOW + SHORTEST <= due <= NOW + LONGEST * 1.1 + 24 * HOUR
    assert due.hour not in skipped or len(skipped) == 24

"""When a feed is asked next: as often as it publishes, never more often than it wishes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=24)
_NEWEST = 20
_FEWEST = 3
_LOOKED_AT = timedelta(days=60)
# Of the pause: feeds that were added together drift apart.
_SPREAD = 0.1
_GOLDEN = 0.618_033_988_749
# A feed that brought nothing for ten hours can wait one more.
_OF_SILENCE = 10
_HOURS = 24


def learnt_interval(published: Iterable[datetime | None], *, now: datetime) -> timedelta | None:
    """Half the time that passes between two items of a feed, the silence since the newest included.

    Args:
        published: the times of its items in any order, None where one has none.

    Returns:
        A span between `SHORTEST` and `LONGEST`; None where too few items of the last 60 days have a time.
    """
    times = sorted((at for at in published if at is not None and now - _LOOKED_AT < at <= now), reverse=True)[:_NEWEST]
    if len(times) < _FEWEST:
        return None
    return _within((now - times[-1]) / len(times) / 2)


def next_poll(
    now: datetime,
    *,
    feed_id: int,
    learnt: timedelta,
    stated: timedelta = timedelta(0),
    silence: timedelta = timedelta(0),
    skip_hours: Iterable[int] = (),
) -> datetime:
    """The next time to ask a feed that answered.

    Args:
        feed_id: decides by how much of a tenth the pause is stretched, so that polls are spread over the interval.
        learnt: from how often it publishes.
        stated: the longest pause that the feed or its server asks for (Cache-Control, Expires, ttl, sy:updatePeriod).
        silence: how long it has brought nothing new.
        skip_hours: hours of UTC in which it asks to be left alone; all of them together say nothing.
    """
    pause = _within(max(learnt, stated, silence / _OF_SILENCE))
    due = now + pause * (1 + _SPREAD * (feed_id * _GOLDEN % 1))
    return _outside(due, frozenset(skip_hours))


def _within(span: timedelta) -> timedelta:
    return min(LONGEST, max(SHORTEST, span))


def _outside(due: datetime, skipped: frozenset[int]) -> datetime:
    for ahead in range(_HOURS):
        # The minutes stay, or all that skip the same hours would be asked at the same moment.
        later = due + timedelta(hours=ahead)
        if later.hour not in skipped:
            return later
    return due

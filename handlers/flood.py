"""How much one person may ask for: a leaky bucket each, and one polite word when it runs over."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST = 60
PER = timedelta(minutes=1)
# The share of it below which a person who was stopped is heard again.
LOW = 0.5
REMEMBERED = 10_000


class Verdict(StrEnum):
    """What becomes of a request."""

    HEARD = "heard"
    TOLD = "told"
    IGNORED = "ignored"


@dataclass(slots=True)
class _Bucket:
    at: datetime
    level: float = 0.0
    is_stopped: bool = False


class Flood:
    """Remembers of each person how much was asked lately; bounded, and lost with a restart.

    Args:
        most: how much at once, and within `PER`.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def judge(self, person: str, now: datetime) -> Verdict:
        """Whether a person is answered now, is told once to wait, or is not answered."""
        bucket = self._buckets.setdefault(person, _Bucket(now))
        self._buckets.move_to_end(person)
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        # A clock that was set back drains nothing, and is followed.
        passed = max(now - bucket.at, timedelta())
        bucket.level = max(0.0, bucket.level - self._most * (passed / PER))
        bucket.at = now
        if bucket.is_stopped and bucket.level > self._most * LOW:
            return Verdict.IGNORED
        bucket.is_stopped = bucket.level + 1 > self._most
        if bucket.is_stopped:
            return Verdict.TOLD
        bucket.level += 1
        return Verdict.HEARD

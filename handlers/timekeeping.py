"""Notices that the clock of the machine went back, and puts right what was decided while it ran ahead.

What is kept is when planning looked, as spans without a gap. Now is always taken for true. Where it lies before the
last look, whatever was planned after it may have been planned too early: spans that begin later are dropped, and all
slots are counted on from the last look that remains. So, whatever the clock did and however often the bot was started:

- A slot gives at most one digest a local day, by the key of the delivery. A digest that was sent while the clock ran
  ahead cannot be unsent; it counts as that of the day it named, which gets no second one.
- Every other digest whose time comes is owed at that time, or late within the grace: those that the wrong clock found
  too late are planned again, and those that it composed and did not begin to send are composed anew when they are due.
- A pause ends on the day that the chat was told, whatever clock it was counted on.

Steps of less than `JOINED` are not told from a busy machine: what they plan too early is what is due next anyway.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers import alerting
from handlers.news.due import next_due
from handlers.planning import ready_at
from storage import facts, subscriptions, timekeeping
from storage.database import Database, Tx

NOTED_EVERY = timedelta(minutes=1)
JOINED = timedelta(minutes=10)
# What was tried under the wrong clock waits no longer than this: a retry, or the lease of a sender that died.
AGAIN_WITHIN = timedelta(minutes=5)
PORTION = 2_000
KEPT_SPANS = 64
SPANS = "clock.spans"


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when planning looked without a gap."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """A step back of the clock, put right.

    Attributes:
        by: how far the clock went back.
        slots: how many slots are due earlier than they were.
        unmade: how many digests were forgotten that were planned too early and not begun.
        revived: how many deliveries are owed again that seemed too late.
    """

    by: timedelta
    slots: int
    unmade: int
    revived: int


async def keep_time(db: Database, now: datetime, *, grace: timedelta, longest: timedelta) -> Step | None:
    """Note that planning looks now; where the clock went back, put right what it did before.

    Call it before each planning. What is put right is put right again after a crash in the middle of it.

    Args:
        grace: how late a digest may be planned.
        longest: how late what was planned in time may be sent.

    Returns:
        The step; None where the clock went on as it should.

    Raises:
        StorageError: the database refused; planning must wait until it does not.
    """
    async with db.read() as tx:
        spans = _read(await facts.get(tx, SPANS))
    if spans and spans[-1].end <= now < spans[-1].end + NOTED_EVERY:
        return None
    step = None
    if not spans or now < spans[-1].end:
        # A database that knows no spans may hold slots of a wrong clock too.
        step = await _put_right(db, spans, now, longest)
    async with db.write() as tx:
        await facts.put(tx, SPANS, _written(_with(spans, now, min(JOINED, grace))))
    return step if spans else None


def _read(value: str) -> list[Span]:
    pairs = json.loads(value) if value else []
    return [Span(datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in pairs]


def _written(spans: list[Span]) -> str:
    return json.dumps([[span.begin.isoformat(), span.end.isoformat()] for span in spans[-KEPT_SPANS:]])


def _until(spans: list[Span], now: datetime) -> list[Span]:
    """What is left of the spans where now is the last instant."""
    return [Span(span.begin, min(span.end, now)) for span in spans if span.begin <= now]


def _with(spans: list[Span], now: datetime, joined: timedelta) -> list[Span]:
    """The spans with a look at now."""
    left = _until(spans, now)
    if left and now - left[-1].end <= joined:
        return [*left[:-1], Span(left[-1].begin, now)]
    return [*left, Span(now, now)]


async def _put_right(db: Database, spans: list[Span], now: datetime, longest: timedelta) -> Step:
    left = _until(spans, now)
    later = [span.begin for span in spans if span.begin > now]
    unmade = 0
    async with db.write() as tx:
        # Where now lies within a span the clock is behind, as far as we know, and what was planned was due.
        if later:
            unmade = await timekeeping.forget_unbegun(tx, later[0])
            await alerting.look_again(tx, later[0])
        revived = await timekeeping.revive_late(tx, due_since=now - longest, now=now)
        await _set_ready(tx, now)
        await timekeeping.bring_near(tx, now=now, until=now + AGAIN_WITHIN)
        await timekeeping.poll_again(tx, now)
    slots = await _count_anew(db, left[-1].end if left else now)
    return Step(spans[-1].end - now if spans else timedelta(), slots, unmade, revived)


async def _set_ready(tx: Tx, now: datetime) -> None:
    """Let go what waits for a time to come, unless it is quiet in its chat."""
    last = 0
    while rows := await timekeeping.waiting(tx, now, above=last, limit=PORTION):
        last = rows[-1].id
        await timekeeping.set_ready(tx, {row.id: ready_at(row, now) for row in rows})


async def _count_anew(db: Database, since: datetime) -> int:
    """Count all slots on from an instant; gives how many were due later than the first time after it."""
    changed = last = 0
    first: dict[tuple[str, str, str], datetime] = {}
    while True:
        async with db.write() as tx:
            rows = await timekeeping.slots_after(tx, since, above=last, limit=PORTION)
            moves = []
            for slot, zone in rows:
                key = (slot.at_local, slot.days, zone)
                if key not in first:
                    first[key] = next_due(*key, since)
                if slot.next_due_at > first[key]:
                    moves.append((slot, first[key]))
            await subscriptions.advance(tx, moves)
        if not rows:
            return changed
        changed += len(moves)
        last = rows[-1][0].id

"""Which digests are owed now: due slots → editions → deliveries, in portions of one transaction each.

Chats with equal wishes and equal memory share one edition, so that many subscribers cost little more than one.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from handlers import digest, editions
from handlers.candidates import TaleFinder, Wishes, wishes_of
from handlers.news.choose import Tale
from handlers.news.due import EVERY_DAY, last_due, local_day, next_due, quiet_until, slot_day
from handlers.options import EMPTY, QUIET, value_of
from handlers.ports import Desk
from handlers.reply import Reply
from storage import chats, deliveries, memory, subscriptions
from storage.database import Database, Tx
from storage.errors import StorageError
from storage.states import ChatState, DeliveryKind, DeliveryState, SubscriptionKind
from storage.subscriptions import DueChat, DueSlot
from storage.tables import Chat, Delivery, EditionEntry

log = logging.getLogger(__name__)

GRACE = timedelta(hours=6)
# As many as keep the writer for less than a tenth of a second, and the event loop for a fiftieth at a time.
PORTION = 1_000
TOLD_TOGETHER = 200
# What is remembered between portions; each may be some kilobytes large.
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What planning came to: digests owed, left out as too late, left out as there was nothing new."""

    planned: int = 0
    too_late: int = 0
    nothing_new: int = 0
    failed: int = 0
    editions: int = 0

    def __add__(self, other: "PlanReport") -> "PlanReport":
        return PlanReport(
            self.planned + other.planned,
            self.too_late + other.too_late,
            self.nothing_new + other.nothing_new,
            self.failed + other.failed,
            self.editions + other.editions,
        )


class Sleeper(Protocol):
    """What of a chat decides on when it is quiet."""

    @property
    def timezone(self) -> str:
        """An IANA name."""

    @property
    def options(self) -> Mapping[str, str]:
        """Its settings."""


class Reachable(Sleeper, Protocol):
    """What of a chat decides on whether it may be written to."""

    @property
    def state(self) -> str:
        """One of `ChatState`."""

    @property
    def paused_until(self) -> datetime | None:
        """When its pause ends."""


class _Times:
    """Local times → instants, each computed once: most chats share a few."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._last: dict[tuple[str, str, str, datetime], tuple[datetime, int]] = {}
        self._next: dict[tuple[str, str, str], datetime] = {}
        self._days: dict[tuple[str, datetime, str], date] = {}
        self._quiet: dict[tuple[str, str], datetime | None] = {}

    def last(self, slot: DueSlot, timezone: str) -> tuple[datetime, int]:
        key = (slot.at_local, slot.days, timezone, slot.next_due_at)
        if key not in self._last:
            self._last[key] = last_due(*key, self._now)
        return self._last[key]

    def following(self, slot: DueSlot, timezone: str) -> datetime:
        key = (slot.at_local, slot.days, timezone)
        if key not in self._next:
            self._next[key] = next_due(*key, self._now)
        return self._next[key]

    def day(self, at_local: str, due_at: datetime, timezone: str) -> date:
        key = (at_local, due_at, timezone)
        if key not in self._days:
            self._days[key] = slot_day(*key)
        return self._days[key]

    def ready(self, chat: DueChat) -> datetime:
        key = (value_of(chat.options, QUIET), chat.timezone)
        if key not in self._quiet:
            self._quiet[key] = quiet_until(*key, self._now)
        return self._quiet[key] or self._now


@dataclass(frozen=True, slots=True)
class _Owed:
    """One digest of a chat: the slots that are due at the same wall time.

    Attributes:
        passed: how many times the slots were due before `due_at`, while nobody looked.
    """

    chat: DueChat
    slots: tuple[DueSlot, ...]
    due_at: datetime
    passed: int


@dataclass(frozen=True, slots=True)
class _Choice:
    """What an edition tells; nothing where composing it failed, which must not keep other chats from theirs."""

    key: str = ""
    entries: tuple[EditionEntry, ...] = ()


FAILED = _Choice()


def ready_at(chat: Sleeper, now: datetime) -> datetime:
    """When a chat may be written to unasked: now, or at the end of its quiet hours."""
    return quiet_until(value_of(chat.options, QUIET), chat.timezone, now) or now


def is_open(chat: Reachable, now: datetime) -> bool:
    """Whether a chat can be written to and has no pause."""
    return chat.state == ChatState.ACTIVE and (chat.paused_until is None or chat.paused_until <= now)


def memory_key(before: str, edition_id: int) -> str:
    """What stands for a chat's memory once it is owed an edition; equal histories give equal keys."""
    return hashlib.sha256(f"{before}:{edition_id}".encode()).hexdigest()[:32]


async def no_rest() -> None:
    """Go on at once."""


async def plan_due(
    db: Database,
    desk: Desk,
    now: datetime,
    *,
    grace: timedelta = GRACE,
    limit: int = PORTION,
    rest: Callable[[], Awaitable[None]] = no_rest,
) -> PlanReport:
    """Write down every digest that is due, and when each slot is due next.

    A digest that was due while the bot was down comes once, late, if it is still within the grace; what was due
    before is left out and counted.

    Args:
        rest: called after each portion that owes something, for those who send it and who answer meanwhile.

    Raises:
        StorageError: the database refused; the portions before are kept, the rest stays due.
    """
    planner = _Planner(db, desk, now, grace, limit)
    report = PlanReport()
    while (portion := await planner.portion()) is not None:
        report += portion
        if portion.planned:
            await rest()
    return report


class _Composer:
    """Wishes and memories → choices, each composed once in a run."""

    def __init__(self, desk: Desk, now: datetime) -> None:
        self._now = now
        self._finder = TaleFinder(desk, now)
        self._tales: dict[Wishes, list[Tale] | None] = {}
        # By what chats have in common: wishes, due time, and the key of all that they were told.
        self._of_history: dict[tuple[Wishes, datetime, str], _Choice] = {}
        # By what decides: of all that a chat was told only what could be told again.
        self._of_told: dict[tuple[Wishes, datetime, frozenset[tuple[int, int]]], _Choice] = {}

    async def choices(self, tx: Tx, owed: Sequence[_Owed]) -> list[_Choice]:
        """What each digest tells."""
        for cache in (self._tales, self._of_history, self._of_told):
            if len(cache) > KEPT:
                cache.clear()
        wanted = await self._wishes(tx, owed)
        keys = [(wishes, each.due_at, each.chat.history_key) for wishes, each in zip(wanted, owed, strict=True)]
        missing = {key: each.chat.id for key, each in zip(keys, owed, strict=True) if key not in self._of_history}
        for start in range(0, len(missing), TOLD_TOGETHER):
            part = list(missing.items())[start : start + TOLD_TOGETHER]
            told = await memory.told_to(tx, [chat_id for _, chat_id in part], self._now - editions.MEMORY)
            for key, chat_id in part:
                self._of_history[key] = await self._choice(tx, key[0], key[1], told[chat_id], chat_id)
        return [self._of_history[key] for key in keys]

    async def _wishes(self, tx: Tx, owed: Sequence[_Owed]) -> list[Wishes]:
        wanted = await subscriptions.wanted_at(tx, [slot.id for each in owed for slot in each.slots])
        muted = await chats.mutes_of(tx, [each.chat.id for each in owed])
        return [
            wishes_of(
                each.chat,
                [pair for slot in each.slots for pair in wanted.get(slot.id, ())],
                [(row.kind, row.value) for row in muted.get(each.chat.id, ())],
                [slot.days for slot in each.slots],
            )
            for each in owed
        ]

    async def _choice(self, tx: Tx, wishes: Wishes, due_at: datetime, told: Mapping[int, int], chat_id: int) -> _Choice:
        """The choice for wishes and what a chat was told.

        Raises:
            StorageError: the database refused.
        """
        try:
            if wishes not in self._tales:
                # Failed until it is found, so that a fault is met and logged once.
                self._tales[wishes] = None
                self._tales[wishes] = await self._finder.tales(tx, wishes)
            tales = self._tales[wishes]
            if tales is None:
                return FAILED
            known = {tale.key: told[tale.key] for tale in tales if tale.key in told}
            key = (wishes, due_at, frozenset(known.items()))
            if key not in self._of_told:
                # Choosing takes a millisecond; people who wait for an answer come first.
                await asyncio.sleep(0)
                entries = editions.of_tales(tales, known, wishes, self._now)
                self._of_told[key] = _Choice(editions.key_of(entries, wishes, due_at), tuple(entries))
            return self._of_told[key]
        except StorageError:
            raise
        except Exception:  # a fault of ours with one chat's wishes
            log.exception("the digest of chat %d could not be composed", chat_id)
            return FAILED


class _Planner:
    def __init__(self, db: Database, desk: Desk, now: datetime, grace: timedelta, limit: int) -> None:
        self._db = db
        self._now = now
        self._grace = grace
        self._limit = limit
        self._times = _Times(now)
        self._composer = _Composer(desk, now)
        self._numbers: dict[str, int] = {}

    async def portion(self) -> PlanReport | None:
        """Plan some of what is due; None where nothing is."""
        if len(self._numbers) > KEPT:
            self._numbers.clear()
        async with self._db.read() as tx:
            rows = await subscriptions.due(tx, self._now, self._limit)
            if not rows:
                return None
            owed = self._one_a_chat(rows)
            open_now = [each for each in owed if is_open(each.chat, self._now)]
            timely = [each for each in open_now if self._now - each.due_at <= self._grace]
            choices = await self._composer.choices(tx, timely)
        late = [each for each in open_now if self._now - each.due_at > self._grace]
        moves = [(slot, self._times.following(slot, each.chat.timezone)) for each in owed for slot in each.slots]
        async with self._db.write() as tx:
            report = await self._write(tx, timely, choices)
            await deliveries.plan(tx, [self._delivery(each, DeliveryState.SKIPPED, code="too_late") for each in late])
            await subscriptions.advance(tx, moves)
        return report + PlanReport(too_late=len(late) + sum(each.passed for each in open_now))

    def _one_a_chat(self, rows: Sequence[tuple[DueSlot, DueChat]]) -> list[_Owed]:
        """The earliest digest of each chat; its others wait for the next portion, which then knows what this one told.

        The slots of a chat at one wall time give one digest, whatever days they have.
        """
        groups: dict[tuple[int, datetime, str], list[tuple[DueSlot, int]]] = {}
        of_id: dict[int, DueChat] = {}
        for slot, chat in rows:
            due_at, passed = self._times.last(slot, chat.timezone)
            groups.setdefault((chat.id, due_at, slot.at_local), []).append((slot, passed))
            of_id[chat.id] = chat
        owed: dict[int, _Owed] = {}
        for (chat_id, due_at, _), slots in sorted(groups.items(), key=lambda group: group[0]):
            if chat_id not in owed:
                passed = max(count for _, count in slots)
                owed[chat_id] = _Owed(of_id[chat_id], tuple(slot for slot, _ in slots), due_at, passed)
        return list(owed.values())

    def _delivery(
        self, each: _Owed, state: DeliveryState, *, edition_id: int | None = None, code: str = ""
    ) -> dict[str, Any]:
        """A delivery as plain values: rows of the ORM would take most of the time of planning."""
        at_local = each.slots[0].at_local
        return {
            "chat_id": each.chat.id,
            "kind": DeliveryKind.DIGEST,
            "slot": at_local,
            "local_date": self._times.day(at_local, each.due_at, each.chat.timezone),
            "edition_id": edition_id,
            "body": {},
            "parts": [],
            "state": state,
            "due_at": each.due_at,
            "ready_at": self._times.ready(each.chat),
            "error_code": code,
            "created_at": self._now,
        }

    async def _write(self, tx: Tx, owed: Sequence[_Owed], choices: Sequence[_Choice]) -> PlanReport:
        rows: list[dict[str, Any]] = []
        telling: list[tuple[_Owed, _Choice]] = []
        nothing = failed = 0
        for each, choice in zip(owed, choices, strict=True):
            if choice is FAILED:
                failed += 1
                rows.append(self._delivery(each, DeliveryState.GIVEN_UP, code="not_composed"))
            elif not choice.entries and value_of(each.chat.options, EMPTY) == "silent":
                nothing += 1
            else:
                telling.append((each, choice))
        new = {choice.key: choice.entries for _, choice in telling if choice.key not in self._numbers}
        self._numbers |= await deliveries.save_editions(tx, new, self._now)
        histories: dict[int, str] = {}
        for each, choice in telling:
            number = self._numbers[choice.key]
            rows.append(self._delivery(each, DeliveryState.PLANNED, edition_id=number))
            histories[each.chat.id] = memory_key(each.chat.history_key, number)
        planned = await deliveries.plan(tx, rows)
        await deliveries.remember(tx, histories)
        return PlanReport(planned=planned - failed, nothing_new=nothing, failed=failed, editions=len(new))


async def preview(db: Database, desk: Desk, chat: Chat, now: datetime) -> tuple[Reply, list[EditionEntry]]:
    """The digest that a chat would get now over all its subscriptions, with its rows; nothing is written.

    A chat without subscriptions gets the news of the day.
    """
    chat_id = chat.id or 0
    async with db.read() as tx:
        rows = await subscriptions.of_chat(tx, chat_id)
        muted = await chats.mutes(tx, chat_id)
        days = list({slot.days for _, slot in rows if slot is not None}) or [EVERY_DAY]
        # A story is told as it goes on, and not anew.
        wanted = [(row.kind, row.value) for row, _ in rows if row.kind != SubscriptionKind.STORY]
        wishes = wishes_of(chat, wanted, [(row.kind, row.value) for row in muted], days)
        entries = await editions.compose(tx, desk, wishes, chat_id, now)
        return await digest.of_entries(tx, entries, due_at=now), entries


async def remember_shown(db: Database, chat: Chat, entries: Sequence[EditionEntry], now: datetime) -> None:
    """Keep what a chat was shown on request, so that its next digest does not repeat it."""
    if not entries:
        return
    chat_id = chat.id or 0
    async with db.write() as tx:
        key = hashlib.sha256(f"shown:{chat_id}:{now.isoformat()}".encode()).hexdigest()
        edition_id = await deliveries.save_edition(tx, key, entries, now)
        shown = Delivery(
            chat_id=chat_id,
            kind=DeliveryKind.DIGEST,
            slot=f"shown {now:%H:%M:%S.%f}",
            local_date=local_day(now, chat.timezone),
            edition_id=edition_id,
            state=DeliveryState.SENT,
            due_at=now,
            ready_at=now,
            sent_at=now,
            created_at=now,
        )
        await deliveries.plan(tx, [shown])
        histories: Mapping[int, str] = {chat_id: memory_key(chat.history_key, edition_id)}
        await deliveries.remember(tx, histories)

"""Which digests are owed now: due slots → editions → deliveries, in portions of one transaction each.

Chats with equal wishes and equal memory share one edition, so that many subscribers cost little more than one.
"""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from handlers import digest, editions
from handlers.candidates import Wishes, wishes_of
from handlers.news.due import EVERY_DAY, last_due, local_day, next_due, quiet_until, slot_day
from handlers.options import EMPTY, QUIET, value_of
from handlers.ports import Desk
from handlers.reply import Reply
from storage import chats, deliveries, subscriptions
from storage.database import Database, Tx
from storage.errors import StorageError
from storage.states import ChatState, DeliveryKind, DeliveryState
from storage.tables import Chat, Delivery, EditionEntry, Schedule

log = logging.getLogger(__name__)

GRACE = timedelta(hours=6)
PORTION = 500
KEPT_EDITIONS = 2_000
# No slot is due later than its weekday in the next week; one that seems to be was planned by a clock that ran ahead.
FARTHEST = timedelta(days=9)


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


@dataclass(frozen=True, slots=True)
class _Owed:
    """One digest of a chat: the slots that are due at the same wall time.

    Attributes:
        passed: how many times the slots were due before `due_at`, while nobody looked.
    """

    chat: Chat
    slots: tuple[Schedule, ...]
    due_at: datetime
    passed: int

    @property
    def chat_id(self) -> int:
        return self.chat.id or 0

    def delivery(
        self, now: datetime, state: DeliveryState, *, edition_id: int | None = None, code: str = ""
    ) -> Delivery:
        at_local = self.slots[0].at_local
        return Delivery(
            chat_id=self.chat_id,
            kind=DeliveryKind.DIGEST,
            slot=at_local,
            local_date=slot_day(at_local, self.due_at, self.chat.timezone),
            edition_id=edition_id,
            state=state,
            due_at=self.due_at,
            ready_at=ready_at(self.chat, now),
            error_code=code,
            created_at=now,
        )


def ready_at(chat: Chat, now: datetime) -> datetime:
    """When a chat may be written to unasked: now, or at the end of its quiet hours."""
    return quiet_until(value_of(chat.options, QUIET), chat.timezone, now) or now


def is_open(chat: Chat, now: datetime) -> bool:
    """Whether a chat can be written to and has no pause."""
    return chat.state == ChatState.ACTIVE and (chat.paused_until is None or chat.paused_until <= now)


def memory_key(before: str, edition_id: int) -> str:
    """What stands for a chat's memory once it is owed an edition; equal histories give equal keys."""
    return hashlib.sha256(f"{before}:{edition_id}".encode()).hexdigest()[:32]


async def plan_due(
    db: Database, desk: Desk, now: datetime, *, grace: timedelta = GRACE, limit: int = PORTION
) -> PlanReport:
    """Write down every digest that is due, and when each slot is due next.

    A digest that was due while the bot was down comes once, late, if it is still within the grace; what was due
    before is left out and counted.

    Raises:
        StorageError: the database refused; the portions before are kept, the rest stays due.
    """
    planner = _Planner(db, desk, now, grace, limit)
    await planner.recall_lost()
    report = PlanReport()
    while (portion := await planner.portion()) is not None:
        report += portion
    return report


@dataclass(slots=True)
class _Planner:
    db: Database
    desk: Desk
    now: datetime
    grace: timedelta
    limit: int
    editions: dict[str, list[EditionEntry] | None] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    async def recall_lost(self) -> None:
        """Bring slots back that lie too far ahead."""
        async with self.db.read() as tx:
            lost = await subscriptions.due_after(tx, self.now + FARTHEST, self.limit)
        if lost:
            async with self.db.write() as tx:
                await subscriptions.advance(tx, [(slot, self._following(slot, chat)) for slot, chat in lost])

    def _following(self, slot: Schedule, chat: Chat) -> datetime:
        return next_due(slot.at_local, slot.days, chat.timezone, self.now)

    async def portion(self) -> PlanReport | None:
        """Plan some of what is due; None where nothing is."""
        if len(self.editions) > KEPT_EDITIONS:
            self.editions.clear()
            self.numbers.clear()
        async with self.db.read() as tx:
            rows = await subscriptions.due(tx, self.now, self.limit)
            if not rows:
                return None
            owed = self._one_a_chat(rows)
            open_now = [each for each in owed if is_open(each.chat, self.now)]
            timely = [each for each in open_now if self.now - each.due_at <= self.grace]
            keys = await self._compose_all(tx, timely)
        late = [each for each in open_now if self.now - each.due_at > self.grace]
        async with self.db.write() as tx:
            report = await self._write(tx, timely, keys)
            skipped = [each.delivery(self.now, DeliveryState.SKIPPED, code="too_late") for each in late]
            await deliveries.plan(tx, skipped)
            moves = [(slot, self._following(slot, each.chat)) for each in owed for slot in each.slots]
            await subscriptions.advance(tx, moves)
        return report + PlanReport(too_late=len(late) + sum(each.passed for each in open_now))

    def _one_a_chat(self, rows: Sequence[tuple[Schedule, Chat]]) -> list[_Owed]:
        """The earliest digest of each chat; its others wait for the next portion, which then knows what this one told.

        The slots of a chat at one wall time give one digest, whatever days they have.
        """
        groups: dict[tuple[int, datetime, str], list[tuple[Schedule, int]]] = {}
        of_id: dict[int, Chat] = {}
        for slot, chat in rows:
            due_at, passed = last_due(slot.at_local, slot.days, chat.timezone, slot.next_due_at, self.now)
            groups.setdefault((chat.id or 0, due_at, slot.at_local), []).append((slot, passed))
            of_id[chat.id or 0] = chat
        owed: dict[int, _Owed] = {}
        for (chat_id, due_at, _), slots in sorted(groups.items(), key=lambda group: group[0]):
            passed = max(count for _, count in slots)
            owed.setdefault(chat_id, _Owed(of_id[chat_id], tuple(slot for slot, _ in slots), due_at, passed))
        return list(owed.values())

    async def _compose_all(self, tx: Tx, owed: Sequence[_Owed]) -> list[str]:
        """Compose the editions that are missing.

        Returns:
            The key of each digest's edition.
        """
        wanted = await subscriptions.of_schedules(tx, [slot.id or 0 for each in owed for slot in each.slots])
        muted = await chats.mutes_of(tx, [each.chat_id for each in owed])
        keys = []
        for each in owed:
            rows = [row for slot in each.slots for row in wanted.get(slot.id or 0, [])]
            wishes = wishes_of(each.chat, rows, muted.get(each.chat_id, []), [slot.days for slot in each.slots])
            asked = (wishes, each.chat.history_key, each.due_at.isoformat())
            key = hashlib.sha256(repr(asked).encode()).hexdigest()
            keys.append(key)
            if key not in self.editions:
                self.editions[key] = await self._guarded(tx, wishes, each.chat_id)
        return keys

    async def _guarded(self, tx: Tx, wishes: Wishes, chat_id: int) -> list[EditionEntry] | None:
        """The edition; None where composing it failed, which must not keep the other chats from theirs.

        Raises:
            StorageError: the database refused.
        """
        try:
            return await editions.compose(tx, self.desk, wishes, chat_id, self.now)
        except StorageError:
            raise
        except Exception:  # a fault of ours with one chat's wishes
            log.exception("the digest of chat %d could not be composed", chat_id)
            return None

    async def _write(self, tx: Tx, owed: Sequence[_Owed], keys: Sequence[str]) -> PlanReport:
        rows: list[Delivery] = []
        histories: dict[int, str] = {}
        nothing = failed = 0
        known = len(self.numbers)
        for each, key in zip(owed, keys, strict=True):
            entries = self.editions[key]
            if entries is None:
                failed += 1
                rows.append(each.delivery(self.now, DeliveryState.GIVEN_UP, code="not_composed"))
            elif not entries and value_of(each.chat.options, EMPTY) == "silent":
                nothing += 1
            else:
                if key not in self.numbers:
                    self.numbers[key] = await deliveries.save_edition(tx, key, entries, self.now)
                rows.append(each.delivery(self.now, DeliveryState.PLANNED, edition_id=self.numbers[key]))
                histories[each.chat_id] = memory_key(each.chat.history_key, self.numbers[key])
        new = await deliveries.plan(tx, rows)
        await deliveries.remember(tx, histories)
        return PlanReport(planned=new - failed, nothing_new=nothing, failed=failed, editions=len(self.numbers) - known)


async def preview(db: Database, desk: Desk, chat: Chat, now: datetime) -> tuple[Reply, list[EditionEntry]]:
    """The digest that a chat would get now over all its subscriptions, with its rows; nothing is written.

    A chat without subscriptions gets the news of the day.
    """
    chat_id = chat.id or 0
    async with db.read() as tx:
        rows = await subscriptions.of_chat(tx, chat_id)
        muted = await chats.mutes(tx, chat_id)
        days = list({slot.days for _, slot in rows if slot is not None}) or [EVERY_DAY]
        wishes = wishes_of(chat, [row for row, _ in rows], muted, days)
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

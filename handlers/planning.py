"""Which digests are owed now: due slots → editions → deliveries, in portions of one transaction each.

Chats with equal wishes and equal memory share one edition, so that many subscribers cost little more than one.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers import digest
from handlers.news import query
from handlers.news.choose import LIMITS, Chosen, Tale, choose
from handlers.news.due import local_day, next_due, quiet_until
from handlers.options import EMPTY, LENGTH, QUIET, value_of
from handlers.ports import Desk
from handlers.reply import Reply
from handlers.searching import Search
from storage import chats, clips, deliveries, feeds, subscriptions
from storage.clips import ClipFilter
from storage.database import Database, Tx
from storage.states import DeliveryKind, DeliveryState, MuteKind, SubscriptionKind
from storage.tables import Chat, Delivery, EditionEntry, Mute, Schedule, Subscription

GRACE = timedelta(hours=6)
MEMORY = timedelta(days=30)
PORTION = 500
CANDIDATES = 40
LEAST_WINDOW = timedelta(hours=36)
DAILY = "1111111"


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What planning came to: digests owed, left out as too late, left out as there was nothing new."""

    planned: int = 0
    too_late: int = 0
    nothing_new: int = 0
    editions: int = 0

    def __add__(self, other: "PlanReport") -> "PlanReport":
        return PlanReport(
            self.planned + other.planned,
            self.too_late + other.too_late,
            self.nothing_new + other.nothing_new,
            self.editions + other.editions,
        )


@dataclass(frozen=True, slots=True)
class _Wishes:
    """All that decides what an edition holds; equal wishes give equal editions."""

    subscriptions: tuple[tuple[str, str], ...]
    mutes: tuple[tuple[str, str], ...]
    language: str
    length: str
    window: timedelta
    memory: str
    due_at: datetime

    def key(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()


@dataclass(slots=True)
class _Due:
    schedule: Schedule
    chat: Chat
    wishes: _Wishes

    @property
    def chat_id(self) -> int:
        return self.chat.id or 0


async def plan_due(db: Database, desk: Desk, now: datetime, *, grace: timedelta = GRACE) -> PlanReport:
    """Write down every digest that is due, and when each slot is due next.

    Raises:
        StorageError: the database refused; the portions before are kept, the rest stays due.
    """
    report = PlanReport()
    while True:
        portion, size = await _plan_portion(db, desk, now, grace)
        report += portion
        if size < PORTION:
            return report


async def _plan_portion(db: Database, desk: Desk, now: datetime, grace: timedelta) -> tuple[PlanReport, int]:
    async with db.read() as tx:
        due = await _due(tx, now)
        if not due:
            return PlanReport(), 0
        active = [each for each in due if not _is_paused(each.chat, now)]
        timely = [each for each in active if now - each.schedule.next_due_at <= grace]
        editions: dict[str, list[Chosen]] = {}
        for each in timely:
            key = each.wishes.key()
            if key not in editions:
                editions[key] = await _compose(tx, desk, each.wishes, each.chat_id, now)
    async with db.write() as tx:
        report = await _write(tx, timely, editions, now)
        late = [each for each in active if each not in timely]
        rows = [_delivery(each, now, None, DeliveryState.SKIPPED, "too_late") for each in late]
        await deliveries.plan(tx, rows)
        for each in due:
            following = next_due(each.schedule.at_local, each.schedule.days, each.chat.timezone, now)
            await subscriptions.set_next_due(tx, each.schedule.id or 0, following)
    return report + PlanReport(too_late=len(late)), len(due)


def _is_paused(chat: Chat, now: datetime) -> bool:
    return chat.paused_until is not None and chat.paused_until > now


async def _due(tx: Tx, now: datetime) -> list[_Due]:
    rows = await subscriptions.due(tx, now, PORTION)
    wanted = await subscriptions.of_schedules(tx, [schedule.id or 0 for schedule, _ in rows])
    muted = await chats.mutes_of(tx, list({chat.id or 0 for _, chat in rows}))
    return [
        _Due(schedule, chat, _wishes(chat, wanted.get(schedule.id or 0, []), muted.get(chat.id or 0, []), schedule))
        for schedule, chat in rows
    ]


def _wishes(chat: Chat, wanted: Sequence[Subscription], muted: Sequence[Mute], schedule: Schedule) -> _Wishes:
    days = schedule.days.count("1")
    return _Wishes(
        subscriptions=tuple((row.kind, row.value) for row in wanted),
        mutes=tuple(sorted((row.kind, row.value) for row in muted)),
        language=chat.language,
        length=value_of(chat.options, LENGTH),
        window=max(LEAST_WINDOW, timedelta(days=7 / max(1, days) + 0.5)),
        memory=chat.history_key,
        due_at=schedule.next_due_at,
    )


async def _compose(tx: Tx, desk: Desk, wishes: _Wishes, chat_id: int, now: datetime) -> list[Chosen]:
    """Choose an edition; the memory is read of one chat, since all that share the edition have the same."""
    told = await deliveries.told_stories(tx, chat_id, now - MEMORY)
    tales: dict[int, Tale] = {}
    headings = [f"{kind}:{value}" for kind, value in wishes.subscriptions] or ["all:"]
    for heading in headings:
        for tale in await _tales(tx, desk, heading, wishes, now):
            known = tales.get(tale.clip_id)
            if known is None or tale.fit > known.fit:
                tales[tale.clip_id] = tale
    return choose(
        list(tales.values()),
        headings=headings,
        told=told,
        language=wishes.language,
        limit=LIMITS.get(wishes.length, LIMITS["normal"]),
        now=now,
    )


async def _tales(tx: Tx, desk: Desk, heading: str, wishes: _Wishes, now: datetime) -> list[Tale]:
    kind, _, value = heading.partition(":")
    where = await _filter(tx, wishes, now)
    if kind == SubscriptionKind.KEYWORD:
        wanted = query.read(value, now=now)
        since = query.read(value, now=now).since or where.since
        search = Search(desk, wishes.language, now)
        found = await search.find(tx, _narrowed(wanted, since), limit=CANDIDATES)
        ids = () if found.instead else found.clip_ids
    else:
        topic = value if kind == SubscriptionKind.TOPIC else ""
        source = await feeds.find_source(tx, value) if kind == SubscriptionKind.SOURCE else None
        if kind == SubscriptionKind.SOURCE and source is None:
            return []
        narrowed = ClipFilter(
            topic_id=topic,
            source_id=source.id if source else None,
            without_sources=where.without_sources,
            without_topics=where.without_topics,
            since=where.since,
            until=where.until,
        )
        ids = tuple(await clips.latest(tx, narrowed, CANDIDATES))
    views = await clips.views(tx, ids)
    return [_tale(view, heading) for view in views if not _is_muted(view, wishes, where)]


def _narrowed(wanted: query.Wanted, since: datetime | None) -> query.Wanted:
    return query.Wanted(
        words=wanted.words,
        phrases=wanted.phrases,
        excluded=wanted.excluded,
        topic=wanted.topic,
        source=wanted.source,
        language=wanted.language,
        since=since,
    )


def _tale(view: clips.ClipView, heading: str) -> Tale:
    kind, _, value = heading.partition(":")
    fit = next((score for topic, score in view.topics if topic.id == value), 0.5) if kind == "topic" else 0.7
    clip = view.clip
    return Tale(
        clip_id=view.id,
        story_id=clip.story_id,
        source_id=clip.source_id,
        language=clip.language,
        heading=heading,
        fit=fit,
        source_count=view.source_count,
        published_at=clip.published_at,
        revision=clip.revision,
        has_summary=bool(clip.summary_short),
    )


async def _filter(tx: Tx, wishes: _Wishes, now: datetime) -> ClipFilter:
    sources = set()
    for kind, value in wishes.mutes:
        found = await feeds.find_source(tx, value) if kind == MuteKind.SOURCE else None
        if found is not None:
            sources.add(found.id or 0)
    return ClipFilter(
        without_sources=frozenset(sources),
        without_topics=frozenset(value for kind, value in wishes.mutes if kind == MuteKind.TOPIC),
        since=now - wishes.window,
        until=now,
    )


def _is_muted(view: clips.ClipView, wishes: _Wishes, where: ClipFilter) -> bool:
    words = " ".join([view.clip.title, *view.clip.paragraphs]).casefold()
    return (
        view.clip.source_id in where.without_sources
        or any(topic.id in where.without_topics for topic, _ in view.topics)
        or any(kind == MuteKind.KEYWORD and value.casefold() in words for kind, value in wishes.mutes)
        or any(kind == MuteKind.STORY and value == str(view.clip.story_id) for kind, value in wishes.mutes)
    )


def entries_of(chosen: Sequence[Chosen]) -> list[EditionEntry]:
    """The chosen stories as rows of an edition."""
    return [
        EditionEntry(
            edition_id=0,
            position=place,
            heading=each.tale.heading,
            story_id=each.tale.story_id,
            clip_id=each.tale.clip_id,
            revision=each.tale.revision,
            source_count=each.tale.source_count,
            is_update=each.is_update,
        )
        for place, each in enumerate(chosen)
    ]


async def _write(tx: Tx, due: Sequence[_Due], editions: dict[str, list[Chosen]], now: datetime) -> PlanReport:
    numbers: dict[str, int] = {}
    planned = nothing = 0
    for each in due:
        key = each.wishes.key()
        chosen = editions[key]
        if not chosen and value_of(each.chat.options, EMPTY) == "silent":
            nothing += 1
            continue
        if key not in numbers:
            numbers[key] = await deliveries.save_edition(tx, key, entries_of(chosen), now)
        planned += await deliveries.plan(tx, [_delivery(each, now, numbers[key], DeliveryState.PLANNED, "")])
        await chats.change(tx, each.chat_id, history_key=_memory_key(each.wishes.memory, numbers[key]))
    return PlanReport(planned=planned, nothing_new=nothing, editions=len(numbers))


def _memory_key(before: str, edition_id: int) -> str:
    return hashlib.sha256(f"{before}:{edition_id}".encode()).hexdigest()[:32]


def _delivery(each: _Due, now: datetime, edition_id: int | None, state: DeliveryState, code: str) -> Delivery:
    due_at = each.schedule.next_due_at
    ready_at = quiet_until(value_of(each.chat.options, QUIET), each.chat.timezone, now) or now
    return Delivery(
        chat_id=each.chat_id,
        kind=DeliveryKind.DIGEST,
        slot=each.schedule.at_local,
        local_date=local_day(due_at, each.chat.timezone),
        edition_id=edition_id,
        state=state,
        due_at=due_at,
        ready_at=ready_at,
        error_code=code,
        created_at=now,
    )


async def preview(db: Database, desk: Desk, chat: Chat, now: datetime) -> tuple[Reply, list[EditionEntry]]:
    """The digest that a chat would get now over all its subscriptions, with its rows; nothing is written.

    A chat without subscriptions gets the news of the day.
    """
    async with db.read() as tx:
        rows = await subscriptions.of_chat(tx, chat.id or 0)
        wanted = {(row.kind, row.value): row for row, _ in rows}
        muted = await chats.mutes(tx, chat.id or 0)
        schedule = Schedule(chat_id=chat.id or 0, at_local="00:00", days=DAILY, next_due_at=now)
        wishes = _wishes(chat, list(wanted.values()), muted, schedule)
        chosen = await _compose(tx, desk, wishes, chat.id or 0, now)
        entries = entries_of(chosen)
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
        await chats.change(tx, chat_id, history_key=_memory_key(chat.history_key, edition_id))

"""What chats follow, and the slots at which their digests are due."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import String, cast
from sqlalchemy import select as core_select
from sqlmodel import col, delete, func, select, update

from storage.database import Tx
from storage.rows import insert_missing
from storage.states import ChatState, SubscriptionKind
from storage.tables import Chat, Clip, Schedule, Story, Subscription


async def ensure_schedule(tx: Tx, schedule: Schedule) -> Schedule:
    """The chat's slot at this local time and these days, kept if it is new."""
    await insert_missing(tx, Schedule, [schedule.model_dump(exclude={"id"})])
    query = select(Schedule).where(
        Schedule.chat_id == schedule.chat_id, Schedule.at_local == schedule.at_local, Schedule.days == schedule.days
    )
    return (await tx.exec(query)).one()


async def add(tx: Tx, subscription: Subscription) -> bool:
    """Keep a subscription; False where the chat has it already at this slot."""
    return await insert_missing(tx, Subscription, [subscription.model_dump(exclude={"id"})]) == 1


async def of_chat(tx: Tx, chat_id: int) -> list[tuple[Subscription, Schedule | None]]:
    """What a chat follows with its slots: by time of day, alerts last."""
    query = select(Subscription, Schedule).outerjoin(Schedule).where(Subscription.chat_id == chat_id)
    slot = (col(Schedule.at_local).is_(None), col(Schedule.at_local), col(Schedule.id))
    query = query.order_by(*slot, col(Subscription.id))
    return list((await tx.exec(query)).all())


async def of_schedules(tx: Tx, schedule_ids: Sequence[int]) -> dict[int, list[Subscription]]:
    """The subscriptions of some slots, slot number → subscriptions in the order they were made."""
    found: dict[int, list[Subscription]] = {}
    for start in range(0, len(schedule_ids), 5000):
        part = schedule_ids[start : start + 5000]
        query = select(Subscription).where(col(Subscription.schedule_id).in_(part)).order_by(col(Subscription.id))
        for row in (await tx.exec(query)).all():
            found.setdefault(row.schedule_id or 0, []).append(row)
    return found


async def wanted_at(tx: Tx, schedule_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """The subscriptions of some slots as slot number → (kind, value), in the order they were made."""
    found: dict[int, list[tuple[str, str]]] = {}
    for start in range(0, len(schedule_ids), 5000):
        part = schedule_ids[start : start + 5000]
        query = select(Subscription.schedule_id, Subscription.kind, Subscription.value)
        query = query.where(col(Subscription.schedule_id).in_(part)).order_by(col(Subscription.id))
        for schedule_id, kind, value in (await tx.exec(query)).all():
            found.setdefault(schedule_id or 0, []).append((kind, value))
    return found


async def remove(tx: Tx, chat_id: int, subscription_ids: Sequence[int]) -> int:
    """Forget subscriptions of this chat, and the slots that are left without any.

    Returns:
        How many there were.
    """
    chosen = delete(Subscription).where(
        col(Subscription.chat_id) == chat_id, col(Subscription.id).in_(list(subscription_ids))
    )
    removed = (await tx.exec(chosen)).rowcount
    used = select(Subscription.schedule_id).where(
        Subscription.chat_id == chat_id, col(Subscription.schedule_id).is_not(None)
    )
    await tx.exec(delete(Schedule).where(col(Schedule.chat_id) == chat_id, col(Schedule.id).not_in(used)))
    return removed


async def forget_standing_stories(tx: Tx, chat_id: int, *, before: datetime) -> None:
    """Forget the stories that a chat follows and of which nothing was told since an instant, or nothing is left."""
    alive = select(cast(Story.id, String)).where(col(Story.last_at) >= before)
    followed = delete(Subscription).where(
        col(Subscription.chat_id) == chat_id, col(Subscription.kind) == SubscriptionKind.STORY
    )
    await tx.exec(followed.where(col(Subscription.value).not_in(alive)))


async def schedules(tx: Tx, chat_id: int) -> Sequence[Schedule]:
    """The slots of a chat by time of day."""
    query = select(Schedule).where(Schedule.chat_id == chat_id)
    return (await tx.exec(query.order_by(col(Schedule.at_local), col(Schedule.id)))).all()


class DueSlot(NamedTuple):
    """A slot as planning sees it; a plain value, as a hundred thousand may be due at once."""

    id: int
    at_local: str
    days: str
    next_due_at: datetime


class DueChat(NamedTuple):
    """A chat as planning sees it."""

    id: int
    state: str
    language: str
    timezone: str
    options: dict[str, str]
    paused_until: datetime | None
    history_key: str


_SLOT = tuple(getattr(Schedule, name) for name in DueSlot._fields)
_CHAT = tuple(getattr(Chat, name) for name in DueChat._fields)


async def due(tx: Tx, now: datetime, limit: int) -> list[tuple[DueSlot, DueChat]]:
    """All due slots of some chats, whatever state those are in; the chats that wait longest come first.

    Args:
        limit: about how many slots; those of one chat are never torn apart.
    """
    waiting = select(Schedule.chat_id).where(Schedule.next_due_at <= now).order_by(col(Schedule.next_due_at))
    chat_ids = set((await tx.exec(waiting.limit(limit))).all())
    query = core_select(*_SLOT, *_CHAT).join(Chat, col(Chat.id) == col(Schedule.chat_id))
    query = query.where(col(Schedule.next_due_at) <= now, col(Schedule.chat_id).in_(chat_ids))
    query = query.order_by(col(Schedule.next_due_at), col(Schedule.id))
    rows = (await (await tx.connection()).execute(query)).all()
    width = len(_SLOT)
    return [(DueSlot(*row[:width]), DueChat(*row[width:])) for row in rows]


async def set_next_due(tx: Tx, schedule_id: int, next_due_at: datetime) -> None:
    """Say when a slot is due next."""
    await tx.exec(update(Schedule).where(col(Schedule.id) == schedule_id).values(next_due_at=next_due_at))


async def advance(tx: Tx, moves: Sequence[tuple[Schedule | DueSlot, datetime]]) -> None:
    """Say when slots are due next; one that was changed since it was read stays as it is.

    One statement for all that move from one instant to another: where thousands are due at once, these are few.
    """
    alike: dict[tuple[datetime, datetime], list[int]] = {}
    for slot, following in moves:
        alike.setdefault((slot.next_due_at, following), []).append(slot.id or 0)
    for (was, following), ids in alike.items():
        for start in range(0, len(ids), 5000):
            chosen = col(Schedule.id).in_(ids[start : start + 5000])
            unchanged = update(Schedule).where(chosen, col(Schedule.next_due_at) == was)
            await tx.exec(unchanged.values(next_due_at=following))


async def alerts(tx: Tx) -> list[tuple[Subscription, Chat]]:
    """What is to be told at once, with the chats that can be written to."""
    query = select(Subscription, Chat).join(Chat).where(col(Subscription.schedule_id).is_(None))
    return list((await tx.exec(query.where(Chat.state == ChatState.ACTIVE).order_by(col(Subscription.id)))).all())


async def newest_clip(tx: Tx) -> int:
    """The highest clip number, 0 where there is no clip."""
    return (await tx.exec(select(func.max(Clip.id)))).one() or 0


async def move_schedule(tx: Tx, schedule: Schedule, at_local: str, days: str, next_due_at: datetime) -> None:
    """Give a slot another time of day or other days; where the chat has such a slot already, the two become one."""
    query = select(Schedule).where(
        Schedule.chat_id == schedule.chat_id, Schedule.at_local == at_local, Schedule.days == days
    )
    other = (await tx.exec(query)).first()
    if other is None:
        chosen = update(Schedule).where(col(Schedule.id) == schedule.id)
        await tx.exec(chosen.values(at_local=at_local, days=days, next_due_at=next_due_at))
        return
    if other.id == schedule.id:
        return
    for subscription in (await of_schedules(tx, [schedule.id or 0])).get(schedule.id or 0, []):
        moved = subscription.model_copy(update={"schedule_id": other.id})
        await insert_missing(tx, Subscription, [moved.model_dump(exclude={"id"})])
    await tx.exec(delete(Schedule).where(col(Schedule.id) == schedule.id))


async def count(tx: Tx) -> int:
    """How many subscriptions there are."""
    return (await tx.exec(select(func.count()).select_from(Subscription))).one()

"""What is put right in the database after the clock of the machine went back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import String, cast
from sqlalchemy import select as core_select
from sqlmodel import col, delete, func, select, update

from storage.database import Tx
from storage.rows import update_rows
from storage.states import DeliveryKind, DeliveryState
from storage.subscriptions import DueSlot
from storage.tables import Chat, Clip, Delivery, Feed, Schedule


class Waiting(NamedTuple):
    """A delivery that waits and was never begun, with what decides on when its chat may be written to."""

    id: int
    timezone: str
    options: dict[str, str]


async def slots_after(tx: Tx, instant: datetime, *, above: int, limit: int) -> list[tuple[DueSlot, str]]:
    """Slots that are due later than an instant, with the zones of their chats, by their numbers.

    Args:
        above: only those with higher numbers.
    """
    columns: list[Any] = [*(getattr(Schedule, name) for name in DueSlot._fields), Chat.timezone]
    query = core_select(*columns).join(Chat, col(Chat.id) == col(Schedule.chat_id))
    query = query.where(col(Schedule.next_due_at) > instant, col(Schedule.id) > above)
    rows = (await (await tx.connection()).execute(query.order_by(col(Schedule.id)).limit(limit))).all()
    return [(DueSlot(*row[:-1]), row[-1]) for row in rows]


async def forget_unbegun(tx: Tx, since: datetime) -> int:
    """Forget the digests that were decided on since an instant and of which no message was ever tried.

    What their chats were to be told is no longer part of their memories, which are therefore like no other's.

    Returns:
        How many there were.
    """
    states = (DeliveryState.PLANNED, DeliveryState.SKIPPED, DeliveryState.GIVEN_UP)
    unbegun = (col(Delivery.kind) == DeliveryKind.DIGEST) & (col(Delivery.created_at) >= since)
    unbegun &= col(Delivery.state).in_(states) & (col(Delivery.attempts) == 0) & col(Delivery.sent_at).is_(None)
    told = select(Delivery.chat_id).where(unbegun, Delivery.state == DeliveryState.PLANNED)
    key = col(Chat.history_key) + "-" + cast(col(Chat.id), String)
    await tx.exec(update(Chat).where(col(Chat.id).in_(told)).values(history_key=key))
    return (await tx.exec(delete(Delivery).where(unbegun))).rowcount


async def revive_late(tx: Tx, *, due_since: datetime, now: datetime) -> int:
    """Plan again what was let go as too late although it is not, and of which nothing is known to have arrived.

    What a sender that died had begun may come twice then; it is counted as uncertain, and better than not at all.

    Args:
        due_since: what is due since then is not too late.

    Returns:
        How many there were.
    """
    late = (col(Delivery.state) == DeliveryState.SKIPPED) & (col(Delivery.error_code) == "too_late")
    late &= (col(Delivery.due_at) > due_since) & (col(Delivery.due_at) <= now)
    unsent = col(Delivery.edition_id).is_not(None) & (col(Delivery.parts) == [])
    again = update(Delivery).where(late, unsent).values(state=DeliveryState.PLANNED, error_code="")
    return (await tx.exec(again)).rowcount


async def bring_near(tx: Tx, *, now: datetime, until: datetime) -> None:
    """Let nothing that was tried wait longer than until an instant; alerts of a time to come count as made now."""
    tried = (col(Delivery.state) == DeliveryState.PLANNED) & (col(Delivery.attempts) > 0)
    waiting = update(Delivery).where(tried, col(Delivery.ready_at) > until)
    await tx.exec(waiting.values(ready_at=until))
    sending = update(Delivery).where(col(Delivery.state) == DeliveryState.SENDING, col(Delivery.lease_until) > until)
    await tx.exec(sending.values(lease_until=until))
    alerts = update(Delivery).where(col(Delivery.kind) == DeliveryKind.ALERT, col(Delivery.created_at) > now)
    await tx.exec(alerts.values(created_at=now))


async def waiting(tx: Tx, now: datetime, *, above: int, limit: int) -> list[Waiting]:
    """Deliveries that wait for a time to come, were decided on at a time to come and were never begun, by number.

    Args:
        above: only those with higher numbers.
    """
    query = select(Delivery.id, Chat.timezone, Chat.options).join(Chat)
    query = query.where(Delivery.state == DeliveryState.PLANNED, Delivery.attempts == 0, Delivery.ready_at > now)
    query = query.where(Delivery.created_at > now, col(Delivery.id) > above)
    rows = (await tx.exec(query.order_by(col(Delivery.id)).limit(limit))).all()
    return [Waiting(number or 0, timezone, dict(options)) for number, timezone, options in rows]


async def set_ready(tx: Tx, ready_at: Mapping[int, datetime]) -> None:
    """Say when deliveries can go: delivery number → instant."""
    await update_rows(tx, Delivery, [{"id": number, "ready_at": at} for number, at in ready_at.items()])


async def poll_again(tx: Tx, now: datetime) -> None:
    """Let the feeds be due that were last polled at a time to come."""
    await tx.exec(update(Feed).where(col(Feed.polled_at) > now).values(next_due_at=now))


async def clip_before(tx: Tx, added_at: datetime) -> int | None:
    """The number below that of the first clip taken in at or after an instant; None where there is none."""
    first = (await tx.exec(select(func.min(Clip.id)).where(Clip.added_at >= added_at))).one()
    return None if first is None else first - 1

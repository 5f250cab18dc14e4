"""The ledger: what is owed to whom, who is sending it, and what became of it.

planned → sending (under a lease) → sent | planned again at `ready_at` | gone | skipped | given up. A claim is one
statement, so that no two workers ever hold the same row; a worker that dies gives its rows back by time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import case, col, delete, func, select, update

from storage.database import Tx
from storage.rows import insert_missing
from storage.states import ChatState, DeliveryState
from storage.tables import Chat, Delivery, Edition, EditionEntry, MessageClip


async def save_edition(tx: Tx, key: str, entries: Sequence[EditionEntry], now: datetime) -> int:
    """Keep a composed choice under its key; where the key is known, that edition stays as it is.

    Returns:
        The edition's number.
    """
    new = await insert_missing(tx, Edition, [{"key": key, "composed_at": now}])
    edition_id = (await tx.exec(select(col(Edition.id)).where(Edition.key == key))).one()
    assert edition_id is not None  # noqa: S101 - a primary key
    if new:
        rows = [{**entry.model_dump(), "edition_id": edition_id} for entry in entries]
        await insert_missing(tx, EditionEntry, rows)
    return edition_id


async def entries(tx: Tx, edition_id: int) -> Sequence[EditionEntry]:
    """The stories of an edition in order."""
    query = select(EditionEntry).where(EditionEntry.edition_id == edition_id)
    return (await tx.exec(query.order_by(col(EditionEntry.position)))).all()


async def plan(tx: Tx, deliveries: Sequence[Delivery]) -> int:
    """Write down what is owed; a digest of a chat, local day and slot exists once.

    Returns:
        How many were not owed already.
    """
    return await insert_missing(tx, Delivery, [delivery.model_dump(exclude={"id"}) for delivery in deliveries])


async def claim(tx: Tx, *, platform: str, owner: str, now: datetime, lease: timedelta, limit: int) -> list[int]:
    """Take deliveries of a platform that are ready, or whose sender let its lease run out, oldest first.

    A row that was left in the middle of a send counts as uncertain: nobody knows whether its message arrived.

    Returns:
        Their numbers.
    """
    waiting = (col(Delivery.state) == DeliveryState.PLANNED) & (col(Delivery.ready_at) <= now)
    abandoned = (col(Delivery.state) == DeliveryState.SENDING) & (col(Delivery.lease_until) <= now)
    ready = select(Delivery.id).join(Chat).where(waiting | abandoned, Chat.platform == platform)
    ready = ready.where(Chat.state == ChatState.ACTIVE)
    ready = ready.order_by(col(Delivery.ready_at), col(Delivery.id)).limit(limit)
    statement = (
        update(Delivery)
        .where(col(Delivery.id).in_(ready))
        .values(
            state=DeliveryState.SENDING,
            lease_owner=owner,
            lease_until=now + lease,
            attempts=Delivery.attempts + 1,
            uncertain_count=Delivery.uncertain_count + case((col(Delivery.state) == DeliveryState.SENDING, 1), else_=0),
        )
        .returning(col(Delivery.id))
    )
    return sorted(row[0] for row in (await tx.exec(statement)).all())


async def get(tx: Tx, delivery_id: int) -> tuple[Delivery, Chat] | None:
    """A delivery with its chat."""
    query = select(Delivery, Chat).join(Chat).where(Delivery.id == delivery_id)
    return (await tx.exec(query)).first()


async def record_part(tx: Tx, delivery_id: int, parts: Sequence[str]) -> None:
    """Write down the native ids of the messages that were sent of a delivery so far."""
    await _set(tx, delivery_id, parts=list(parts))


async def record_sent(tx: Tx, delivery_id: int, parts: Sequence[str], now: datetime) -> None:
    """Write down that a delivery arrived, with the native ids of its messages."""
    await _set(tx, delivery_id, state=DeliveryState.SENT, parts=list(parts), sent_at=now, lease_until=None)


async def record_retry(tx: Tx, delivery_id: int, ready_at: datetime, code: str, detail: str) -> None:
    """Plan a delivery again at an instant, with the reason."""
    await _set(
        tx,
        delivery_id,
        state=DeliveryState.PLANNED,
        ready_at=ready_at,
        lease_until=None,
        error_code=code,
        error_detail=detail[:200],
    )


async def record_end(tx: Tx, delivery_id: int, state: DeliveryState, code: str, detail: str) -> None:
    """Write down that a delivery will not be sent, and why."""
    await _set(tx, delivery_id, state=state, lease_until=None, error_code=code, error_detail=detail[:200])


async def _set(tx: Tx, delivery_id: int, **values: Any) -> None:
    await tx.exec(update(Delivery).where(col(Delivery.id) == delivery_id).values(**values))


async def told_stories(tx: Tx, chat_id: int, since: datetime) -> dict[int, int]:
    """What a chat was told, or is about to be: story number → most sources it was told with."""
    query = select(EditionEntry.story_id, func.max(EditionEntry.source_count))
    query = query.join(Delivery, col(Delivery.edition_id) == col(EditionEntry.edition_id))
    kept = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.SENT)
    query = query.where(Delivery.chat_id == chat_id, Delivery.created_at >= since, col(Delivery.state).in_(kept))
    query = query.where(col(EditionEntry.story_id).is_not(None)).group_by(col(EditionEntry.story_id))
    return {story: sources for story, sources in (await tx.exec(query)).all() if story is not None}


async def count(tx: Tx) -> dict[str, int]:
    """How many deliveries there are in each state."""
    return dict((await tx.exec(select(Delivery.state, func.count()).group_by(col(Delivery.state)))).all())


async def of_chat(tx: Tx, chat_id: int, limit: int) -> Sequence[Delivery]:
    """The newest deliveries of a chat, newest first."""
    query = select(Delivery).where(Delivery.chat_id == chat_id).order_by(col(Delivery.id).desc()).limit(limit)
    return (await tx.exec(query)).all()


async def forget_planned(tx: Tx, chat_id: int) -> None:
    """Drop what is planned for a chat and not yet being sent."""
    waiting = (col(Delivery.chat_id) == chat_id) & (col(Delivery.state) == DeliveryState.PLANNED)
    await tx.exec(delete(Delivery).where(waiting))


async def count_uncertain(tx: Tx, delivery_id: int) -> None:
    """Count a send whose answer was lost: nobody knows whether the message arrived."""
    await _set(tx, delivery_id, uncertain_count=Delivery.uncertain_count + 1)


async def forget_old(tx: Tx, *, shown_before: datetime, settled_before: datetime, limit: int) -> int:
    """Drop at most some rows each: what old messages showed, and deliveries that were settled long ago.

    Returns:
        How many rows went.
    """
    old_messages = select(MessageClip.chat_id, MessageClip.message_id, MessageClip.position)
    old_messages = old_messages.where(MessageClip.sent_at < shown_before).limit(limit)
    found = (await tx.exec(old_messages)).all()
    for chat_id, message_id, position in found:
        chosen = (col(MessageClip.chat_id) == chat_id) & (col(MessageClip.message_id) == message_id)
        await tx.exec(delete(MessageClip).where(chosen & (col(MessageClip.position) == position)))
    open_states = (DeliveryState.PLANNED, DeliveryState.SENDING)
    old = select(Delivery.id).where(Delivery.created_at < settled_before, col(Delivery.state).not_in(open_states))
    gone = (await tx.exec(delete(Delivery).where(col(Delivery.id).in_(old.limit(limit))))).rowcount
    used = select(Delivery.edition_id).where(col(Delivery.edition_id).is_not(None))
    stale = select(Edition.id).where(Edition.composed_at < settled_before, col(Edition.id).not_in(used)).limit(limit)
    gone += (await tx.exec(delete(Edition).where(col(Edition.id).in_(stale)))).rowcount
    return gone + len(found)

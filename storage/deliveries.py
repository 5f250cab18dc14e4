"""The ledger: what is owed to whom, who is sending it, and what became of it.

planned → sending (under a lease) → sent | planned again at `ready_at` | gone | skipped | given up. A claim is one
statement, so that no two workers ever hold the same row; it is made at the moment when the message may go, so that a
row in `sending` is one whose message may be on its way. A worker that dies gives its rows back by time, or to a
successor that knows of its death (`take_back`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import case, col, delete, func, select, update

from storage import leases
from storage.database import Tx
from storage.rows import insert_missing, update_rows
from storage.states import ChatState, DeliveryKind, DeliveryState
from storage.tables import Chat, Delivery, Edition, EditionEntry, MessageClip

# Who asked to hear of something at once is told before the digests of thousands.
FIRST_TO_LAST = (DeliveryKind.ALERT, DeliveryKind.DIGEST, DeliveryKind.BROADCAST, DeliveryKind.CORRECTION)
TOGETHER = 100


class Claimer(NamedTuple):
    """Who claims deliveries.

    Attributes:
        owner: how its rows are signed.
        sole: the lease by right of which it claims, "" where it needs none.
    """

    owner: str
    sole: str = ""


async def save_edition(tx: Tx, key: str, entries: Sequence[EditionEntry], now: datetime) -> int:
    """Keep a composed choice under its key; where the key is known, that edition stays as it is.

    Returns:
        The edition's number.
    """
    return (await save_editions(tx, {key: entries}, now))[key]


async def save_editions(tx: Tx, choices: Mapping[str, Sequence[EditionEntry]], now: datetime) -> dict[str, int]:
    """Keep composed choices, key → entries; where a key is known, that edition stays as it is.

    Returns:
        The editions' numbers by their keys.
    """
    known = await _edition_numbers(tx, list(choices))
    new = [key for key in choices if key not in known]
    await insert_missing(tx, Edition, [{"key": key, "composed_at": now} for key in new])
    numbers = await _edition_numbers(tx, new)
    rows = [{**entry.model_dump(), "edition_id": numbers[key]} for key in new for entry in choices[key]]
    await insert_missing(tx, EditionEntry, rows)
    return known | numbers


async def _edition_numbers(tx: Tx, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(keys), 5000):
        query = select(Edition.key, col(Edition.id)).where(col(Edition.key).in_(keys[start : start + 5000]))
        found |= {key: number for key, number in (await tx.exec(query)).all() if number is not None}
    return found


async def entries(tx: Tx, edition_id: int) -> Sequence[EditionEntry]:
    """The stories of an edition in order."""
    query = select(EditionEntry).where(EditionEntry.edition_id == edition_id)
    return (await tx.exec(query.order_by(col(EditionEntry.position)))).all()


async def plan(tx: Tx, deliveries: Sequence[Delivery] | Sequence[dict[str, Any]]) -> int:
    """Write down what is owed; a digest of a chat, local day and slot exists once.

    Args:
        deliveries: as rows, or where there are thousands as plain values by column.

    Returns:
        How many were not owed already.
    """
    rows = [row if isinstance(row, dict) else row.model_dump(exclude={"id"}) for row in deliveries]
    return await insert_missing(tx, Delivery, rows)


async def ready(
    tx: Tx, *, platform: str, now: datetime, limit: int, holding: Collection[int] = ()
) -> list[tuple[Delivery, Chat]]:
    """Deliveries of a platform that can go now, or whose sender let its lease run out, with their chats.

    What was abandoned comes first, then kind by kind, the oldest of each before the others.

    Args:
        holding: what is being sent right now, however long that takes.
    """
    of_platform = select(Delivery.id).join(Chat).where(Chat.platform == platform, Chat.state == ChatState.ACTIVE)
    of_platform = of_platform.order_by(col(Delivery.ready_at), col(Delivery.id)).limit(limit + len(holding))
    abandoned = of_platform.where(Delivery.state == DeliveryState.SENDING, col(Delivery.lease_until) <= now)
    waiting = of_platform.where(Delivery.state == DeliveryState.PLANNED, Delivery.ready_at <= now)
    found: list[int] = []
    # Each query goes along its index, so that what it costs does not grow with all that is owed.
    for query in (abandoned, *(waiting.where(Delivery.kind == kind) for kind in FIRST_TO_LAST)):
        if len(found) < limit:
            found += [each or 0 for each in (await tx.exec(query)).all() if each not in holding]
    place = {delivery_id: number for number, delivery_id in enumerate(found[:limit])}
    rows = await tx.exec(select(Delivery, Chat).join(Chat).where(col(Delivery.id).in_(place)))
    return sorted(rows.all(), key=lambda row: place[row[0].id or 0])


async def claim(tx: Tx, ids: Collection[int], claimer: Claimer, *, now: datetime, lease: timedelta) -> set[int]:
    """Take deliveries whose messages are sent the very next moment, in one statement.

    A row that was left in the middle of a send counts as uncertain: nobody knows whether its message arrived.

    Returns:
        The numbers of those that are the caller's now; the others are sent by somebody else, wait for a later time, or
        their chats cannot be written to any more. None is where the lease has gone to somebody else.
    """
    if claimer.sole and not await leases.is_held(tx, claimer.sole, claimer.owner):
        return set()
    active = select(Chat.id).where(Chat.id == col(Delivery.chat_id), Chat.state == ChatState.ACTIVE)
    statement = (
        update(Delivery)
        .where(col(Delivery.id).in_(ids), _free_since() <= now, active.exists())
        .values(
            state=DeliveryState.SENDING,
            lease_owner=claimer.owner,
            lease_until=now + lease,
            attempts=Delivery.attempts + 1,
            uncertain_count=Delivery.uncertain_count + case((col(Delivery.state) == DeliveryState.SENDING, 1), else_=0),
        )
        .returning(col(Delivery.id))
        .execution_options(synchronize_session=False)
    )
    return {row[0] for row in (await tx.exec(statement)).all()}


def _free_since() -> ColumnElement[datetime]:
    """When somebody may take a delivery; NULL where nobody may.

    One expression, so that SQLite takes rows by their numbers and not all that are planned by their state.
    """
    return case(
        (col(Delivery.state) == DeliveryState.PLANNED, col(Delivery.ready_at)),
        (col(Delivery.state) == DeliveryState.SENDING, col(Delivery.lease_until)),
    )


async def take_back(tx: Tx, *, platform: str, signed: str, but: Collection[int], sole: Claimer) -> int:
    """Plan at once what is sent by nobody any more, without waiting for the leases of its rows.

    Nobody knows whether their messages arrived, so each row counts as uncertain; it keeps its turn and its parts.

    Args:
        signed: how the rows of those begin who had the platform to themselves, as the caller has now.
        but: what the caller itself is sending.
        sole: the caller.

    Returns:
        How many there were.
    """
    if sole.sole and not await leases.is_held(tx, sole.sole, sole.owner):
        return 0
    chats = select(Chat.id).where(Chat.platform == platform)
    left = (col(Delivery.state) == DeliveryState.SENDING) & col(Delivery.lease_owner).startswith(
        signed, autoescape=True
    )
    chosen = update(Delivery).where(left, col(Delivery.id).not_in(but), col(Delivery.chat_id).in_(chats))
    again = chosen.values(
        state=DeliveryState.PLANNED,
        lease_until=None,
        uncertain_count=Delivery.uncertain_count + 1,
        error_code="sender_died",
    )
    return (await tx.exec(again)).rowcount


async def get(tx: Tx, delivery_id: int) -> tuple[Delivery, Chat] | None:
    """A delivery with its chat."""
    query = select(Delivery, Chat).join(Chat).where(Delivery.id == delivery_id)
    return (await tx.exec(query)).first()


async def record_parts(tx: Tx, parts_of: Mapping[int, Sequence[str]]) -> None:
    """Write down the native ids of the messages that were sent of some deliveries so far: delivery number → ids."""
    await update_rows(tx, Delivery, [{"id": each, "parts": list(parts)} for each, parts in parts_of.items()])


async def record_sent(tx: Tx, parts_of: Mapping[int, Sequence[str]], now: datetime) -> None:
    """Write down that deliveries arrived: delivery number → the native ids of its messages.

    Whoever holds them meanwhile: what has arrived must not be sent again.
    """
    settled = {"state": DeliveryState.SENT, "sent_at": now, "lease_until": None}
    await update_rows(tx, Delivery, [{"id": each, "parts": list(parts), **settled} for each, parts in parts_of.items()])


async def record_retry(
    tx: Tx, delivery_id: int, owner: str, ready_at: datetime, code: str, detail: str, *, is_uncertain: bool = False
) -> None:
    """Plan a delivery again at an instant, with the reason; nothing happens where another sender took it over.

    Args:
        owner: who claimed it.
        is_uncertain: the answer was lost, so that nobody knows whether the message arrived.
    """
    values: dict[str, Any] = {"state": DeliveryState.PLANNED, "ready_at": ready_at}
    if is_uncertain:
        values["uncertain_count"] = Delivery.uncertain_count + 1
    await _settle(tx, delivery_id, owner, values, code, detail)


async def record_end(tx: Tx, delivery_id: int, owner: str, state: DeliveryState, code: str, detail: str) -> None:
    """Write down that a delivery will not be sent, and why; nothing happens where another sender took it over.

    The chat was not told these stories then, so its memory is no longer that of the chats it shared editions with.
    """
    if await _settle(tx, delivery_id, owner, {"state": state}, code, detail):
        await _forget_told(tx, delivery_id)


async def skip(tx: Tx, delivery_id: int, code: str, *, now: datetime) -> bool:
    """Let a delivery go that nobody sends, and say why; it counts as no attempt.

    Returns:
        Whether it was let go; not so where it is sent or was settled meanwhile.
    """
    free = update(Delivery).where(col(Delivery.id) == delivery_id, _free_since() <= now)
    skipped = free.values(state=DeliveryState.SKIPPED, lease_until=None, error_code=code)
    if (await tx.exec(skipped.execution_options(synchronize_session=False))).rowcount != 1:
        return False
    await _forget_told(tx, delivery_id)
    return True


async def _forget_told(tx: Tx, delivery_id: int) -> None:
    """The memory of a chat that is not told something is like that of no other chat."""
    told = (DeliveryKind.DIGEST, DeliveryKind.ALERT)
    chat_id = select(Delivery.chat_id).where(Delivery.id == delivery_id, col(Delivery.kind).in_(told))
    chosen = update(Chat).where(col(Chat.id) == chat_id.scalar_subquery())
    await tx.exec(chosen.values(history_key=col(Chat.history_key) + f"-{delivery_id}"))


async def _settle(tx: Tx, delivery_id: int, owner: str, values: dict[str, Any], code: str, detail: str) -> bool:
    held = (col(Delivery.id) == delivery_id) & (col(Delivery.lease_owner) == owner)
    chosen = update(Delivery).where(held, col(Delivery.state) == DeliveryState.SENDING)
    why = {"lease_until": None, "error_code": code[:60], "error_detail": detail[:200]}
    return (await tx.exec(chosen.values(**values, **why))).rowcount == 1


async def told_stories(tx: Tx, chat_id: int, since: datetime) -> dict[int, int]:
    """What a chat was told, or is about to be: story number → most sources it was told with.

    A clip without a story stands under its own number, below zero.
    """
    told = func.coalesce(EditionEntry.story_id, -col(EditionEntry.clip_id))
    query = select(told, func.max(EditionEntry.source_count))
    query = query.join(Delivery, col(Delivery.edition_id) == col(EditionEntry.edition_id))
    kept = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.SENT)
    query = query.where(Delivery.chat_id == chat_id, Delivery.created_at >= since, col(Delivery.state).in_(kept))
    return dict((await tx.exec(query.group_by(told))).all())


async def remember(tx: Tx, history_of: Mapping[int, str]) -> None:
    """Keep what stands for all that chats were told: chat number → key; equal keys mean equal memories.

    Many that share a memory share a statement, which is worth while from about a hundred.
    """
    alike: dict[str, list[int]] = {}
    for chat, key in history_of.items():
        alike.setdefault(key, []).append(chat)
    few = [(chat, key) for key, chats in alike.items() if len(chats) < TOGETHER for chat in chats]
    await update_rows(tx, Chat, [{"id": chat, "history_key": key} for chat, key in few])
    for key, chats in alike.items():
        if len(chats) >= TOGETHER:
            chosen = update(Chat).where(col(Chat.id).in_(chats)).values(history_key=key)
            await tx.exec(chosen.execution_options(synchronize_session=False))


async def recent_alerts(tx: Tx, chat_ids: Sequence[int], since: datetime) -> dict[int, int]:
    """How many alerts some chats were owed since an instant: chat number → count."""
    found: dict[int, int] = {}
    for start in range(0, len(chat_ids), 5000):
        query = select(Delivery.chat_id, func.count()).where(col(Delivery.chat_id).in_(chat_ids[start : start + 5000]))
        query = query.where(Delivery.kind == DeliveryKind.ALERT, Delivery.created_at >= since)
        found |= dict((await tx.exec(query.group_by(col(Delivery.chat_id)))).all())
    return found


async def count(tx: Tx) -> dict[str, int]:
    """How many deliveries there are in each state."""
    return dict((await tx.exec(select(Delivery.state, func.count()).group_by(col(Delivery.state)))).all())


async def of_chat(tx: Tx, chat_id: int, limit: int) -> Sequence[Delivery]:
    """The newest deliveries of a chat, newest first."""
    query = select(Delivery).where(Delivery.chat_id == chat_id).order_by(col(Delivery.id).desc()).limit(limit)
    return (await tx.exec(query)).all()


async def skip_planned(tx: Tx, chat_id: int, code: str) -> int:
    """Let the digests and alerts go that wait for a chat and are not being sent.

    Returns:
        How many there were.
    """
    waiting = (col(Delivery.chat_id) == chat_id) & (col(Delivery.state) == DeliveryState.PLANNED)
    kinds = (DeliveryKind.DIGEST, DeliveryKind.ALERT)
    chosen = update(Delivery).where(waiting, col(Delivery.kind).in_(kinds))
    skipped = (await tx.exec(chosen.values(state=DeliveryState.SKIPPED, error_code=code))).rowcount
    if skipped:
        other = update(Chat).where(col(Chat.id) == chat_id)
        await tx.exec(other.values(history_key=col(Chat.history_key) + f"-{code}"))
    return skipped


async def forget_old(tx: Tx, *, shown_before: datetime, settled_before: datetime, limit: int) -> int:
    """Drop at most some rows each: what old messages showed, and deliveries and editions of long ago.

    Returns:
        How many rows went.
    """
    key = tuple_(col(MessageClip.chat_id), col(MessageClip.message_id), col(MessageClip.position))
    old_messages = select(MessageClip.chat_id, MessageClip.message_id, MessageClip.position)
    old_messages = old_messages.where(MessageClip.sent_at < shown_before).limit(limit)
    gone = (await tx.exec(delete(MessageClip).where(key.in_(old_messages)))).rowcount
    old = select(Delivery.id).where(Delivery.created_at < settled_before).limit(limit)
    gone += (await tx.exec(delete(Delivery).where(col(Delivery.id).in_(old)))).rowcount
    used = select(Delivery.id).where(col(Delivery.edition_id) == col(Edition.id)).exists()
    stale = select(Edition.id).where(Edition.composed_at < settled_before, ~used).limit(limit)
    return gone + (await tx.exec(delete(Edition).where(col(Edition.id).in_(stale)))).rowcount

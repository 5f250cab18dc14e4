"""How the bot is doing, in counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, select

from storage import chats, clips, deliveries, subscriptions
from storage.database import Tx
from storage.states import ChatKind, ChatState, DeliveryState, FeedState
from storage.tables import Chat, Clip, Delivery, Feed, Source, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Counts of everything.

    Attributes:
        recent: clips taken in since the instant that was asked for.
        feeds, chats, deliveries: state → how many.
        ready: how many deliveries could go now.
        late_s: for how many seconds the oldest of them could have gone.
        polled_at: when a feed was asked last, None where none was.
        failing: how many active feeds failed at their last poll.
        worst: those with the most failures in a row, with their sources.
    """

    clips: int
    recent: int
    sources: int
    subscriptions: int
    feeds: Mapping[str, int]
    chats: Mapping[str, int]
    deliveries: Mapping[str, int]
    ready: int
    late_s: float
    polled_at: datetime | None
    failing: int
    worst: Sequence[tuple[Feed, Source]]


async def overview(tx: Tx, now: datetime, recent: timedelta, worst: int) -> Overview:
    """Count everything.

    Args:
        recent: for how long clips count as recent.
        worst: how many failing feeds are wanted at most.
    """
    added = select(func.count()).select_from(Clip).where(Clip.added_at >= now - recent)
    by_state = select(Feed.state, func.count()).group_by(col(Feed.state))
    is_failing = (Feed.error_count > 0, Feed.state == FeedState.ACTIVE)
    failing = select(Feed, Source).join(Source).where(*is_failing)
    failing = failing.order_by(col(Feed.error_count).desc(), col(Feed.id)).limit(worst)
    ready, oldest_at = await _ready(tx, now)
    return Overview(
        clips=await clips.count(tx),
        recent=(await tx.exec(added)).one(),
        sources=(await tx.exec(select(func.count()).select_from(Source))).one(),
        subscriptions=await subscriptions.count(tx),
        feeds=dict((await tx.exec(by_state)).all()),
        chats=await chats.count(tx),
        deliveries=await deliveries.count(tx),
        ready=ready,
        late_s=(now - oldest_at).total_seconds() if oldest_at is not None else 0.0,
        polled_at=(await tx.exec(select(func.max(Feed.polled_at)))).one(),
        failing=(await tx.exec(select(func.count()).select_from(Feed).where(*is_failing))).one(),
        worst=(await tx.exec(failing)).all(),
    )


async def _ready(tx: Tx, now: datetime) -> tuple[int, datetime | None]:
    """How many deliveries could go now, and since when the oldest of them; chats that take none are left out."""
    waiting = select(func.count(), func.min(Delivery.ready_at)).select_from(Delivery).join(Chat)
    waiting = waiting.where(Delivery.state == DeliveryState.PLANNED, Delivery.ready_at <= now)
    return (await tx.exec(waiting.where(Chat.state == ChatState.ACTIVE))).one()


async def shut_rooms(tx: Tx) -> Sequence[Chat]:
    """Groups and channels with subscriptions where the bot is and may not write, in the order they came."""
    has_wishes = select(Subscription.id).where(col(Subscription.chat_id) == col(Chat.id)).exists()
    query = select(Chat).where(Chat.kind != ChatKind.PRIVATE, Chat.state == ChatState.BLOCKED, has_wishes)
    return (await tx.exec(query.order_by(col(Chat.id)))).all()

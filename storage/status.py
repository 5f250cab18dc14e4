"""How the bot is doing, in counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select

from storage import chats, clips, deliveries, subscriptions
from storage.database import Tx
from storage.states import FeedState
from storage.tables import Clip, Feed, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Counts of everything.

    Attributes:
        recent: clips taken in since the instant that was asked for.
        feeds, chats, deliveries: state → how many.
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
    failing: int
    worst: Sequence[tuple[Feed, Source]]


async def overview(tx: Tx, since: datetime, worst: int) -> Overview:
    """Count everything.

    Args:
        since: from when on clips count as recent.
        worst: how many failing feeds are wanted at most.
    """
    recent = select(func.count()).select_from(Clip).where(Clip.added_at >= since)
    by_state = select(Feed.state, func.count()).group_by(col(Feed.state))
    is_failing = (Feed.error_count > 0, Feed.state == FeedState.ACTIVE)
    failing = select(Feed, Source).join(Source).where(*is_failing)
    failing = failing.order_by(col(Feed.error_count).desc(), col(Feed.id)).limit(worst)
    return Overview(
        clips=await clips.count(tx),
        recent=(await tx.exec(recent)).one(),
        sources=(await tx.exec(select(func.count()).select_from(Source))).one(),
        subscriptions=await subscriptions.count(tx),
        feeds=dict((await tx.exec(by_state)).all()),
        chats=await chats.count(tx),
        deliveries=await deliveries.count(tx),
        failing=(await tx.exec(select(func.count()).select_from(Feed).where(*is_failing))).one(),
        worst=(await tx.exec(failing)).all(),
    )

"""Subscriptions at the hubs of feeds: what is asked of whom, and until when a hub calls us."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import and_, case, col, delete, or_, select, update

from storage.database import Tx
from storage.rows import upsert
from storage.states import FeedState
from storage.tables import Feed, HubSubscription, Source

_ALL = ("topic_url", "hub_url", "secret", "token", "state", "lease_until", "next_at", "attempts")


async def wanting(tx: Tx, limit: int) -> Sequence[Feed]:
    """Feeds with a hub at which nothing was asked yet, or with another hub or address than was asked for."""
    row = HubSubscription
    is_other = or_(col(row.hub_url) != col(Feed.hub_url), col(row.topic_url) != _topic())
    query = select(Feed).join(Source).outerjoin(row, col(row.feed_id) == col(Feed.id))
    query = query.where(_is_read(), col(Feed.hub_url) != "", or_(col(row.feed_id).is_(None), is_other))
    return (await tx.exec(query.order_by(col(Feed.id)).limit(limit))).all()


async def due(tx: Tx, now: datetime, limit: int) -> Sequence[HubSubscription]:
    """Subscriptions of feeds that are read and still name a hub, which is to be asked again now."""
    query = select(HubSubscription).join(Feed).join(Source).where(_is_wanted(), HubSubscription.next_at <= now)
    return (await tx.exec(query.order_by(col(HubSubscription.next_at)).limit(limit))).all()


async def unwanted(tx: Tx, now: datetime, limit: int) -> Sequence[HubSubscription]:
    """Subscriptions of feeds that are read no longer or name no hub, and whose hub was not told so lately."""
    is_told = and_(col(HubSubscription.state) == "leaving", col(HubSubscription.next_at) > now)
    query = select(HubSubscription).join(Feed).join(Source).where(~_is_wanted(), ~is_told)
    return (await tx.exec(query.limit(limit))).all()


def _is_read() -> Any:
    return and_(col(Feed.state) == FeedState.ACTIVE, col(Source.is_paused).is_(False))


def _is_wanted() -> Any:
    return and_(_is_read(), col(Feed.hub_url) != "")


def _topic() -> Any:
    return case((col(Feed.self_url) != "", col(Feed.self_url)), else_=col(Feed.url))


async def save(tx: Tx, row: HubSubscription) -> None:
    """Keep a subscription, in place of the one that its feed had."""
    await upsert(tx, HubSubscription, [row.model_dump()], key=("feed_id",), change=_ALL)


async def change(tx: Tx, feed_id: int, **values: Any) -> None:
    """Set columns of a subscription."""
    await tx.exec(update(HubSubscription).where(col(HubSubscription.feed_id) == feed_id).values(**values))


async def drop(tx: Tx, feed_id: int) -> None:
    """Forget a subscription."""
    await tx.exec(delete(HubSubscription).where(col(HubSubscription.feed_id) == feed_id))


async def by_token(tx: Tx, token: str) -> tuple[HubSubscription, Feed] | None:
    """The subscription that a hub calls by a token, with its feed."""
    query = select(HubSubscription, Feed).join(Feed).where(HubSubscription.token == token)
    return (await tx.exec(query)).first()

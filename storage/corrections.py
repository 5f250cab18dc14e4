"""What is read to correct sent messages: clips that changed, and the messages that show them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select as core_select
from sqlmodel import col, select

from storage.database import Tx
from storage.states import ChatState, DeliveryKind, DeliveryState
from storage.tables import Chat, Clip, ClipRevision, Delivery, Edition, EditionEntry


class Wording(NamedTuple):
    """What a clip said until an instant; None for what it says now."""

    revision: int
    title: str
    paragraphs: list[str]
    until: datetime | None


class SentMessage(NamedTuple):
    """A digest or alert that arrived."""

    delivery_id: int
    chat_id: int
    local_date: date
    sent_at: datetime
    parts: list[str]


async def changed_editions(tx: Tx, *, changed_since: datetime, composed_since: datetime) -> dict[int, list[int]]:
    """Editions with clips that their sources changed: edition number → clip numbers."""
    # The few clips that changed come first: by themselves they are found by one index, and their entries by another.
    changed = select(ClipRevision.clip_id).where(col(ClipRevision.replaced_at) > changed_since)
    query = select(EditionEntry.edition_id, EditionEntry.clip_id).distinct()
    query = query.join(Edition, col(Edition.id) == col(EditionEntry.edition_id))
    query = query.where(col(EditionEntry.clip_id).in_(changed), col(Edition.composed_at) >= composed_since)
    found: dict[int, list[int]] = {}
    for edition_id, clip_id in (await tx.exec(query.order_by(col(EditionEntry.edition_id)))).all():
        found.setdefault(edition_id, []).append(clip_id)
    return found


async def wordings(tx: Tx, clip_id: int) -> tuple[str, list[Wording]]:
    """The language of a clip, and all that it said, oldest first; nothing where the clip is gone."""
    clip = await tx.get(Clip, clip_id)
    if clip is None:
        return "", []
    query = select(ClipRevision).where(ClipRevision.clip_id == clip_id).order_by(col(ClipRevision.revision))
    past = [Wording(row.revision, row.title, row.paragraphs, row.replaced_at) for row in (await tx.exec(query)).all()]
    return clip.language, [*past, Wording(clip.revision, clip.title, clip.paragraphs, None)]


async def sent_with(
    tx: Tx, edition_id: int, *, sent_since: datetime, platforms: Sequence[str], after: int, limit: int
) -> list[SentMessage]:
    """The digests and alerts of an edition that arrived in chats that can be written to, by their numbers.

    Args:
        after: only those with higher numbers.
    """
    columns: list[Any] = [getattr(Delivery, name) for name in ("id", *SentMessage._fields[1:])]
    query = core_select(*columns).join(Chat, col(Chat.id) == col(Delivery.chat_id))
    query = query.where(
        col(Delivery.edition_id) == edition_id,
        col(Delivery.id) > after,
        col(Delivery.state) == DeliveryState.SENT,
        col(Delivery.kind).in_((DeliveryKind.DIGEST, DeliveryKind.ALERT)),
        col(Delivery.sent_at) >= sent_since,
        col(Chat.state) == ChatState.ACTIVE,
        col(Chat.platform).in_(platforms),
    )
    rows = await (await tx.connection()).execute(query.order_by(col(Delivery.id)).limit(limit))
    return [SentMessage(*row) for row in rows.all()]

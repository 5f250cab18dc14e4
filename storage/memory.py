"""What many chats were told, read together."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, func, select

from storage.database import Tx
from storage.states import DeliveryState
from storage.tables import Delivery, EditionEntry

TOLD = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.SENT)


async def told_to(tx: Tx, chat_ids: Sequence[int], since: datetime) -> dict[int, dict[int, int]]:
    """What some chats were told, or are about to be: chat number → story number → most sources it was told with.

    A clip without a story stands under its own number, below zero.

    Args:
        chat_ids: some hundreds at most; a month of digests has hundreds of stories a chat.
    """
    story = func.coalesce(EditionEntry.story_id, -col(EditionEntry.clip_id))
    query = select(Delivery.chat_id, story, func.max(EditionEntry.source_count))
    query = query.join(EditionEntry, col(Delivery.edition_id) == col(EditionEntry.edition_id))
    query = query.where(col(Delivery.chat_id).in_(chat_ids), col(Delivery.created_at) >= since)
    query = query.where(col(Delivery.state).in_(TOLD)).group_by(col(Delivery.chat_id), story)
    found: dict[int, dict[int, int]] = {chat_id: {} for chat_id in chat_ids}
    for chat_id, number, source_count in (await tx.exec(query)).all():
        found[chat_id][number] = source_count
    return found

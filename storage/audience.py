"""What must be known of chats before a word goes to many of them."""

from collections.abc import Sequence

from sqlmodel import col, select

from storage.database import Tx
from storage.tables import Chat, Delivery, EditionEntry


async def wishes(tx: Tx, chat_ids: Sequence[int]) -> list[tuple[int, str, dict[str, str]]]:
    """Number, time zone and settings of some chats, at most a few thousand at once."""
    query = select(col(Chat.id), Chat.timezone, Chat.options).where(col(Chat.id).in_(list(chat_ids)))
    return [(chat_id or 0, zone, dict(options)) for chat_id, zone, options in (await tx.exec(query)).all()]


async def shown(tx: Tx, chat_id: int, clip_ids: Sequence[int]) -> set[int]:
    """Which of some clips a chat's digests and alerts have told, or are about to."""
    if not clip_ids:
        return set()
    query = select(EditionEntry.clip_id).join(Delivery, col(Delivery.edition_id) == col(EditionEntry.edition_id))
    query = query.where(Delivery.chat_id == chat_id, col(EditionEntry.clip_id).in_(list(clip_ids)))
    return set((await tx.exec(query)).all())

"""What must be known of chats before a word goes to many of them."""

from collections.abc import Sequence

from sqlmodel import col, select

from storage.database import Tx
from storage.tables import Chat


async def wishes(tx: Tx, chat_ids: Sequence[int]) -> list[tuple[int, str, dict[str, str]]]:
    """Number, time zone and settings of some chats, at most a few thousand at once."""
    query = select(col(Chat.id), Chat.timezone, Chat.options).where(col(Chat.id).in_(list(chat_ids)))
    return [(chat_id or 0, zone, dict(options)) for chat_id, zone, options in (await tx.exec(query)).all()]

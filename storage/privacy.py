"""Everything that is stored about a chat, as plain values for the person to read."""

from datetime import date, datetime
from typing import Any

from sqlmodel import SQLModel, col, select

from storage.database import Tx
from storage.tables import Bookmark, Chat, Delivery, MessageClip, Mute, Schedule, Subscription

TABLES: dict[str, type[SQLModel]] = {
    "schedules": Schedule,
    "subscriptions": Subscription,
    "mutes": Mute,
    "saved_clips": Bookmark,
    "deliveries": Delivery,
    "shown_messages": MessageClip,
}


async def everything(tx: Tx, chat_id: int) -> dict[str, Any]:
    """The chat's row and every row that hangs on it; times as ISO 8601."""
    chat = await tx.get(Chat, chat_id)
    found: dict[str, Any] = {"chat": _plain(chat) if chat else None}
    for name, table in TABLES.items():
        rows = await tx.exec(select(table).where(col(table.chat_id) == chat_id))  # type: ignore[attr-defined]
        found[name] = [_plain(row) for row in rows.all()]
    return found


def _plain(row: SQLModel) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime | date) else value
        for name, value in row.model_dump().items()
    }

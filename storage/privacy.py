"""Everything that is stored about a chat: as plain values for the person to read, and how to forget it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import SQLModel, col, delete, select

from storage import chats
from storage.database import Tx
from storage.tables import (
    Bookmark,
    Chat,
    Clip,
    Delivery,
    Edition,
    EditionEntry,
    Fact,
    MessageClip,
    Mute,
    Schedule,
    Subscription,
)

# The name in the export → the table; a test sees that no table with a chat is missing.
TABLES: dict[str, type[SQLModel]] = {
    "digest_times": Schedule,
    "subscriptions": Subscription,
    "left_out": Mute,
    "saved_clips": Bookmark,
    "deliveries": Delivery,
    "shown_clips": MessageClip,
}
_PORTION = 5000


def question_name(chat_id: int, subject: str) -> str:
    """The name under which an open question of a chat is remembered among the facts."""
    return f"question:{chat_id}:{subject}"


async def everything(tx: Tx, chat_id: int) -> dict[str, Any]:
    """The chat's row and every row that hangs on it, with the titles of the clips that they name; times as ISO 8601."""
    chat = await tx.get(Chat, chat_id)
    found: dict[str, Any] = {"chat": _plain(chat) if chat else None}
    for name, table in TABLES.items():
        rows = await tx.exec(select(table).where(col(table.chat_id) == chat_id))  # type: ignore[attr-defined]
        found[name] = [_plain(row) for row in rows.all()]
    told = await _told(tx, chat_id)
    for row in found["deliveries"]:
        row["clips"] = told.get(row["edition_id"], [])
    showing = (*found["saved_clips"], *found["shown_clips"], *(clip for clips in told.values() for clip in clips))
    titles = await _titles(tx, sorted({row["clip_id"] for row in showing}))
    for row in showing:
        row |= titles.get(row["clip_id"], {})
    asked = select(Fact).where(col(Fact.name).startswith(question_name(chat_id, ""), autoescape=True))
    found["open_questions"] = [_plain(row) for row in (await tx.exec(asked)).all()]
    return found


async def forget(tx: Tx, chat_id: int) -> None:
    """Leave nothing of a chat: its row, all that hangs on it, its open questions, the editions that only it got."""
    query = select(Delivery.edition_id).where(Delivery.chat_id == chat_id, col(Delivery.edition_id).is_not(None))
    editions = (await tx.exec(query.distinct())).all()
    await chats.delete_chat(tx, chat_id)
    await tx.exec(delete(Fact).where(col(Fact.name).startswith(question_name(chat_id, ""), autoescape=True)))
    for start in range(0, len(editions), _PORTION):
        part = editions[start : start + _PORTION]
        used = select(Delivery.id).where(col(Delivery.edition_id) == col(Edition.id)).exists()
        await tx.exec(delete(Edition).where(col(Edition.id).in_(part), ~used))


async def _told(tx: Tx, chat_id: int) -> dict[int, list[dict[str, Any]]]:
    """The clips of the editions that a chat was owed, in order."""
    query = select(EditionEntry).where(
        col(EditionEntry.edition_id).in_(select(Delivery.edition_id).where(Delivery.chat_id == chat_id))
    )
    query = query.order_by(col(EditionEntry.edition_id), col(EditionEntry.position))
    found: dict[int, list[dict[str, Any]]] = {}
    for entry in (await tx.exec(query)).all():
        found.setdefault(entry.edition_id, []).append({"heading": entry.heading, "clip_id": entry.clip_id})
    return found


async def _titles(tx: Tx, clip_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for start in range(0, len(clip_ids), _PORTION):
        query = select(col(Clip.id), Clip.title, Clip.url).where(col(Clip.id).in_(clip_ids[start : start + _PORTION]))
        for clip_id, title, url in (await tx.exec(query)).all():
            found[clip_id or 0] = {"title": title, "url": url}
    return found


def _plain(row: SQLModel) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime | date) else value
        for name, value in row.model_dump(exclude={"chat_id"}).items()
    }

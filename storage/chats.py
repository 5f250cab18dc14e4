"""Chats with their settings, mutes and bookmarks, and which clips a message showed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, delete, func, select, update

from storage.database import Tx
from storage.rows import insert_missing
from storage.states import ChatKind, ChatState
from storage.tables import Bookmark, Chat, Delivery, EditionEntry, MessageClip, Mute


async def find(tx: Tx, platform: str, native_id: str, thread_id: str = "") -> Chat | None:
    """The chat at an address of its platform."""
    query = select(Chat).where(Chat.platform == platform, Chat.native_id == native_id, Chat.thread_id == thread_id)
    return (await tx.exec(query)).first()


async def get(tx: Tx, chat_id: int) -> Chat | None:
    """The chat of a number."""
    return await tx.get(Chat, chat_id)


async def add(tx: Tx, chat: Chat) -> Chat:
    """Keep a new chat; where its address is known already, that row wins."""
    values = chat.model_dump(exclude={"id"})
    await insert_missing(tx, Chat, [values])
    found = await find(tx, chat.platform, chat.native_id, chat.thread_id)
    assert found is not None  # noqa: S101 - inserted or found in this transaction
    return found


async def change(tx: Tx, chat_id: int, **values: Any) -> None:
    """Set columns of a chat."""
    await tx.exec(update(Chat).where(col(Chat.id) == chat_id).values(**values))


async def set_state(tx: Tx, chat_id: int, state: ChatState, reason: str = "") -> None:
    """Say whether a chat can be written to, and why not; a banned one stays so."""
    chosen = update(Chat).where(col(Chat.id) == chat_id, col(Chat.state) != ChatState.BANNED)
    await tx.exec(chosen.values(state=state, state_reason=reason))


async def delete_chat(tx: Tx, chat_id: int) -> None:
    """Forget a chat with all that hangs on it."""
    await tx.exec(delete(Chat).where(col(Chat.id) == chat_id))


async def count(tx: Tx) -> dict[str, int]:
    """How many chats there are in each state."""
    rows = await tx.exec(select(Chat.state, func.count()).group_by(col(Chat.state)))
    return dict(rows.all())


async def to_broadcast(tx: Tx) -> list[int]:
    """Numbers of the private chats that can be written to."""
    query = select(col(Chat.id)).where(Chat.state == ChatState.ACTIVE, Chat.kind == ChatKind.PRIVATE)
    return [chat_id for chat_id in (await tx.exec(query.order_by(col(Chat.id)))).all() if chat_id is not None]


async def mutes(tx: Tx, chat_id: int) -> Sequence[Mute]:
    """What the chat does not want to read, oldest first."""
    return (await tx.exec(select(Mute).where(Mute.chat_id == chat_id).order_by(col(Mute.id)))).all()


async def mutes_of(tx: Tx, chat_ids: Sequence[int]) -> dict[int, list[Mute]]:
    """The mutes of several chats: chat number → mutes, oldest first."""
    found: dict[int, list[Mute]] = {}
    for start in range(0, len(chat_ids), 5000):
        query = select(Mute).where(col(Mute.chat_id).in_(chat_ids[start : start + 5000])).order_by(col(Mute.id))
        for row in (await tx.exec(query)).all():
            found.setdefault(row.chat_id, []).append(row)
    return found


async def mute(tx: Tx, mute: Mute) -> bool:
    """Remember a mute; False where it was there already."""
    return await insert_missing(tx, Mute, [mute.model_dump(exclude={"id"})]) == 1


async def unmute(tx: Tx, chat_id: int, mute_id: int) -> bool:
    """Forget a mute of this chat; False where there is none of that number."""
    result = await tx.exec(delete(Mute).where(col(Mute.id) == mute_id, col(Mute.chat_id) == chat_id))
    return result.rowcount == 1


async def save_clip(tx: Tx, chat_id: int, clip_id: int, now: datetime) -> bool:
    """Bookmark a clip; False where it was saved already."""
    row = {"chat_id": chat_id, "clip_id": clip_id, "saved_at": now}
    return await insert_missing(tx, Bookmark, [row]) == 1


async def unsave_clip(tx: Tx, chat_id: int, clip_id: int) -> bool:
    """Drop a bookmark; False where there was none."""
    chosen = delete(Bookmark).where(col(Bookmark.chat_id) == chat_id, col(Bookmark.clip_id) == clip_id)
    return (await tx.exec(chosen)).rowcount == 1


async def saved_clips(tx: Tx, chat_id: int, limit: int, offset: int = 0) -> list[int]:
    """Numbers of the bookmarked clips, newest bookmark first."""
    query = select(Bookmark.clip_id).where(Bookmark.chat_id == chat_id)
    query = query.order_by(col(Bookmark.saved_at).desc(), col(Bookmark.clip_id).desc())
    return list((await tx.exec(query.limit(limit).offset(offset))).all())


async def remember_message(tx: Tx, chat_id: int, message_id: str, clip_ids: Sequence[int], now: datetime) -> None:
    """Keep which clips a sent message shows, replacing what an edited one showed."""
    old = delete(MessageClip).where(col(MessageClip.chat_id) == chat_id, col(MessageClip.message_id) == message_id)
    await tx.exec(old)
    rows = [
        {"chat_id": chat_id, "message_id": message_id, "position": position, "clip_id": clip_id, "sent_at": now}
        for position, clip_id in enumerate(clip_ids)
    ]
    await insert_missing(tx, MessageClip, rows)


async def clips_of_message(tx: Tx, chat_id: int, message_id: str) -> list[int]:
    """Numbers of the clips that a sent message shows, in order."""
    query = select(MessageClip.clip_id).where(MessageClip.chat_id == chat_id, MessageClip.message_id == message_id)
    shown = list((await tx.exec(query.order_by(col(MessageClip.position)))).all())
    return shown or await _clips_of_delivery(tx, chat_id, message_id)


async def _clips_of_delivery(tx: Tx, chat_id: int, message_id: str) -> list[int]:
    """What a digest or alert tells; the ledger knows its messages, so that no row is written for each of its clips."""
    sent = select(Delivery.edition_id, Delivery.parts)
    sent = sent.where(Delivery.chat_id == chat_id, col(Delivery.sent_at).is_not(None))
    rows = (
        await tx.exec(sent.where(col(Delivery.edition_id).is_not(None)).order_by(col(Delivery.sent_at).desc()))
    ).all()
    edition_id = next((edition_id for edition_id, parts in rows if message_id in parts), None)
    told = select(EditionEntry.clip_id).where(EditionEntry.edition_id == edition_id)
    return list((await tx.exec(told.order_by(col(EditionEntry.position)))).all()) if edition_id is not None else []

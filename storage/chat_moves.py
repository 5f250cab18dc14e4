"""A chat that goes on elsewhere: under another id, or in its group when its forum topic was deleted.

*Source*: Bot API, `migrate_to_chat_id`; Matrix, `m.room.tombstone`.
"""

import hashlib

from sqlalchemy import Update
from sqlmodel import col, select, update

from storage import chats
from storage.database import Tx
from storage.rows import insert_missing
from storage.states import ChatState, DeliveryState
from storage.tables import Bookmark, Chat, Delivery, MessageClip, Mute, Schedule, Subscription


async def move(tx: Tx, platform: str, old_id: str, thread_id: str, new_id: str) -> None:
    """Do what a platform says when a message came to a place that is no more.

    Args:
        new_id: the group's other id; the same id means that only the thread is gone.
    """
    if new_id == old_id:
        await leave_thread(tx, platform, old_id, thread_id)
    else:
        await migrate(tx, platform, old_id, new_id)


async def leave_thread(tx: Tx, platform: str, native_id: str, thread_id: str) -> bool:
    """Give what a deleted thread follows, mutes and is owed to its group itself, whose settings stay.

    Returns:
        Whether there was such a thread.
    """
    old = await chats.find(tx, platform, native_id, thread_id) if thread_id else None
    if old is None:
        return False
    group = await chats.find(tx, platform, native_id)
    if group is None:
        await chats.change(tx, old.id or 0, thread_id="")
        await chats.set_state(tx, old.id or 0, ChatState.ACTIVE)
        return True
    # A digest of the thread is owed beside one of the group that is due at the same time.
    owed = update(Delivery).where(col(Delivery.chat_id) == old.id, col(Delivery.state) == DeliveryState.PLANNED)
    await tx.exec(owed.values(slot=col(Delivery.slot) + f" of {thread_id}"))
    await _merge(tx, old, group, settings=group)
    return True


async def migrate(tx: Tx, platform: str, old_id: str, new_id: str) -> int:
    """Give all chats of an old id (one for each thread) the new one, keeping everything that hangs on them.

    Where the new chat is known already, what the old one has is added to it.

    Returns:
        How many chats moved.
    """
    if old_id == new_id:
        return 0
    query = select(Chat).where(Chat.platform == platform, Chat.native_id == old_id)
    moved = (await tx.exec(query)).all()
    for old in moved:
        present = await chats.find(tx, platform, new_id, old.thread_id)
        if present is None:
            await chats.change(tx, old.id or 0, native_id=new_id)
        else:
            elder = min(old, present, key=lambda chat: chat.created_at)
            await _merge(tx, old, present, settings=elder)
    return len(moved)


async def set_state(tx: Tx, platform: str, native_id: str, state: ChatState, reason: str = "") -> int:
    """Say whether a chat can be written to, for all its threads at once.

    Returns:
        How many chats of ours these are.
    """
    everywhere = _everywhere(platform, native_id).where(col(Chat.state) != ChatState.BANNED)
    return (await tx.exec(everywhere.values(state=state, state_reason=reason))).rowcount


async def ban(tx: Tx, platform: str, native_id: str) -> bool:
    """Serve a chat no longer, in none of its threads.

    Returns:
        Whether there is such a chat.
    """
    banned = _everywhere(platform, native_id).values(state=ChatState.BANNED, state_reason="")
    return (await tx.exec(banned)).rowcount > 0


async def unban(tx: Tx, platform: str, native_id: str) -> bool:
    """Serve a chat again.

    Returns:
        Whether it was banned.
    """
    lifted = _everywhere(platform, native_id).where(col(Chat.state) == ChatState.BANNED)
    return (await tx.exec(lifted.values(state=ChatState.ACTIVE, state_reason=""))).rowcount > 0


def _everywhere(platform: str, native_id: str) -> Update:
    return update(Chat).where(col(Chat.platform) == platform, col(Chat.native_id) == native_id)


async def _merge(tx: Tx, from_chat: Chat, to_chat: Chat, *, settings: Chat) -> None:
    """Move what hangs on one chat to another; what both have stays once."""
    old, new = from_chat.id or 0, to_chat.id or 0
    slots: dict[int, int] = {}
    for slot in (await tx.exec(select(Schedule).where(Schedule.chat_id == old))).all():
        await insert_missing(tx, Schedule, [{**slot.model_dump(exclude={"id"}), "chat_id": new}])
        twin = select(col(Schedule.id)).where(
            Schedule.chat_id == new, Schedule.at_local == slot.at_local, Schedule.days == slot.days
        )
        slots[slot.id or 0] = (await tx.exec(twin)).one() or 0
    for row in (await tx.exec(select(Subscription).where(Subscription.chat_id == old))).all():
        values = {**row.model_dump(exclude={"id"}), "chat_id": new}
        values["schedule_id"] = slots.get(row.schedule_id) if row.schedule_id is not None else None
        await insert_missing(tx, Subscription, [values])
    for table in (Mute, Bookmark, Delivery, MessageClip):
        rows = (await tx.exec(select(table).where(col(table.chat_id) == old))).all()
        keyless = {"id"} if "id" in table.model_fields else set()
        await insert_missing(tx, table, [{**row.model_dump(exclude=keyless), "chat_id": new} for row in rows])
    kept = settings.model_dump(include={"language", "timezone", "options", "paused_until", "created_at"})
    await chats.delete_chat(tx, old)
    # The memory is that of both now, and so that of no other chat.
    kept["history_key"] = hashlib.sha256(f"{from_chat.history_key}+{to_chat.history_key}".encode()).hexdigest()[:32]
    is_banned = ChatState.BANNED in {from_chat.state, to_chat.state}
    state = ChatState.BANNED if is_banned else ChatState.ACTIVE
    await chats.change(tx, new, **kept, state=state, state_reason="")

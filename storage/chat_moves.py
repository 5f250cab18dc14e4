"""A chat that the platform gave another id (Bot API, `migrate_to_chat_id`; Matrix room upgrades)."""

from sqlmodel import col, select, update

from storage import chats
from storage.database import Tx
from storage.rows import insert_missing
from storage.states import ChatState
from storage.tables import Bookmark, Chat, Delivery, MessageClip, Mute, Schedule, Subscription


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
            await _merge(tx, old, present)
    return len(moved)


async def set_state(tx: Tx, platform: str, native_id: str, state: ChatState, reason: str = "") -> int:
    """Say whether a chat can be written to, for all its threads at once.

    Returns:
        How many chats of ours these are.
    """
    everywhere = update(Chat).where(col(Chat.platform) == platform, col(Chat.native_id) == native_id)
    return (await tx.exec(everywhere.values(state=state, state_reason=reason))).rowcount


async def _merge(tx: Tx, from_chat: Chat, to_chat: Chat) -> None:
    """Move what hangs on one chat to another; what both have stays once, settings are those of the older chat."""
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
    elder = min(from_chat, to_chat, key=lambda chat: chat.created_at)
    kept = elder.model_dump(include={"language", "timezone", "options", "paused_until", "created_at"})
    await chats.delete_chat(tx, old)
    await chats.change(tx, new, **kept, state=ChatState.ACTIVE, state_reason="")

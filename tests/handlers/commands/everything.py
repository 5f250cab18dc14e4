"""One row in every table that belongs to a chat, with words in it that are found nowhere else."""

from datetime import date

from sqlmodel import col, func, select

from handlers.request import ChatAddress
from storage import chats, deliveries, facts, privacy, subscriptions
from storage.database import Database, Tx
from storage.states import DeliveryKind, MuteKind, Platform, SubscriptionKind
from storage.tables import Chat, Delivery, EditionEntry, Mute, Schedule, Subscription, metadata
from tests import make
from tests.make import NOW

NATIVE_ID = "778899001122"
ADDRESS = ChatAddress(Platform.TELEGRAM, NATIVE_ID, title="Annas Kanal")
SECRET = "quastenflosser"
TABLES = sorted(table.name for table in metadata.tables.values() if "chat_id" in table.columns)


async def fill(tx: Tx) -> Chat:
    """A chat that used everything; its edition, its keyword and its messages carry the secret word."""
    named = {"platform": Platform.TELEGRAM, "title": ADDRESS.title, "language": "en"}
    chat = await make.chat(tx, NATIVE_ID, **named, options={"length": "long"})
    chat_id = chat.id or 0
    source = await make.source(tx, "bote", name="Der Bote")
    clip = await make.clip(tx, source, "Mühle verkauft")
    slot = await subscriptions.ensure_schedule(tx, Schedule(chat_id=chat_id, at_local="07:30", next_due_at=NOW))
    follow = {"kind": SubscriptionKind.KEYWORD, "value": SECRET, "created_at": NOW}
    await subscriptions.add(tx, Subscription(chat_id=chat_id, schedule_id=slot.id, **follow))
    await chats.mute(tx, Mute(chat_id=chat_id, kind=MuteKind.KEYWORD, value=SECRET, created_at=NOW))
    await chats.save_clip(tx, chat_id, clip, NOW)
    await chats.remember_message(tx, chat_id, f"{NATIVE_ID}-1", [clip], NOW)
    entry = EditionEntry(edition_id=0, position=0, heading=f"keyword:{SECRET}", clip_id=clip)
    edition = await deliveries.save_edition(tx, f"only-{SECRET}", [entry], NOW)
    await deliveries.plan(tx, [owed(chat_id, edition_id=edition, body={"text": SECRET}, parts=[f"{NATIVE_ID}-1"])])
    await facts.put(tx, privacy.question_name(chat_id, "broadcast"), SECRET)
    return chat


def owed(chat_id: int, **fields: object) -> Delivery:
    times = dict.fromkeys(("due_at", "ready_at", "created_at"), NOW)
    values = {"kind": DeliveryKind.DIGEST, "slot": "07:30", "local_date": date(2026, 11, 24), **times, **fields}
    return Delivery(chat_id=chat_id, **values)


async def rows_of(db: Database, chat_id: int) -> dict[str, int]:
    """How many rows of a chat each table has."""
    found = {}
    async with db.read() as tx:
        for name in TABLES:
            column = metadata.tables[name].c.chat_id
            query = select(func.count()).select_from(metadata.tables[name]).where(col(column) == chat_id)
            found[name] = (await tx.exec(query)).one()
    return found

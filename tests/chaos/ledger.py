"""The database of a chaos run: who is owed what before it, what the ledger says after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import col, select, update

from bot import clock, doctor, seeds
from bot.app import offload
from handlers.intake import Intake
from handlers.news.due import EVERY_DAY, next_due
from handlers.news.iptc import iptc_topics
from handlers.ports import Desk
from storage import chats, facts, subscriptions
from storage.database import Database
from storage.states import DeliveryState, Platform
from storage.tables import Chat, Delivery, Schedule, Subscription

BERLIN = "Europe/Berlin"
LONG_EVERY = 10
"""Every so many chats follow everything at full length, so that their digest takes two messages."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A delivery as the ledger has it, with the chat's number on the platform."""

    chat: int
    state: str
    parts: tuple[int, ...]
    uncertain_count: int


class Key(NamedTuple):
    """What a digest is: that of a chat for a slot of a day in its zone."""

    chat: int
    day: date
    slot: str


def address(folder: Path) -> str:
    """Where the program in a folder has its database, unless it is told of another."""
    return f"sqlite:///{folder / 'data' / 'kurzclips.db'}"


async def prepare(url: str, people: list[int]) -> None:
    """Give every person a digest that was due a minute ago, of the demo news; no feed is polled."""
    now = clock.now()
    due_at = (now - timedelta(minutes=1)).replace(second=0, microsecond=0)
    at_local = f"{due_at.astimezone(ZoneInfo(BERLIN)):%H:%M}"
    everything = [topic.id for topic in iptc_topics()]
    async with await Database.open(url) as db:
        await seeds.ensure_topics(db)
        await seeds.load(db, Intake(db, Desk(), offload), now, with_feeds=False)
        async with db.write() as tx:
            for place, person in enumerate(people):
                is_long = place % LONG_EVERY == 0
                chat = Chat(
                    platform=Platform.TELEGRAM,
                    native_id=str(person),
                    language="de",
                    timezone=BERLIN,
                    options={"length": "long"} if is_long else {},
                    created_at=now,
                    seen_at=now,
                )
                kept = await chats.add(tx, chat)
                slot = Schedule(chat_id=kept.id or 0, at_local=at_local, next_due_at=due_at)
                slot_id = (await subscriptions.ensure_schedule(tx, slot)).id
                for topic in everything if is_long else ["energie"]:
                    wish = Subscription(chat_id=kept.id or 0, schedule_id=slot_id, value=topic, created_at=now)
                    await subscriptions.add(tx, wish)


async def owed(url: str) -> list[Owed]:
    """All deliveries."""
    async with await Database.open(url) as db, db.read() as tx:
        rows = (await tx.exec(select(Delivery, Chat).join(Chat).order_by(col(Delivery.id)))).all()
    return [
        Owed(int(chat.native_id), row.state, tuple(int(part) for part in row.parts), row.uncertain_count)
        for row, chat in rows
    ]


async def count_ready(url: str) -> int:
    """How many deliveries are on their way, or could be now; those that wait for a later try do not count."""
    now = clock.now()
    async with await Database.open(url) as db, db.read() as tx:
        rows = (await tx.exec(select(Delivery.state, Delivery.ready_at))).all()
        due = await subscriptions.due(tx, now, 1)
    ready = [state for state, at in rows if state == DeliveryState.PLANNED and at <= now]
    return len(ready) + len(due) + sum(state == DeliveryState.SENDING for state, _ in rows)


async def end_pauses(url: str) -> int:
    """Let every pause before another try be over, as if the clock had gone on; leases stay as they are.

    Returns:
        How many deliveries wait.
    """
    async with await Database.open(url) as db, db.write() as tx:
        waiting = update(Delivery).where(col(Delivery.state) == DeliveryState.PLANNED)
        return (await tx.exec(waiting.values(ready_at=clock.now()))).rowcount


async def subscribe(db: Database, zones: Mapping[int, str], slots: Sequence[str], now: datetime) -> None:
    """Give every person (number on the platform → zone) digests at some wall times, the next of each to come.

    None of the demo news is new for long, so that most of these digests are the line that says so.
    """
    await seeds.ensure_topics(db)
    await seeds.load(db, Intake(db, Desk(), offload), now, with_feeds=False)
    async with db.write() as tx:
        for person, zone in zones.items():
            shared = {"language": "de", "created_at": now, "seen_at": now}
            chat = Chat(platform=Platform.TELEGRAM, native_id=str(person), timezone=zone, **shared)
            chat_id = (await chats.add(tx, chat)).id or 0
            for at_local in slots:
                due_at = next_due(at_local, EVERY_DAY, zone, now)
                slot = Schedule(chat_id=chat_id, at_local=at_local, next_due_at=due_at)
                slot_id = (await subscriptions.ensure_schedule(tx, slot)).id
                wish = Subscription(chat_id=chat_id, schedule_id=slot_id, value="energie", created_at=now)
                await subscriptions.add(tx, wish)


async def sent(db: Database) -> dict[Key, int]:
    """What was sent, digest → in how many messages."""
    query = select(Chat.native_id, Delivery.local_date, Delivery.slot, Delivery.parts)
    query = query.where(col(Chat.id) == col(Delivery.chat_id), Delivery.state == DeliveryState.SENT)
    async with db.read() as tx:
        rows = (await tx.exec(query)).all()
    return {Key(int(chat), day, slot): len(parts) for chat, day, slot, parts in rows}


async def heartbeat(db: Database) -> str:
    """The last sign of life of the program."""
    async with db.read() as tx:
        return await facts.get(tx, doctor.HEARTBEAT)

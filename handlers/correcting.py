"""Clips that their sources changed → corrections of the messages that show them, edited in place.

A correction is a delivery of its own: planned, claimed and settled as all others are. Its key is made of the message
and of the revisions that matter, so that it is owed once however often this runs.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from handlers import compose as composing
from handlers import digest
from handlers.news.corrections import matters
from handlers.reply import Entry, Reply, _
from storage import corrections, deliveries, facts
from storage.corrections import SentMessage
from storage.database import Database, Tx
from storage.states import DeliveryKind, DeliveryState, Platform
from storage.tables import Delivery

SPAN = timedelta(hours=48)
# An edition may be composed this long before its message is sent: grace, quiet hours, a queue.
HELD_BACK = timedelta(hours=24)
# A change may be written down this much later than its time.
OVERLAP = timedelta(minutes=5)
# A message may have been composed this long before it is known as sent; at worst it is marked without need.
ON_ITS_WAY = timedelta(minutes=1)
PORTION = 2_000
# Where a sent message can be changed.
EDITABLE = (Platform.TELEGRAM, Platform.MATRIX)
SEEN = "corrections.seen_at"

Changes = Sequence[tuple[datetime, int]]


async def plan_corrections(db: Database, now: datetime) -> int:
    """Write down the corrections that changed clips ask for, of messages sent within the last 48 hours.

    Returns:
        How many are owed now that were not before.

    Raises:
        StorageError: the database refused; what was written is kept, the rest is looked at the next time.
    """
    async with db.read() as tx:
        seen = await facts.get(tx, SEEN)
        begin = now - SPAN
        since = max(begin, min(datetime.fromisoformat(seen), now) - OVERLAP) if seen else begin
        found = await corrections.changed_editions(tx, changed_since=since, composed_since=now - SPAN - HELD_BACK)
        changes = {clip_id: await _changes(tx, clip_id) for clip_ids in found.values() for clip_id in set(clip_ids)}
    planned = 0
    for edition_id, clip_ids in found.items():
        telling = {clip_id: changes[clip_id] for clip_id in clip_ids if changes[clip_id]}
        if telling:
            planned += await _plan_edition(db, edition_id, telling, now)
    async with db.write() as tx:
        await facts.put(tx, SEEN, now.isoformat())
    return planned


async def _changes(tx: Tx, clip_id: int) -> Changes:
    """When a clip was changed in a way that matters, and to which revision."""
    language, said = await corrections.wordings(tx, clip_id)
    return [
        (old.until, new.revision)
        for old, new in zip(said, said[1:], strict=False)
        if old.until is not None and matters(old.title, old.paragraphs, new.title, new.paragraphs, language)
    ]


async def _plan_edition(db: Database, edition_id: int, changes: dict[int, Changes], now: datetime) -> int:
    planned = last = 0
    while True:
        async with db.read() as tx:
            sent = await corrections.sent_with(
                tx, edition_id, sent_since=now - SPAN, platforms=EDITABLE, after=last, limit=PORTION
            )
        if not sent:
            return planned
        last = sent[-1].delivery_id
        rows = [row for each in sent if each.parts and (row := _correction(each, changes, now)) is not None]
        if rows:
            async with db.write() as tx:
                planned += await deliveries.plan(tx, rows)


def _correction(sent: SentMessage, changes: dict[int, Changes], now: datetime) -> dict[str, Any] | None:
    """The correction of a message as a row; None where it shows all as it is."""
    newer = {
        clip_id: max((revision for at, revision in of_clip if at > sent.sent_at - ON_ITS_WAY), default=0)
        for clip_id, of_clip in changes.items()
    }
    shown = sorted((clip_id, revision) for clip_id, revision in newer.items() if revision)
    if not shown:
        return None
    slot = " ".join((f"delivery {sent.delivery_id}", *(f"{clip_id}.{revision}" for clip_id, revision in shown)))
    return {
        "chat_id": sent.chat_id,
        "kind": DeliveryKind.CORRECTION,
        "slot": slot,
        "local_date": sent.local_date,
        "body": {"delivery": sent.delivery_id, "clips": [clip_id for clip_id, _revision in shown]},
        "parts": [],
        "state": DeliveryState.PLANNED,
        "due_at": now,
        "ready_at": now,
        "created_at": now,
    }


async def original_of(tx: Tx, delivery: Delivery) -> Delivery | None:
    """The delivery that a correction corrects; None where it is no more."""
    found = await deliveries.get(tx, int(delivery.body.get("delivery", 0)))
    return found[0] if found is not None and found[0].chat_id == delivery.chat_id else None


async def compose(tx: Tx, delivery: Delivery) -> Reply:
    """The corrected message as it should read now, what was changed marked; without blocks where it is no more."""
    original = await original_of(tx, delivery)
    if original is None or original.edition_id is None:
        return Reply()
    changed = set(delivery.body.get("clips", ()))
    entries = await deliveries.entries(tx, original.edition_id)
    if original.kind == DeliveryKind.ALERT:
        reply = await digest.of_alert(tx, entries)
        marked = tuple(
            composing.with_reason(block, _("updated")) if isinstance(block, Entry) else block for block in reply.blocks
        )
        return replace(reply, blocks=marked)
    told = [entry.model_copy(update={"is_update": True}) if entry.clip_id in changed else entry for entry in entries]
    return await digest.of_entries(tx, told, due_at=original.due_at)

"""A word of the operator to everybody: what it may be, and how it reads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.context import Context
from handlers.news.due import local_day, quiet_until
from handlers.options import QUIET, value_of
from handlers.reply import Heading, Paragraph, Reply, _
from storage import audience, chats, deliveries
from storage.states import DeliveryKind
from storage.tables import Delivery

# With the heading it stays one message on every platform (Bot API: 4,096 characters).
MAX_CHARS = 3000
PORTION = 500


def body_of(text: str) -> dict[str, str]:
    """What a delivery of a broadcast holds."""
    return {"text": text}


def reply_of(body: Mapping[str, Any]) -> Reply:
    """A broadcast as its readers get it, line breaks kept as paragraphs."""
    lines = (line.strip() for line in str(body.get("text", "")).splitlines())
    return Reply((Heading(_("A word from the operator"), 2), *(Paragraph(line) for line in lines if line)))


async def send(context: Context, text: str, slot: str) -> int:
    """Owe a word to every private chat that can be written to, after its quiet hours where some hold.

    Doing it twice with one slot owes nothing more.

    Returns:
        How many chats it is owed to by this call.

    Raises:
        StorageError: the database refused; the portions before are kept.
    """
    async with context.db.read() as tx:
        present = await chats.to_broadcast(tx)
    owed = 0
    for start in range(0, len(present), PORTION):
        async with context.db.write() as tx:
            wishes = await audience.wishes(tx, present[start : start + PORTION])
            rows = [_delivery(*wish, text=text, slot=slot, now=context.now) for wish in wishes]
            owed += await deliveries.plan(tx, rows)
    return owed


def _delivery(
    chat_id: int, timezone: str, options: Mapping[str, str], *, text: str, slot: str, now: datetime
) -> Delivery:
    ready_at = quiet_until(value_of(options, QUIET), timezone, now) or now
    return Delivery(
        chat_id=chat_id,
        kind=DeliveryKind.BROADCAST,
        slot=slot,
        local_date=local_day(now, timezone),
        body=body_of(text),
        due_at=ready_at,
        ready_at=ready_at,
        created_at=now,
    )

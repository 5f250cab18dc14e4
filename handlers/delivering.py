"""A delivery as what its chat is told."""

from collections.abc import Hashable
from typing import NamedTuple

from handlers import broadcast, correcting, digest
from handlers.reply import Reply
from storage import deliveries
from storage.database import Tx
from storage.states import DeliveryKind
from storage.tables import Delivery


class Told(NamedTuple):
    """What a delivery says.

    Attributes:
        reply: without blocks where there is nothing to say any more.
        edits: native ids of the messages that are to say it from now on; empty where a new one does.
    """

    reply: Reply
    edits: tuple[str, ...] = ()


def likeness(delivery: Delivery) -> Hashable | None:
    """What deliveries have in common that say the same; None for those that are like no other."""
    if delivery.kind == DeliveryKind.BROADCAST:
        return DeliveryKind.BROADCAST, str(delivery.body)
    if delivery.kind == DeliveryKind.CORRECTION:
        return None
    return delivery.kind, delivery.edition_id, delivery.due_at


async def compose(tx: Tx, delivery: Delivery) -> Told:
    """What a delivery says: the digest of its edition, the story of an alert, a corrected message, or a broadcast."""
    if delivery.kind == DeliveryKind.BROADCAST:
        return Told(broadcast.reply_of(delivery.body))
    if delivery.kind == DeliveryKind.CORRECTION:
        original = await correcting.original_of(tx, delivery)
        reply = await correcting.compose(tx, delivery)
        return Told(reply, tuple(original.parts)) if original is not None and original.parts else Told(Reply())
    entries = await deliveries.entries(tx, delivery.edition_id) if delivery.edition_id is not None else ()
    if delivery.kind == DeliveryKind.ALERT:
        return Told(await digest.of_alert(tx, entries))
    return Told(await digest.of_entries(tx, entries, due_at=delivery.due_at))

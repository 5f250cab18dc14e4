"""A delivery as the answer that its chat gets."""

from handlers import broadcast, digest
from handlers.reply import Reply
from storage import deliveries
from storage.database import Tx
from storage.states import DeliveryKind
from storage.tables import Delivery


async def compose(tx: Tx, delivery: Delivery) -> Reply:
    """What a delivery says: the digest of its edition, the story of an alert, or the words of a broadcast.

    Without blocks where there is nothing to say any more.
    """
    if delivery.kind == DeliveryKind.BROADCAST:
        return broadcast.reply_of(delivery.body)
    entries = await deliveries.entries(tx, delivery.edition_id) if delivery.edition_id is not None else ()
    if delivery.kind == DeliveryKind.ALERT:
        return await digest.of_alert(tx, entries)
    return await digest.of_entries(tx, entries, due_at=delivery.due_at)

"""A delivery as the answer that its chat gets."""

from handlers import digest
from handlers.reply import Heading, Paragraph, Reply, _
from storage import deliveries
from storage.database import Tx
from storage.states import DeliveryKind
from storage.tables import Delivery


async def compose(tx: Tx, delivery: Delivery) -> Reply:
    """What a delivery says: the digest of its edition, or the words of a broadcast."""
    if delivery.kind == DeliveryKind.BROADCAST:
        return Reply((Heading(_("A word from the operator"), 2), Paragraph(str(delivery.body.get("text", "")))))
    entries = await deliveries.entries(tx, delivery.edition_id) if delivery.edition_id is not None else ()
    return await digest.of_entries(tx, entries, due_at=delivery.due_at)

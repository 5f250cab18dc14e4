"""/broadcast: a word to every private chat, through the ledger."""

import hashlib
from typing import Annotated

from handlers.arguments import Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Heading, Paragraph, Reply, _, n_
from storage import chats, deliveries, facts
from storage.states import DeliveryKind
from storage.tables import Delivery


@command("broadcast", help=_("a word to everybody"), group=Group.ADMIN, right=Right.OPERATOR, rank=5, in_menu=False)
async def broadcast(context: Context, text: Annotated[str, Rest(_("text"))] = "") -> Reply:
    """Show what would be sent and to how many, and ask before it is owed to them."""
    if not text.strip():
        raise Declined(_("What shall I say? {example}", example=Code("/broadcast …")))
    if text.startswith("!yes:"):
        return await _send(context, text.removeprefix("!yes:"))
    key = hashlib.sha256(f"{context.now}{text}".encode()).hexdigest()[:12]
    async with context.db.write() as tx:
        present = await chats.to_broadcast(tx)
        await facts.put(tx, f"broadcast:{key}", text)
    title = n_("This would go to one chat:", "This would go to {count} chats:", len(present))
    button = Button(_("Send it"), Action("broadcast", (f"!yes:{key}",)), anchor="✅")
    return Reply((Heading(title, 2), Paragraph(text)), ((button,),))


async def _send(context: Context, key: str) -> Reply:
    async with context.db.write() as tx:
        text = await facts.get(tx, f"broadcast:{key}")
        if not text:
            raise Declined(_("This question was answered already."))
        await facts.drop(tx, f"broadcast:{key}")
        owed = [
            Delivery(
                chat_id=chat_id,
                kind=DeliveryKind.BROADCAST,
                slot=key,
                local_date=context.now.date(),
                body={"text": text},
                due_at=context.now,
                ready_at=context.now,
                created_at=context.now,
            )
            for chat_id in await chats.to_broadcast(tx)
        ]
        number = await deliveries.plan(tx, owed)
    return Reply((Paragraph(n_("It goes to one chat.", "It goes to {count} chats.", number)),), edits=True)

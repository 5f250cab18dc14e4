"""/resume: digests come again."""

from handlers import subscribing
from handlers.context import Context
from handlers.registry import Group, Right, command
from handlers.reply import Code, Paragraph, Reply, _
from storage import chats, subscriptions


@command("resume", help=_("digests come again"), group=Group.DIGEST, right=Right.MANAGER, rank=6)
async def resume(context: Context) -> Reply:
    """End a pause; what was due meanwhile is not sent afterwards."""
    async with context.db.write() as tx:
        await chats.change(tx, context.chat_id, paused_until=None)
        context.chat.paused_until = None
        await subscribing.reschedule(tx, context.chat, context.now)
        slots = await subscriptions.schedules(tx, context.chat_id)
    if not slots:
        hint = _(
            "There is no pause any more. {command} brings a topic every day.", command=Code("/subscribe energie 07:30")
        )
        return Reply((Paragraph(hint),))
    following = subscribing.next_label(min(slot.next_due_at for slot in slots), context.chat, context.now)
    return Reply((Paragraph(_("Digests come again. Next: {when}.", when=following)),))

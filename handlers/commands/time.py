"""/time: when the chat's digest comes."""

from typing import Annotated

from handlers import subscribing
from handlers.arguments import Clock
from handlers.context import Context
from handlers.errors import Declined
from handlers.news.due import next_due
from handlers.registry import Group, Right, command
from handlers.reply import Code, Heading, Paragraph, Points, Reply, _
from storage import subscriptions


@command("time", help=_("when your digest comes"), group=Group.DIGEST, right=Right.MANAGER, rank=3)
async def time(
    context: Context,
    at: Annotated[str, Clock(_("time"))] = "",
    instead_of: Annotated[str, Clock(_("instead of"))] = "",
) -> Reply:
    """Show the times, or move the digest to another: the only one, or the one that is named."""
    async with context.db.write() as tx:
        slots = await subscriptions.schedules(tx, context.chat_id)
        if not slots:
            raise Declined(_("You have no digest yet. {command} brings one.", command=Code("/subscribe energie 07:30")))
        if not at:
            times = tuple(subscribing.when_label(slot) for slot in slots)
            how = _("{command} moves it.", command=Code("/time 07:30"))
            return Reply((Heading(_("Your digest comes")), Points(times), Paragraph(how)))
        moved = [slot for slot in slots if not instead_of or slot.at_local == instead_of]
        if not moved:
            raise Declined(_("You have no digest at {time}.", time=instead_of))
        if len(moved) > 1:
            example = Code(f"/time {at} {moved[0].at_local}")
            raise Declined(_("You have several digests; say which one to move: {example}.", example=example))
        due_at = next_due(at, moved[0].days, context.chat.timezone, context.now)
        await subscriptions.move_schedule(tx, moved[0], at, due_at)
    following = subscribing.next_label(due_at, context.chat, context.now)
    return Reply((Paragraph(_("Your digest now comes at {time}. Next: {when}.", time=at, when=following)),))

"""/pause: no digests for some days."""

from datetime import timedelta
from typing import Annotated

from handlers.arguments import Integer
from handlers.context import Context
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Moment, Paragraph, Reply, TimeStyle, _
from storage import chats, deliveries

LONGEST_DAYS = 365
FOR_GOOD = timedelta(days=36_500)


@command("pause", help=_("no digests for some days"), group=Group.DIGEST, right=Right.MANAGER, rank=5)
async def pause(context: Context, days: Annotated[int, Integer(_("days"), 1, LONGEST_DAYS)] = 0) -> Reply:
    """Hold digests and alerts back for a number of days, or until /resume; subscriptions are kept.

    What waits for the end of the quiet hours is let go.
    """
    until = context.now + (timedelta(days=days) if days else FOR_GOOD)
    async with context.db.write() as tx:
        await chats.change(tx, context.chat_id, paused_until=until)
        await deliveries.skip_planned(tx, context.chat_id, "paused")
    if days:
        told = _(
            "No digests until {day}. {command} ends the pause earlier.",
            day=Moment(until, TimeStyle.DATE),
            command=Code("/resume"),
        )
    else:
        told = _("No digests until you write {command}.", command=Code("/resume"))
    return Reply((Paragraph(told),), ((Button(_("Resume"), Action("resume"), anchor="▶️"),),))

"""/digest: the digest of all that the chat follows, at once."""

from handlers import planning
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import Action, Button, Paragraph, Reply, _


@command("digest", help=_("your digest, now"), group=Group.DIGEST, rank=2)
async def digest(context: Context) -> Reply:
    """Show what is new now.

    What is shown counts as told: the next digest on the clock still comes, but does not repeat it.
    """
    services = context.services
    reply, entries = await planning.preview(services.db, services.desk, context.chat, context.now)
    await planning.remember_shown(services.db, context.chat, entries, context.now)
    if entries:
        return reply
    latest = Button(_("Latest"), Action("latest"), anchor="📰")
    return Reply((*reply.blocks, Paragraph(_("The newest clips of everything are one step away."))), ((latest,),))

"""/exportopml: all feeds as a list."""

from handlers import opml
from handlers.context import Context
from handlers.registry import Group, Right, command
from handlers.reply import Document, Paragraph, Reply, _
from storage import feeds


@command(
    "exportopml", help=_("all feeds as an OPML file"), group=Group.ADMIN, right=Right.OPERATOR, rank=3, in_menu=False
)
async def exportopml(context: Context) -> Reply:
    """Give all feeds as a file."""
    async with context.db.read() as tx:
        content = opml.write(await feeds.sources(tx))
    document = Document("kurzclips.opml", content, "text/x-opml")
    return Reply((Paragraph(_("All feeds, as a file.")),), document=document)

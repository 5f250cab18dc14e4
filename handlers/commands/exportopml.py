"""/exportopml: all feeds as a list."""

from handlers import opml
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Document, Paragraph, Reply, _, n_
from storage import feeds


@command(
    "exportopml", help=_("all feeds as an OPML file"), group=Group.ADMIN, right=Right.OPERATOR, rank=3, in_menu=False
)
async def exportopml(context: Context) -> Reply:
    """Give all feeds as a file."""
    async with context.db.read() as tx:
        found = await feeds.sources(tx)
    number = sum(len(view.feeds) for view in found)
    if not number:
        raise Declined(_("There is no feed yet."))
    document = Document("kurzclips.opml", opml.write(found), "text/x-opml")
    told = n_("The one feed that I read, as a file.", "All {count} feeds that I read, as a file.", number)
    return Reply((Paragraph(told),), document=document)

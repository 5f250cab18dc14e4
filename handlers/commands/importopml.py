"""/importopml: feeds from a list."""

from handlers import opml
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Code, Listing, Paragraph, Reply, _, n_


@command(
    "importopml", help=_("feeds from an OPML file"), group=Group.ADMIN, right=Right.OPERATOR, rank=2, in_menu=False
)
async def importopml(context: Context) -> Reply:
    """Add the feeds of the file that came with the command."""
    attachment = context.request.attachment
    if attachment is None:
        raise Declined(_("Please send the OPML file with {command} as its caption.", command=Code("/importopml")))
    report = await opml.take_in(context.db, attachment.content, context.now)
    counted = Listing(
        (
            n_("one feed added", "{count} feeds added", report.added),
            n_("one known already", "{count} known already", report.known),
            n_("one refused", "{count} refused", report.refused),
        )
    )
    return Reply((Paragraph(_("Done: {counted}.", counted=counted)),))

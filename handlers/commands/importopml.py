"""/importopml: feeds from a list."""

from handlers import opml
from handlers.context import Context
from handlers.errors import Declined
from handlers.opml import OpmlReport
from handlers.registry import Group, Right, command
from handlers.reply import Block, Code, Heading, Inline, Paragraph, Points, Reply, _, n_
from storage.states import Platform

SHOWN_REFUSALS = 5


@command(
    "importopml", help=_("feeds from an OPML file"), group=Group.ADMIN, right=Right.OPERATOR, rank=2, in_menu=False
)
async def importopml(context: Context) -> Reply:
    """Add the feeds of the file that came with the command."""
    attachment = context.request.attachment
    if attachment is None and context.request.chat.platform is Platform.TERMINAL:
        shell = Code("kurzclips sources import FILE")
        raise Declined(_("Files cannot be sent here. In the shell, {command} does it.", command=shell))
    if attachment is None:
        raise Declined(_("Please send the OPML file with {command} as its caption.", command=Code("/importopml")))
    content = attachment.content
    listed = await context.services.offload(lambda: opml.read(content))
    return _told(await opml.keep(context.db, listed, context.now))


def _told(report: OpmlReport) -> Reply:
    rows: list[Inline] = [n_("One feed is new.", "{count} feeds are new.", report.added)]
    if report.known:
        rows.append(n_("One feed was read already.", "{count} feeds were read already.", report.known))
    blocks: list[Block] = [Heading(_("List of feeds")), Points(tuple(rows))]
    if report.refused:
        title = n_("One entry has no usable address:", "{count} entries have no usable address:", report.refused)
        shown: list[Inline] = [refusal[:80] or "–" for refusal in report.refusals[:SHOWN_REFUSALS]]
        if report.refused > SHOWN_REFUSALS:
            shown.append(n_("and one more", "and {count} more", report.refused - SHOWN_REFUSALS))
        blocks += [Paragraph(title), Points(tuple(shown))]
    if report.added:
        command = Code("/sources")
        blocks.append(Paragraph(_("I begin to read them now; {command} shows what can be reached.", command=command)))
    return Reply(tuple(blocks))

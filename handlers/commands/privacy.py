"""/privacy: what the bot knows of a chat, for how long, and how to see and erase it."""

from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import Action, Block, Button, Code, Heading, Paragraph, Points, Reply, _


@command("privacy", help=_("what I know of you"), group=Group.PRIVACY, rank=0)
async def privacy(context: Context) -> Reply:
    """Say what is stored and for how long."""
    contact = context.services.desk.contact
    blocks: list[Block] = [
        Heading(_("What I know of you")),
        Points(
            (
                _("the number of this chat and its name"),
                _("language, time zone and the other settings"),
                _("what you follow, leave out and saved"),
                _("which stories you were sent, and when; for 90 days"),
                _("which clips a message showed; for 60 days"),
            )
        ),
        Paragraph(_("I do not keep what you write, and nothing goes to third parties.")),
        Paragraph(
            _(
                "{export} gives you everything as a file, {delete} erases it.",
                export=Code("/export"),
                delete=Code("/delete"),
            )
        ),
    ]
    if contact:
        blocks.append(Paragraph(_("This bot is run by {contact}.", contact=contact)))
    buttons = (Button(_("Export"), Action("export"), anchor="📄"), Button(_("Delete"), Action("delete"), anchor="🗑"))
    return Reply(tuple(blocks), (buttons,))

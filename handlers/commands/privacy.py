"""/privacy: what the bot knows of a chat, for how long, and how to see and erase it."""

from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import Action, Block, Button, Code, Heading, Inline, Paragraph, Points, Reply, _
from handlers.retention import LEDGER_FOR, SHOWN_FOR


@command("privacy", help=_("what I know of you"), group=Group.PRIVACY, rank=0)
async def privacy(context: Context) -> Reply:
    """Say what is stored and for how long."""
    kept: tuple[Inline, ...] = (
        _("the number and the name of this chat"),
        _("language, time zone and the other settings"),
        _("what you follow, at which times, what you left out and what you saved"),
        _("which stories I sent you and when, for {count} days", count=LEDGER_FOR.days),
        _("which clips a message showed, for {count} days, so that you can reply to it", count=SHOWN_FOR.days),
    )
    blocks: list[Block] = [
        Heading(_("What I know of this chat")),
        Points(kept),
        Paragraph(_("Where no time is given, it stays until you change or erase it.")),
        Paragraph(
            _(
                "I keep no record of what else you write, and I give nothing to third parties. What we write to each"
                " other passes through the chat service that you use."
            )
        ),
        Paragraph(
            _(
                "{export} gives you everything as a file, {delete} erases it.",
                export=Code("/export"),
                delete=Code("/delete"),
            )
        ),
        _responsible(context.services.desk.contact),
    ]
    buttons = (
        Button(_("Export"), Action("export"), anchor="📄"),
        Button(_("Erase"), Action("delete"), anchor="🗑"),
    )
    return Reply(tuple(blocks), (buttons,))


def _responsible(contact: str) -> Paragraph:
    if contact:
        return Paragraph(_("Questions about it go to whoever runs this bot: {contact}.", contact=contact))
    return Paragraph(_("Whoever runs this bot has left no address."))

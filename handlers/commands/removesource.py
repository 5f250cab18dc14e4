"""/removesource: a source goes, with its feeds and clips."""

from typing import Annotated

from handlers.arguments import Choice, Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Paragraph, Reply, _
from storage import feeds


@command(
    "removesource",
    help=_("a source goes, with its clips"),
    group=Group.ADMIN,
    right=Right.OPERATOR,
    rank=1,
    in_menu=False,
)
async def removesource(
    context: Context,
    name: Annotated[str, Rest(_("source"))],
    sure: Annotated[str, Choice(_("yes"), {"!yes": "yes"})] = "",
) -> Reply:
    """Ask, and then forget the source."""
    async with context.db.write() as tx:
        source = await feeds.find_source(tx, name)
        if source is None:
            raise Declined(_("I know no source called “{name}”.", name=name[:60]))
        if sure:
            await feeds.remove_source(tx, source.id or 0)
            return Reply((Paragraph(_("{source} and its clips are gone.", source=source.name)),), edits=True)
    button = Button(_("Yes, remove it"), Action("removesource", (source.slug, "!yes")), anchor="🗑")
    asked = _("Shall {source} go, with its feeds and all its clips?", source=source.name)
    return Reply((Paragraph(asked),), ((button,),))

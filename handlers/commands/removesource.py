"""/removesource: a source goes, with its feeds and clips."""

from typing import Annotated

from handlers import labelling
from handlers.arguments import Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Heading, Paragraph, Reply, _, n_
from storage import feeds

NAME = "removesource"
_ANSWERS = frozenset({"yes", "no"})


@command(NAME, help=_("read a source no longer"), group=Group.ADMIN, right=Right.OPERATOR, rank=1, in_menu=False)
async def removesource(context: Context, name: Annotated[str, Rest(_("source"))] = "") -> Reply:
    """Ask, and then forget the source."""
    answer, _space, number = name.partition(" ")
    if context.request.action is not None and answer in _ANSWERS:
        return await _decide(context, answer, int(number) if number.isascii() and number.isdigit() else 0)
    if not name:
        raise Declined(_("Which source? {command} lists all.", command=Code("/sources")))
    async with context.db.read() as tx:
        source = await feeds.find_source(tx, name)
        if source is None:
            raise Declined(labelling.no_source(name))
        clips = await feeds.clip_count(tx, source.id or 0)
    buttons = (
        Button(_("Yes, remove it"), Action(NAME, ("yes", str(source.id))), anchor="🗑"),
        Button(_("No"), Action(NAME, ("no", str(source.id))), anchor="✖️"),
    )
    lost = n_(
        "Its feeds and its one clip go with it, also where somebody saved the clip.",
        "Its feeds and its {count} clips go with it, also where somebody saved them.",
        clips,
    )
    return Reply((Heading(_("Remove {source}?", source=source.name)), Paragraph(lost)), (buttons,))


async def _decide(context: Context, answer: str, number: int) -> Reply:
    async with context.db.write() as tx:
        source = await feeds.get_source(tx, number)
        if source is None:
            raise Declined(_("This source was removed already."))
        if answer == "yes":
            await feeds.remove_source(tx, number)
    if answer == "no":
        return Reply((Paragraph(_("{source} stays.", source=source.name)),), edits=True)
    return Reply((Paragraph(_("{source} is removed, with its clips.", source=source.name)),), edits=True)

"""/quiet: hours in which nothing comes unasked."""

from typing import Annotated

from handlers.arguments import Word
from handlers.choosing import choose
from handlers.context import Context
from handlers.options import QUIET, value_of
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Heading, Paragraph, Reply, _


@command("quiet", help=_("hours without digests"), group=Group.SETTINGS, right=Right.MANAGER, rank=3)
async def quiet(context: Context, hours: Annotated[str, Word(_("hours"))] = "") -> Reply:
    """Show, set or lift the quiet hours; digests that are due meanwhile come at their end, answers come always."""
    if hours:
        await choose(context, QUIET, hours.casefold().replace("–", "-").replace("aus", "off"))
    value = value_of(context.chat.options, QUIET)
    if value == "off":
        told = _("There are no quiet hours.")
        how = _("{command} holds digests back at night.", command=Code("/quiet 22:00-07:00"))
        return Reply((Heading(told), Paragraph(how)))
    begin, _dash, end = value.partition("-")
    off = Button(_("Lift"), Action("quiet", ("off",)))
    return Reply((Heading(_("Quiet from {begin} to {end}.", begin=begin, end=end)),), ((off,),))

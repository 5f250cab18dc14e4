"""/quiet: hours in which nothing comes unasked."""

import re
from typing import Annotated

from handlers.arguments import Rest
from handlers.choosing import choose
from handlers.context import Context
from handlers.options import QUIET, value_of
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Heading, Paragraph, Reply, _

_OFF = frozenset({"off", "none", "aus", "keine", "нет", "non"})
_HOURS = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?:-|bis|to|до|à)(\d{1,2})(?:[:.](\d{2}))?", re.ASCII)


@command("quiet", help=_("hours without digests"), group=Group.SETTINGS, right=Right.MANAGER, rank=3)
async def quiet(context: Context, hours: Annotated[str, Rest(_("hours"))] = "") -> Reply:
    """Show, set or lift the quiet hours; digests that are due meanwhile come at their end, answers come always."""
    if hours:
        await choose(context, QUIET, _read(hours))
    value = value_of(context.chat.options, QUIET)
    if value == "off":
        told = _("There are no quiet hours.")
        how = _("{command} holds digests back at night.", command=Code("/quiet 22:00-07:00"))
        return Reply((Heading(told), Paragraph(how)))
    begin, _dash, end = value.partition("-")
    off = Button(_("Lift"), Action("quiet", ("off",)))
    return Reply((Heading(_("Quiet from {begin} to {end}.", begin=begin, end=end)),), ((off,),))


def _read(hours: str) -> str:
    """The hours as the setting holds them, however they were written ("22–7", "22.00 bis 7 Uhr"); else unchanged."""
    folded = re.sub(r"\s+|uhr|h\b", "", hours.casefold()).replace("–", "-").replace("—", "-")
    if folded in _OFF:
        return "off"
    match = _HOURS.fullmatch(folded)
    if match is None:
        return hours
    begin, begin_minute, end, end_minute = match.groups()
    return f"{begin:0>2}:{begin_minute or '00'}-{end:0>2}:{end_minute or '00'}"

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
_UNTIL = frozenset({"bis", "until", "till", "to", "до", "jusque", "jusqu'à", "à"})
_MORNINGS = ("06:00", "07:00", "08:00")
_EVENINGS = ("21:00", "22:00", "23:00")
# Only the one end of the hours: "ab 22", "bis 7 Uhr", "22:00".
_HALF = re.compile(
    r"(ab|von|from|since|after|с|после|dès|de|bis|until|till|to|до|jusque|jusqu'à|à)?(\d{1,2})(?:[:.]([0-5]\d))?-?",
    re.ASCII,
)
_HOURS = re.compile(
    r"(?:ab|von|zwischen|from|between|с|de|entre)?(\d{1,2})(?:[:.](\d{2}))?"
    r"(?:-|bis|und|to|until|till|and|до|à|et)(\d{1,2})(?:[:.](\d{2}))?",
    re.ASCII,
)


@command("quiet", help=_("hours without digests"), group=Group.SETTINGS, right=Right.MANAGER, rank=3)
async def quiet(context: Context, hours: Annotated[str, Rest(_("hours"))] = "") -> Reply:
    """Show, set or lift the quiet hours; digests that are due meanwhile come at their end, answers come always."""
    if hours and (half := _HALF.fullmatch(_folded(hours))) is not None and int(half[2]) < 24:
        return _other_half(f"{half[2]:0>2}:{half[3] or '00'}", is_end=(half[1] or "") in _UNTIL)
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
    folded = _folded(hours)
    if folded in _OFF:
        return "off"
    match = _HOURS.fullmatch(folded)
    if match is None:
        return hours
    begin, begin_minute, end, end_minute = match.groups()
    end = "00" if end == "24" else end
    return f"{begin:0>2}:{begin_minute or '00'}-{end:0>2}:{end_minute or '00'}"


def _folded(hours: str) -> str:
    return re.sub(r"\s+|uhr|h\b", "", hours.casefold()).replace("–", "-").replace("—", "-")


def _other_half(at: str, *, is_end: bool) -> Reply:
    """The question for the end of what was begun, or the other way round."""
    asked = _("Quiet until {end}, from when?", end=at) if is_end else _("Quiet from {begin}, until when?", begin=at)
    whole = [f"{other}-{at}" if is_end else f"{at}-{other}" for other in (_EVENINGS if is_end else _MORNINGS)]
    buttons = tuple(Button(each.replace("-", "–"), Action("quiet", (each,))) for each in whole if each[:5] != each[6:])
    return Reply((Heading(asked),), (buttons,))

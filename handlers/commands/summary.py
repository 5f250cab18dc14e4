"""/summary: what a clip or a page says, in a few of its own sentences."""

from typing import Annotated

from handlers import compose, reading
from handlers.arguments import Choice, Rest
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import Reply, _

_FORMS = {
    **dict.fromkeys((compose.SHORT, "kurz", "court", "кратко"), compose.SHORT),
    **dict.fromkeys((compose.LONG, "lang", "détaillé", "подробно"), compose.LONG),
    compose.OPTIONS: compose.OPTIONS,
}


@command("summary", help=_("what a clip or a link says, in short"), group=Group.READ, rank=3)
async def summary(
    context: Context,
    what: Annotated[str, Rest(_("clip number or link"))] = "",
    form: Annotated[str, Choice(_("short"), _FORMS)] = "",
) -> Reply:
    """Sum up the clip of a number, a link, or the message that is answered."""
    try:
        view = await reading.clip_of(context, what, "summary")
    except reading.Undecided as undecided:
        return undecided.reply
    return await reading.card(context, view, form)

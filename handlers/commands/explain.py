"""/explain: how the bot understands a clip, and why."""

from typing import Annotated

from handlers import explained, explaining, reading
from handlers.arguments import Word
from handlers.context import Context
from handlers.registry import Group, Right, command
from handlers.reply import Reply, _


@command(
    "explain",
    help=_("how a clip is understood, and why"),
    group=Group.ADMIN,
    right=Right.OPERATOR,
    rank=7,
    in_menu=False,
)
async def explain(context: Context, what: Annotated[str, Word(_("clip number"))] = "") -> Reply:
    """Show language, topics, sentences, story and related clips of a clip, each with its figures and words."""
    try:
        view = await reading.clip_of(context, what, "explain")
    except reading.Undecided as undecided:
        return undecided.reply
    return explained.told(await explaining.explain(context.services, view.id))

"""/unfollow: hear no more of a story."""

from typing import Annotated

from handlers import reading, subscribing
from handlers.arguments import Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Heading, Paragraph, Reply, _
from storage import subscriptions
from storage.states import SubscriptionKind


@command("unfollow", help=_("give a story up"), group=Group.DIGEST, right=Right.MANAGER, rank=8, in_menu=False)
async def unfollow(context: Context, what: Annotated[str, Rest(_("clip number or link"))] = "") -> Reply:
    """Give up the story of a clip; with nothing named, ask which one with buttons."""
    async with context.db.read() as tx:
        present = await subscribing.followed(tx, context.chat_id)
    stories = [each for each in present if each.row.kind == SubscriptionKind.STORY]
    if not stories:
        return Reply((Paragraph(_("You follow no story at the moment.")),), toast=_("You do not follow this story"))
    if not what.strip() and context.request.replied is None:
        return Reply((Heading(_("What shall no longer come?")),), subscribing.give_up_buttons(stories))
    try:
        view = await reading.clip_of(context, what, "unfollow")
    except reading.Undecided as undecided:
        return undecided.reply
    chosen = [each.id for each in stories if each.row.value == str(view.clip.story_id)]
    if not chosen:
        raise Declined(_("You do not follow this story."))
    async with context.db.write() as tx:
        await subscriptions.remove(tx, context.chat_id, chosen)
    return Reply((Paragraph(_("You hear no more of this story: {title}", title=view.clip.title)),), toast=_("Given up"))

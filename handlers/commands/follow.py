"""/follow: hear of a story again whenever more is told of it."""

from datetime import timedelta
from typing import Annotated

from handlers import compose, reading, subscribing
from handlers.arguments import Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Inline, Paragraph, Quiet, Reply, _
from storage import subscriptions
from storage.states import SubscriptionKind
from storage.tables import Subscription

# A story that nobody told for so long is over: new clips join only stories of the last seven days.
STANDSTILL = timedelta(days=14)


@command("follow", help=_("hear how a story goes on"), group=Group.DIGEST, right=Right.MANAGER, rank=7)
async def follow(context: Context, what: Annotated[str, Rest(_("clip number or link"))] = "") -> Reply:
    """Follow the story of a clip: whenever more is told of it, at most once an hour."""
    try:
        view = await reading.clip_of(context, what, "follow")
    except reading.Undecided as undecided:
        return undecided.reply
    if view.clip.story_id is None:
        raise Declined(_("Nothing more can be told of this story."))
    async with context.db.write() as tx:
        await subscriptions.forget_standing_stories(tx, context.chat_id, before=context.now - STANDSTILL)
        await subscribing.check_room(tx, context)
        row = Subscription(
            chat_id=context.chat_id,
            kind=SubscriptionKind.STORY,
            value=str(view.clip.story_id),
            label=view.clip.title,
            created_at=context.now,
        )
        is_new = await subscriptions.add(tx, row)
    told: Inline = _("You follow this story already: {title}", title=view.clip.title)
    if is_new:
        told = _(
            "When more is told of this story, you hear of it at once, at most once an hour: {title}", title=row.label
        )
    how = Quiet(_("{command} ends it.", command=Code("/unfollow")))
    mine = Button(_("My digests"), Action("subscriptions"), anchor="🕢")
    toast = _("You follow this story now") if is_new else _("You follow this story")
    buttons = ((mine, compose.unfollow_button(view)),)
    return Reply((Paragraph(told), Paragraph(how)), buttons, toast=toast, clips=(view.id,))

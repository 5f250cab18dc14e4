"""/saved: the clips that the chat keeps."""

from typing import Annotated

from handlers import compose
from handlers.arguments import Page, to_page
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import Action, Code, Heading, Paragraph, Reply, _
from storage import chats, clips

PER_PAGE = 5


@command("saved", help=_("the clips that you kept"), group=Group.KEEP, rank=2)
async def saved(context: Context, page: Annotated[int, Page(_("page"))] = 1) -> Reply:
    """List the bookmarked clips, the last one first."""
    async with context.db.read() as tx:
        kept = await chats.saved_clips(tx, context.chat_id, PER_PAGE + 1, (page - 1) * PER_PAGE)
        views = await clips.views(tx, kept[:PER_PAGE])
    title = Heading(_("Saved clips"))
    if not views:
        return Reply((title, Paragraph(_("Nothing is saved yet. {command} keeps a clip.", command=Code("/save 1")))))
    more = Action("saved", (to_page(page + 1),)) if len(kept) > PER_PAGE else None
    return compose.listing(title, views, more=more, first=(page - 1) * PER_PAGE + 1)

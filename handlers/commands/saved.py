"""/saved: the clips that the chat keeps."""

from dataclasses import replace
from typing import Annotated

from handlers import compose
from handlers.arguments import Choice, Integer, Page, to_page
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import Action, Button, Code, Heading, Paragraph, Reply, _
from storage import chats, clips
from storage.clips import ClipView

PER_PAGE = 5
_REMOVE = dict.fromkeys(("remove", "entfernen", "weg", "удалить", "retirer"), "remove")


@command("saved", help=_("the clips that you kept"), group=Group.KEEP, rank=2)
async def saved(
    context: Context,
    remove: Annotated[str, Choice(_("remove"), _REMOVE)] = "",
    number: Annotated[int, Integer(_("clip number"), 1, 10**11)] = 0,
    page: Annotated[int, Page(_("page"))] = 0,
) -> Reply:
    """List the bookmarked clips, the last one first; "remove 12" drops one of them."""
    if remove and number:
        async with context.db.write() as tx:
            await chats.unsave_clip(tx, context.chat_id, number)
    async with context.db.read() as tx:
        place = max(page, 1)
        kept = await chats.saved_clips(tx, context.chat_id, PER_PAGE + 1, (place - 1) * PER_PAGE)
        if not kept and place > 1:  # the last one of a page was dropped
            place -= 1
            kept = await chats.saved_clips(tx, context.chat_id, PER_PAGE + 1, (place - 1) * PER_PAGE)
        views = await clips.views(tx, kept[:PER_PAGE])
    has_changed = bool(remove) or page > 0
    title = Heading(_("Saved clips"))
    if not views:
        how = _("Nothing is saved yet. {command} keeps a clip.", command=Code("/save 1"))
        return Reply((title, Paragraph(how)), edits=has_changed)
    first = (place - 1) * PER_PAGE + 1
    turning = compose.turning("saved", (), place, has_more=len(kept) > PER_PAGE)
    reply = compose.listing(title, views, turning=turning, first=first)
    return replace(reply.with_buttons(_removals(views, first, place)), edits=has_changed)


def _removals(views: list[ClipView], first: int, page: int) -> tuple[Button, ...]:
    return tuple(
        Button(_("Remove {number}", number=place), Action("saved", ("remove", str(view.id), to_page(page))))
        for place, view in enumerate(views, first)
    )

"""/related: what else to read on the matter of a clip."""

from typing import Annotated

from handlers import compose, reading
from handlers.arguments import Rest
from handlers.context import Context
from handlers.news.related import Related, Why
from handlers.registry import Group, command
from handlers.reply import Block, Heading, Inline, Listing, Paragraph, Reply, _
from storage import clips
from storage.clips import ClipView


@command("related", help=_("what else there is on a clip's matter"), group=Group.READ, rank=4)
async def related(context: Context, what: Annotated[str, Rest(_("clip number or link"))] = "") -> Reply:
    """List the clip's own references, other sources of its story, and clips on the same matter."""
    try:
        view = await reading.clip_of(context, what, "related")
    except reading.Undecided as undecided:
        return undecided.reply
    async with context.db.read() as tx:
        found = await reading.related_clips(tx, view.id)
        views = await clips.views(tx, [each.clip_id for each in found])
    title = Heading(_("Related to: {title}", title=view.clip.title))
    if not views:
        return Reply((title, Paragraph(_("I know of nothing else on this matter."))), clips=(view.id,))
    why = {each.clip_id: each for each in found}
    entries: tuple[Block, ...] = tuple(_entry(each, why[each.id], place) for place, each in enumerate(views, 1))
    return Reply((title, *entries), compose.list_buttons(views), clips=tuple(each.id for each in views))


def _entry(view: ClipView, found: Related, place: int) -> Block:
    entry = compose.entry(view, number=place, body=view.clip.summary_line)
    return compose.with_reason(entry, _reason(found))


def _reason(found: Related) -> Inline:
    if found.why is Why.REFERENCE:
        return _("named by the source")
    if found.why is Why.SAME_STORY:
        return _("same story")
    if found.shared:
        return _("both on {words}", words=Listing(tuple(found.shared)))
    return _("similar matter")

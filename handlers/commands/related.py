"""/related: what else to read on the matter of a clip."""

from typing import Annotated

from handlers import compose, reading
from handlers.arguments import Rest
from handlers.context import Context
from handlers.news.related import Related
from handlers.registry import Group, command
from handlers.reply import Block, Heading, Paragraph, Points, Reply, _
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
        found = await reading.related_clips(tx, view.id, nearby=context.services.nearby)
        views = await clips.views(tx, [each.clip_id for each in found])
        named = [row for row in await clips.references(tx, view.id) if row.target_id is None]
    title = Heading(_("Related to: {title}", title=view.clip.title))
    elsewhere: tuple[Block, ...] = ()
    if named:
        links = tuple(compose.reference_link(row) for row in named)
        elsewhere = (Heading(_("The source also names"), 2), Points(links))
    if not views:
        blocks = elsewhere or (Paragraph(_("I know of nothing else on this matter.")),)
        return Reply((title, *blocks), (compose.clip_buttons(view, without=("related",)),), clips=(view.id,))
    why = {each.clip_id: each for each in found}
    entries: tuple[Block, ...] = tuple(_entry(each, why[each.id], place) for place, each in enumerate(views, 1))
    blocks = (title, *entries, *elsewhere)
    # Under an inline result this list takes the place of the clip, so there must be a way back to it. Whoever presses
    # there may never have talked to us, so that nothing that comes later could reach them.
    is_inline = context.request.action is not None and not context.request.message_id
    follow = () if is_inline else (compose.follow_button(view),)
    buttons = compose.list_buttons(views, turning=(*follow, compose.back_button(view)))
    return Reply(blocks, buttons, clips=tuple(each.id for each in views))


def _entry(view: ClipView, found: Related, place: int) -> Block:
    entry = compose.entry(view, number=place, body=view.clip.summary_line)
    return compose.with_reason(entry, compose.reason(found))

"""/sources: who the bot reads."""

from collections import defaultdict

from handlers import compose
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import Block, Code, CountryName, Heading, Inline, Paragraph, Points, Quiet, Reply, Seq, _, n_
from storage import feeds
from storage.feeds import SourceView
from storage.states import FeedState, Ownership


@command("sources", help=_("who the bot reads"), group=Group.READ, rank=8)
async def sources(context: Context) -> Reply:
    """List the sources by their kind, with country, number of clips and the state of their feeds."""
    async with context.db.read() as tx:
        found = await feeds.sources(tx)
    groups: defaultdict[str, list[SourceView]] = defaultdict(list)
    for view in found:
        groups[view.source.ownership].append(view)
    blocks: list[Block] = [Heading(_("Sources"))]
    for kind in [*compose.OWNERSHIP, Ownership.UNKNOWN]:
        if groups[kind]:
            title = compose.OWNERSHIP.get(kind, _("kind not documented"))
            blocks += [Heading(title, 2), Points(tuple(_row(view) for view in groups[kind]))]
    if not found:
        blocks.append(Paragraph(_("There is nothing here yet.")))
    elif any(view.source.slug for view in found):
        example = Code(f"/source {found[0].source.slug}")
        blocks.append(Paragraph(_("{command} says more about one of them.", command=example)))
    return Reply(tuple(blocks))


def _row(view: SourceView) -> Inline:
    parts: list[Inline] = [view.source.name]
    if view.source.country:
        parts += [", ", CountryName(view.source.country)]
    if view.clip_count:
        parts += [" ", Quiet(n_("({count} clip)", "({count} clips)", view.clip_count))]
    if any(feed.error_count and feed.state == FeedState.ACTIVE for feed in view.feeds):
        parts += [" – ", _("not reached lately")]
    if view.feeds and all(feed.state != FeedState.ACTIVE for feed in view.feeds):
        parts += [" – ", _("paused")]
    return Seq(tuple(parts))

"""/source: who stands behind a source, where that is documented, and its newest clips."""

from typing import Annotated

from handlers import compose
from handlers.arguments import Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, command
from handlers.reply import (
    Action,
    Block,
    Button,
    Code,
    CountryName,
    Heading,
    Inline,
    LanguageName,
    Link,
    Pairs,
    Reply,
    _,
)
from storage import clips, feeds
from storage.clips import ClipFilter
from storage.tables import Source

NEWEST = 3


@command("source", help=_("who stands behind a source"), group=Group.READ, rank=7)
async def source(context: Context, name: Annotated[str, Rest(_("source"))]) -> Reply:
    """Show a source's owner, country and kind, with the page that documents them, and its newest clips."""
    async with context.db.read() as tx:
        found = await feeds.find_source(tx, name)
        if found is None:
            raise Declined(
                _("I know no source called “{name}”. {command} lists all.", name=name[:60], command=Code("/sources"))
            )
        newest = await clips.latest(tx, ClipFilter(source_id=found.id, until=context.now), NEWEST)
        views = await clips.views(tx, newest)
    blocks: list[Block] = [Heading(Link(found.name, found.home_url)), Pairs(_facts(found))]
    if views:
        blocks += [Heading(_("Newest clips"), 2), *compose.entries(views)]
    follow = Button(_("Subscribe"), Action("subscribe", (found.slug,)), anchor="➕")
    mute = Button(_("Mute"), Action("mute", (found.slug,)), anchor="🔕")
    return Reply(tuple(blocks), (*compose.list_buttons(views), (follow, mute)), clips=tuple(view.id for view in views))


def _facts(source: Source) -> tuple[tuple[Inline, Inline], ...]:
    kind: Inline = compose.OWNERSHIP.get(source.ownership, _("not documented"))
    if source.ownership_url.startswith("http"):
        documented = _("documented here")
        kind = _("{kind} ({page})", kind=kind, page=Link(documented, source.ownership_url))
    rows: list[tuple[Inline, Inline]] = [(_("Kind"), kind)]
    if source.owner:
        rows.append((_("Owner"), source.owner))
    if source.country:
        rows.append((_("Country"), CountryName(source.country)))
    if source.language:
        rows.append((_("Language"), LanguageName(source.language)))
    return tuple(rows)

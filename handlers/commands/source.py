"""/source: who stands behind a source, where that is documented, and its newest clips."""

from typing import Annotated

from handlers import compose, labelling, reading
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
    Moment,
    Pairs,
    Reply,
    _,
    n_,
)
from storage import clips, feeds
from storage.clips import ClipFilter, ClipView
from storage.feeds import SourceView
from storage.states import FeedState
from storage.tables import Feed, Source

NEWEST = 3


@command("source", help=_("who stands behind a source"), group=Group.READ, rank=7)
async def source_(context: Context, name: Annotated[str, Rest(_("source"))] = "") -> Reply:
    """Show a source's owner, country and kind, with the page that documents them, and its newest clips.

    As an answer to a message it shows the source of its clip.
    """
    if not name.strip():
        try:
            name = (await _of_message(context)).source.slug
        except reading.Undecided as undecided:
            return undecided.reply
    async with context.db.read() as tx:
        meant = await feeds.find_source(tx, name)
        found = next((each for each in await feeds.sources(tx) if meant and each.source.id == meant.id), None)
        if found is None:
            raise Declined(labelling.no_source(name))
        source = found.source
        newest = await clips.latest(tx, ClipFilter(source_id=source.id, until=context.now), NEWEST)
        views = await clips.views(tx, newest)
    rows = (*_facts(source), *_working(found))
    blocks: list[Block] = [Heading(Link(source.name, source.home_url)), Pairs(rows)]
    if views:
        blocks += [Heading(_("Newest clips"), 2), *compose.entries(views)]
    follow = Button(_("Subscribe"), Action("subscribe", (source.slug,)), anchor="➕")
    mute = Button(_("Mute"), Action("mute", (source.slug,)), anchor="🔕")
    rows_below = [*compose.list_buttons(views), (follow, mute)]
    if context.request.person.is_operator:
        rows_below.append((Button(_("Manage"), Action("editsource", (source.slug,)), anchor="⚙️"),))
    return Reply(tuple(blocks), tuple(rows_below), clips=tuple(view.id for view in views))


async def _of_message(context: Context) -> ClipView:
    if context.request.replied is None:
        example = Code("/source tagesschau")
        raise Declined(
            _("Which source? Write its name behind the command, or reply to a clip: {example}", example=example)
        )
    return await reading.clip_of(context, "", "summary", more=(compose.OPTIONS,))


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


def _working(view: SourceView) -> tuple[tuple[Inline, Inline], ...]:
    """How many clips the source has given, and how its feeds do."""
    given: Inline = n_("one so far", "{count} so far", view.clip_count) if view.clip_count else _("none yet")
    is_paused = view.source.is_paused
    return ((_("Clips"), given), *((_("Feed"), _feed_state(feed, is_paused=is_paused)) for feed in view.feeds))


def _feed_state(feed: Feed, *, is_paused: bool) -> Inline:
    """How reading a feed goes."""
    if feed.state == FeedState.PAUSED or (is_paused and feed.state == FeedState.ACTIVE):
        return _("paused by the operator")
    if feed.state == FeedState.RETIRED:
        return _("closed by the source")
    if feed.polled_at is None:
        return _("not read yet")
    if feed.error_count:
        return _("not reached at the last try, {when}", when=Moment(feed.polled_at))
    return _("last read {when}", when=Moment(feed.polled_at))

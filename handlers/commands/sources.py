"""/sources: who the bot reads."""

from collections import defaultdict

from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import (
    Block,
    Code,
    CountryName,
    Heading,
    Inline,
    Message,
    Paragraph,
    Points,
    Quiet,
    Reply,
    Seq,
    _,
    n_,
)
from storage import feeds
from storage.feeds import SourceView
from storage.states import FeedState, Ownership

TITLES: dict[str, Message] = {
    Ownership.PUBLIC: _("Public broadcasters"),
    Ownership.PRIVATE: _("Private publishers"),
    Ownership.NONPROFIT: _("Non-profit publishers"),
    Ownership.AGENCY: _("News agencies"),
    Ownership.STATE_FUNDED: _("State-funded media"),
    Ownership.STATE_CONTROLLED: _("State-controlled media"),
    Ownership.INSTITUTION: _("Institutions that speak for themselves"),
    Ownership.COMMUNITY: _("Communities"),
    Ownership.UNKNOWN: _("Kind not documented"),
}

_UNREACHABLE = _("its server cannot be reached")
_WRONG = _("its server does not answer as it should")
_REFUSED = _("its server does not give the feed out")
_NOT_ALLOWED = _("its address may not be opened")
# The codes under which polling writes down why a feed could not be read.
TROUBLES: dict[str, Message] = {
    "dns": _UNREACHABLE,
    "connect": _UNREACHABLE,
    "cut_off": _UNREACHABLE,
    "timeout": _("its server takes too long"),
    "tls": _("its certificate is not in order"),
    "http_status": _REFUSED,
    "retry_after": _("its server asks for patience"),
    "too_many_redirects": _WRONG,
    "decoding": _WRONG,
    "protocol": _WRONG,
    "bad_url": _NOT_ALLOWED,
    "port_refused": _NOT_ALLOWED,
    "private_address": _NOT_ALLOWED,
    "too_large": _("the feed is too large"),
    "no_feed": _("there is no feed at its address"),
    "unreadable": _("the feed takes too long to read"),
}


@command("sources", help=_("who the bot reads"), group=Group.READ, rank=8)
async def sources(context: Context) -> Reply:
    """List the sources by their kind, with country, number of clips and the state of their feeds."""
    async with context.db.read() as tx:
        found = await feeds.sources(tx)
    if not found:
        return Reply((Heading(_("Sources")), Paragraph(_("There is nothing here yet."))))
    groups: defaultdict[str, list[SourceView]] = defaultdict(list)
    for view in found:
        kind = view.source.ownership
        groups[kind if kind in TITLES else Ownership.UNKNOWN].append(view)
    blocks: list[Block] = [Heading(n_("One source", "{count} sources", len(found)))]
    for kind, title in TITLES.items():
        if groups[kind]:
            blocks += [Heading(title, 2), Points(tuple(_row(view) for view in groups[kind]))]
    busiest = max(found, key=lambda view: view.clip_count)
    example = Code(f"/source {busiest.source.slug}")
    blocks.append(Paragraph(_("{command} says more about one of them.", command=example)))
    return Reply(tuple(blocks))


def _row(view: SourceView) -> Inline:
    parts: list[Inline] = [view.source.name]
    if view.source.country:
        parts += [", ", CountryName(view.source.country)]
    if view.clip_count:
        parts += [" ", Quiet(n_("({count} clip)", "({count} clips)", view.clip_count))]
    failing = [feed for feed in view.feeds if feed.error_count and feed.state == FeedState.ACTIVE]
    if failing and not view.source.is_paused:
        parts += [" – ", TROUBLES.get(failing[0].error_code, _("not reached lately"))]
    if view.feeds and (view.source.is_paused or all(feed.state != FeedState.ACTIVE for feed in view.feeds)):
        parts += [" – ", _("paused")]
    return Seq(tuple(parts))

"""/latest: the newest clips, of everything or of one topic or source."""

from typing import Annotated

from handlers import compose
from handlers.arguments import Integer, Page, Rest, to_page
from handlers.context import Context
from handlers.errors import Declined
from handlers.lookup import find_wish
from handlers.registry import Group, command
from handlers.reply import Action, Heading, Reply, _
from storage import chats, clips
from storage.clips import ClipFilter
from storage.states import MuteKind, SubscriptionKind

DEFAULT_COUNT = 5
MAX_COUNT = 20


@command("latest", help=_("the newest clips"), group=Group.READ, rank=1)
async def latest(
    context: Context,
    about: Annotated[str, Rest(_("topic or source"))] = "",
    count: Annotated[int, Integer(_("number"), 1, MAX_COUNT)] = DEFAULT_COUNT,
    page: Annotated[int, Page(_("page"))] = 1,
) -> Reply:
    """List the newest clips; muted sources and topics are left out unless they are asked for.

    Raises:
        Declined: there is no topic or source of that name.
    """
    async with context.db.read() as tx:
        wish = await find_wish(tx, about) if about else None
        if about and (wish is None or wish.kind is SubscriptionKind.KEYWORD):
            raise Declined(_("I know no topic or source called “{name}”. {topics} lists the topics.", name=about[:60]))
        muted = await chats.mutes(tx, context.chat_id)
        wanted = ClipFilter(
            topic_id=wish.value if wish and wish.kind is SubscriptionKind.TOPIC else "",
            source_id=wish.source_id if wish else None,
            without_sources=frozenset(int(m.value) for m in muted if m.kind == MuteKind.SOURCE)
            if not wish
            else frozenset(),
            without_topics=frozenset(m.value for m in muted if m.kind == MuteKind.TOPIC) if not wish else frozenset(),
            until=context.now,
        )
        found = await clips.latest(tx, wanted, count + 1, (page - 1) * count)
        views = await clips.views(tx, found[:count])
    title = _("Latest: {topic}", topic=wish.label) if wish else _("Latest clips")
    if not views:
        return Reply((Heading(title), compose.hint(_("There is nothing here yet."))))
    words = (about,) if about else ()
    more = Action("latest", (*words, str(count), to_page(page + 1))) if len(found) > count else None
    return compose.listing(Heading(title), views, more=more)

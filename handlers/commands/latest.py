"""/latest: the newest clips, of everything or of one topic or source."""

from dataclasses import replace
from typing import Annotated

from handlers import compose
from handlers.arguments import Integer, Page, Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.lookup import Wish, find_wish
from handlers.options import NEWS, value_of
from handlers.registry import Group, command
from handlers.reply import Action, Button, Code, Heading, Reply, _
from storage import chats, clips, feeds
from storage.clips import ClipFilter
from storage.database import Tx
from storage.states import MuteKind, SubscriptionKind

DEFAULT_COUNT = 5
MAX_COUNT = 20


@command("latest", help=_("the newest clips"), group=Group.READ, rank=1)
async def latest(
    context: Context,
    about: Annotated[str, Rest(_("topic or source"))] = "",
    count: Annotated[int, Integer(_("number"), 1, MAX_COUNT)] = DEFAULT_COUNT,
    page: Annotated[int, Page(_("page"))] = 0,
) -> Reply:
    """List the newest clips; muted sources and topics are left out unless they are asked for."""
    number = max(page, 1)
    first = (number - 1) * count
    async with context.db.read() as tx:
        wish = await _wish(tx, about) if about else None
        wanted = _of(wish, context) if wish else await _of_all(tx, context)
        found = await clips.latest(tx, wanted, count + 1, first)
        views = await clips.views(tx, found[:count])
    title = Heading(_("Latest: {topic}", topic=wish.label) if wish else _("Latest clips"))
    if not views:
        end = _("That was all.") if number > 1 else _("There is nothing here yet.")
        return Reply((title, compose.hint(end)), edits=page > 0)
    words = (*((about,) if about else ()), str(count))
    turning = compose.turning("latest", words, number, has_more=len(found) > count)
    reply = compose.listing(title, views, turning=turning, first=first + 1)
    if wish:
        follow = Button(_("Subscribe"), Action("subscribe", (wish.value,)), anchor="➕")
        reply = reply.with_buttons((follow,))
    return replace(reply, edits=page > 0)


async def _wish(tx: Tx, about: str) -> Wish:
    wish = await find_wish(tx, about)
    if wish.kind is SubscriptionKind.KEYWORD:
        raise Declined(
            _(
                "I know no topic or source called “{name}”. {topics} lists the topics, {search} looks for words.",
                name=about[:60],
                topics=Code("/topics"),
                search=Code("/search"),
            )
        )
    return wish


def _of(wish: Wish, context: Context) -> ClipFilter:
    if wish.kind is SubscriptionKind.TOPIC:
        return ClipFilter(topic_id=wish.value, until=context.now, one_a_story=True)
    return ClipFilter(source_id=wish.source_id, until=context.now)


async def _of_all(tx: Tx, context: Context) -> ClipFilter:
    muted = await chats.mutes(tx, context.chat_id)
    sources = [await feeds.find_source(tx, mute.value) for mute in muted if mute.kind == MuteKind.SOURCE]
    return ClipFilter(
        language=context.chat.language if value_of(context.chat.options, NEWS) == "mine" else "",
        without_sources=frozenset(source.id for source in sources if source is not None and source.id is not None),
        without_topics=frozenset(mute.value for mute in muted if mute.kind == MuteKind.TOPIC),
        until=context.now,
        one_a_story=True,
    )

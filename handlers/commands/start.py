"""/start: a short greeting that says what can be done; a link's payload leads straight to it."""

import re
from typing import Annotated

from handlers import compose, payloads, reading
from handlers.arguments import Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.lookup import find_wish
from handlers.registry import Group, command
from handlers.reply import Action, Button, Code, Heading, Pairs, Paragraph, Reply, _
from storage import clips
from storage.states import ChatKind, SubscriptionKind

_PAYLOAD = re.compile(r"(clip|story)_([0-9]{1,60})")
MAX_WORDS = 80


@command("start", help=_("what this bot can do"), group=Group.READ, rank=0)
async def start(context: Context, payload: Annotated[str, Rest(_("link"))] = "") -> Reply:
    """Greet, or follow the payload of a link: clip_12, story_3, sub_energie."""
    match = _PAYLOAD.fullmatch(payload.strip())
    if match and match[1] == "clip":
        return await reading.card(context, await reading.view_of(context, int(match[2])))
    if match:
        return await _story(context, int(match[2]))
    if words := payloads.words_of(payload.strip()).strip():
        return await _offer(context, words[:MAX_WORDS])
    return _greeting(context)


def _greeting(context: Context) -> Reply:
    name = context.services.desk.name
    rows = (
        (Code("/latest"), _("the newest clips")),
        (Code("/topics"), _("what there is to read about")),
        (Code("/search kernkraft"), _("clips with these words")),
        (Code("/subscribe energie 07:30"), _("a digest every day at 07:30")),
        (Code("/help"), _("everything else")),
    )
    hello = _("Good day. This is {name}: short news, calmly told, each with its source.", name=name)
    buttons = (
        Button(_("Latest"), Action("latest"), anchor="📰"),
        Button(_("Topics"), Action("topics"), anchor="🗂"),
        Button(_("Subscribe"), Action("subscribe"), anchor="➕"),
    )
    hint = _("Send me a link, and I tell you in short what it says.")
    if context.request.chat.kind is not ChatKind.PRIVATE:
        hint = _("Here I answer commands, my name, and replies to me; only administrators change settings.")
    return Reply((Heading(hello), Pairs(rows), Paragraph(hint)), (buttons,))


async def _offer(context: Context, name: str) -> Reply:
    """Ask before a link subscribes anybody to anything."""
    async with context.db.read() as tx:
        wish = await find_wish(tx, name)
    buttons = (
        Button(_("Subscribe"), Action("subscribe", (wish.value,)), anchor="➕"),
        Button(_("Latest"), Action("search" if wish.kind is SubscriptionKind.KEYWORD else "latest", (wish.value,))),
    )
    asked = _("Do you want {topic} in your daily digest?", topic=wish.label)
    return Reply((Paragraph(asked),), (buttons,))


async def _story(context: Context, story_id: int) -> Reply:
    async with context.db.read() as tx:
        views = await clips.views(tx, await clips.of_story(tx, story_id, 5) if story_id < 2**62 else [])
    if not views:
        raise Declined(_("This story is not there any more."))
    return compose.listing(Heading(_("One story, several sources")), views, turning=(compose.follow_button(views[0]),))

"""/mute: what shall not come in digests and lists."""

import re
from typing import Annotated

from handlers import compose, reading
from handlers.arguments import Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.lookup import find_wish
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Heading, Inline, Paragraph, Points, Reply, _
from storage import chats, clips
from storage.states import MuteKind
from storage.tables import Mute

MAX_MUTES = 100


@command("mute", help=_("leave something out"), group=Group.SETTINGS, right=Right.MANAGER, rank=4)
async def mute(context: Context, what: Annotated[str, Rest(_("topic, source or keyword"))] = "") -> Reply:
    """Leave a topic, source or keyword out, take that back ("#3"), or list what is left out.

    As an answer to a message it offers what there is to leave out of its clip.
    """
    what = what.strip()
    if re.fullmatch(r"#\d{1,12}", what, re.ASCII):
        async with context.db.write() as tx:
            gone = await chats.unmute(tx, context.chat_id, int(what[1:]))
        if not gone:
            raise Declined(_("There is nothing of this number to bring back."))
        return await _list(context)
    if not what:
        return await _of_message(context) if _answers_a_message(context) else await _list(context)
    async with context.db.write() as tx:
        if len(await chats.mutes(tx, context.chat_id)) >= MAX_MUTES:
            raise Declined(_("A chat can leave out {count} things; please bring one back first.", count=MAX_MUTES))
        wish = await find_wish(tx, what[:80])
        row = Mute(
            chat_id=context.chat_id,
            kind=MuteKind(wish.kind.value),
            value=wish.value,
            label=wish.label if isinstance(wish.label, str) else "",
            created_at=context.now,
        )
        await chats.mute(tx, row)
    told = _("{what} is left out from now on. {command} shows all that is.", what=wish.label, command=Code("/mute"))
    return Reply((Paragraph(told),), toast=_("Left out"))


def _answers_a_message(context: Context) -> bool:
    return context.request.action is None and context.request.replied is not None


async def _of_message(context: Context) -> Reply:
    """What can be left out of the clip that the answered message shows; the list where it shows none."""
    try:
        view = await reading.clip_of(context, "", "summary", more=(compose.OPTIONS,))
    except reading.Undecided as undecided:
        return undecided.reply
    except Declined:
        return await _list(context)
    return await reading.card(context, view, compose.OPTIONS)


async def _list(context: Context) -> Reply:
    async with context.db.read() as tx:
        present = await chats.mutes(tx, context.chat_id)
        labels = {topic.id: compose.topic_label(topic) for topic in await clips.topics(tx)}
    if not present:
        how = _("{command} leaves a topic, a source or a word out.", command=Code("/mute sport"))
        return Reply((Heading(_("Nothing is left out.")), Paragraph(how)))

    def name(row: Mute) -> Inline:
        return labels.get(row.value, row.label or row.value) if row.kind == MuteKind.TOPIC else row.label or row.value

    rows = tuple(
        (Button(_("Bring back {what}", what=name(row)), Action("mute", (f"#{row.id}",))),) for row in present[:20]
    )
    return Reply((Heading(_("Left out")), Points(tuple(name(row) for row in present))), rows, edits=True)

"""/pause: no digests for some days."""

import re
from datetime import datetime, timedelta
from typing import Annotated

from handlers import when
from handlers.arguments import Integer, Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.news.due import next_due
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Moment, Paragraph, Reply, TimeStyle, _
from storage import chats, deliveries

LONGEST_DAYS = 365
FOR_GOOD = timedelta(days=36_500)
_DAYS = Integer(_("days"), 1, LONGEST_DAYS)
_SPAN = re.compile(r"(?:für |for )?(\S+?) ?(?:(d|days?|tage?n?)|(w|weeks?|wochen?))?", re.IGNORECASE)
_UNTIL = re.compile(r"(?:bis|until|till|jusqu'à|до) (?:zum |nächsten |next )?(.+)", re.IGNORECASE)
_WORDS_OF_ONE = dict.fromkeys(("ein", "eine", "einen", "one", "a"), "1")


@command("pause", help=_("no digests for some days"), group=Group.DIGEST, right=Right.MANAGER, rank=5)
async def pause(context: Context, said: Annotated[str, Rest(_("days"))] = "") -> Reply:
    """Hold digests and alerts back for some days or weeks, until a weekday ("bis Freitag"), or until /resume.

    Subscriptions are kept. What waits for the end of the quiet hours is let go.
    """
    ends = _end(context, " ".join(said.split()))
    async with context.db.write() as tx:
        await chats.change(tx, context.chat_id, paused_until=ends or context.now + FOR_GOOD)
        await deliveries.skip_planned(tx, context.chat_id, "paused")
    if ends:
        told = _(
            "No digests until {day}. {command} ends the pause earlier.",
            day=Moment(ends, TimeStyle.DATE),
            command=Code("/resume"),
        )
    else:
        told = _("No digests until you write {command}.", command=Code("/resume"))
    return Reply((Paragraph(told),), ((Button(_("Resume"), Action("resume"), anchor="▶️"),),))


def _end(context: Context, said: str) -> datetime | None:
    """When the pause ends; None where it does not by itself.

    Raises:
        Declined: the words say nothing of the kind.
        BadArgument: the number is absurd.
    """
    if not said:
        return None
    until = _UNTIL.fullmatch(said)
    day = when.read(until[1]) if until else None
    if day is not None and day.days and not day.times:
        return next_due("00:00", day.days, context.chat.timezone, context.now)
    span = _SPAN.fullmatch(said)
    number = _DAYS.read(_WORDS_OF_ONE.get(span[1].casefold(), span[1])) if span else None
    if span is None or number is None:
        examples = {"example": Code("/pause 3"), "other": Code("/pause 2w")}
        raise Declined(
            _("I do not understand “{word}” here. Write it like {example} or {other}.", word=said[:40], **examples)
        )
    return context.now + timedelta(days=number * (7 if span[3] else 1))

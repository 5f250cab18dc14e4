"""/time: when the chat's digest comes."""

from typing import Annotated

from handlers import subscribing, when
from handlers.arguments import Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.news.due import next_due
from handlers.registry import Group, Right, command
from handlers.reply import Code, Heading, Paragraph, Points, Reply, _
from storage import subscriptions
from storage.tables import Schedule


@command("time", help=_("when your digest comes"), group=Group.DIGEST, right=Right.MANAGER, rank=3)
async def time(context: Context, said: Annotated[str, Rest(_("time"))] = "") -> Reply:
    """Show the times, or move the digest to another time or other days: the only one, or the one named behind."""
    wanted = _wanted(said) if said.strip() else None
    async with context.db.write() as tx:
        slots = list(await subscriptions.schedules(tx, context.chat_id))
        if not slots:
            raise Declined(_("You have no digest yet. {command} brings one.", command=Code("/subscribe energie 07:30")))
        if wanted is None:
            times = tuple(subscribing.when_label(slot) for slot in slots)
            how = _("{command} moves it.", command=Code("/time 07:30"))
            return Reply((Heading(_("Your digest comes")), Points(times), Paragraph(how)))
        moved = []
        for slot in _meant(slots, wanted):
            at_local, days = wanted.times[0] if wanted.times else slot.at_local, wanted.days or slot.days
            moved.append(next_due(at_local, days, context.chat.timezone, context.now))
            await subscriptions.move_schedule(tx, slot, at_local, days, moved[-1])
    following = subscribing.next_label(min(moved), context.chat, context.now)
    if wanted.days:
        label = subscribing.when_label(Schedule(chat_id=0, at_local=at_local, days=days, next_due_at=moved[0]))
        return Reply((Paragraph(_("Your digest now comes {when}. Next: {next}.", when=label, next=following)),))
    return Reply((Paragraph(_("Your digest now comes at {time}. Next: {when}.", time=at_local, when=following)),))


def _wanted(said: str) -> when.When:
    """What is asked for: a time, days, or both, and the time of the digest that is meant."""
    wanted = when.read(f"{said} uhr" if said.strip().isdecimal() else said)
    if wanted is None or len(wanted.times) > 2:
        examples = {"example": Code("/time 07:30"), "other": Code("/time 07:30 mo-fr")}
        raise Declined(
            _("I do not understand “{word}” here. Write it like {example} or {other}.", word=said[:40], **examples)
        )
    return wanted


def _meant(slots: list[Schedule], wanted: when.When) -> list[Schedule]:
    """The digests that move: the only one, those of the time named last, or those of the time whose days are named."""
    named = wanted.times[1:] or [
        at for at in wanted.times if wanted.days and any(at == slot.at_local for slot in slots)
    ]
    found = [slot for slot in slots if not named or slot.at_local == named[0]]
    if not found:
        raise Declined(_("You have no digest at {time}.", time=named[0]))
    if len(found) > 1 and not named:
        at = wanted.times[0] if wanted.times else ""
        other = next((slot.at_local for slot in found if slot.at_local != at), at)
        example = Code(f"/time {at} {other}" if at else f"/time {other} mo-fr")
        raise Declined(_("You have several digests; say which one to move: {example}.", example=example))
    return found

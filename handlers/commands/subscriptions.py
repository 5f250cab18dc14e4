"""/subscriptions: what the chat follows, and when its digests come."""

from datetime import timedelta
from itertools import groupby

from handlers import subscribing, zones
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import (
    Action,
    Block,
    Button,
    Code,
    Heading,
    Inline,
    Listing,
    Moment,
    Paragraph,
    Points,
    Quiet,
    Reply,
    Seq,
    TimeStyle,
    _,
)
from storage.states import SubscriptionKind

LONGEST_DAYS = 366


@command("subscriptions", help=_("your topics and times"), group=Group.DIGEST, rank=1, aliases=("list",))
async def subscriptions(context: Context) -> Reply:
    """List the slots of the chat with what each of them brings."""
    async with context.db.read() as tx:
        present = await subscribing.followed(tx, context.chat_id)
    title = Heading(_("Your digests"))
    if not present:
        hint = _(
            "You follow nothing yet. {command} brings a topic every day.", command=Code("/subscribe energie 07:30")
        )
        choose = Button(_("Choose a topic"), Action("subscribe"), anchor="➕")
        return Reply((title, Paragraph(hint)), ((choose,),))
    blocks: list[Block] = [title]
    stories = tuple(each.label for each in present if each.row.kind == SubscriptionKind.STORY)
    others = [each for each in present if each.row.kind != SubscriptionKind.STORY]
    lines = tuple(
        _line(context, list(group)) for _slot, group in groupby(others, key=lambda each: each.row.schedule_id)
    )
    if lines:
        blocks.append(Points(lines))
    if stories:
        blocks += [Paragraph(_("How these stories go on, at once:")), Points(stories)]
    blocks += _pause(context)
    zone = _(
        "Times are those of {zone}; {command} changes that.",
        zone=zones.label(context.chat.timezone),
        command=Code("/timezone"),
    )
    blocks.append(Paragraph(Quiet(zone)))
    buttons = (
        Button(_("Show it now"), Action("digest"), anchor="📰"),
        Button(_("Give up"), Action("unsubscribe"), anchor="➖"),
        Button(_("Settings"), Action("settings"), anchor="⚙️"),
    )
    return Reply(tuple(blocks), (buttons,))


def _line(context: Context, rows: list[subscribing.Followed]) -> Inline:
    """What one slot brings, and when it does so next."""
    schedule = rows[0].schedule
    what = Listing(tuple(each.label for each in rows))
    told = _("{when}: {what}", when=subscribing.when_label(schedule), what=what)
    if schedule is None:
        return told
    following = subscribing.next_label(schedule.next_due_at, context.chat, context.now)
    return Seq((told, " · ", Quiet(_("Next: {when}", when=following))))


def _pause(context: Context) -> list[Block]:
    """A line that says how long nothing comes, where that is so."""
    paused, resume = context.chat.paused_until, Code("/resume")
    if paused is None or paused <= context.now:
        return []
    if paused - context.now > timedelta(days=LONGEST_DAYS):
        return [Paragraph(_("All digests pause until you write {command}.", command=resume))]
    until = Moment(paused, TimeStyle.DATE)
    return [Paragraph(_("All digests pause until {day}; {command} ends that.", day=until, command=resume))]

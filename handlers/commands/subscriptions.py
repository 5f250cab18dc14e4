"""/subscriptions: what the chat follows, and when its digests come."""

from datetime import timedelta
from itertools import groupby

from handlers import subscribing
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import Action, Block, Button, Code, Heading, Listing, Moment, Paragraph, Quiet, Reply, TimeStyle, _

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
    for _slot, group in groupby(present, key=lambda each: each.row.schedule_id):
        rows = list(group)
        schedule = rows[0].schedule
        what = Listing(tuple(each.label for each in rows))
        blocks.append(Paragraph(_("{when}: {what}", when=subscribing.when_label(schedule), what=what)))
        if schedule is not None:
            following = subscribing.next_label(schedule.next_due_at, context.chat, context.now)
            blocks.append(Paragraph(Quiet(_("Next: {when}", when=following))))
    paused = context.chat.paused_until
    if paused is not None and paused > context.now:
        resume = Code("/resume")
        if paused - context.now > timedelta(days=LONGEST_DAYS):
            blocks.append(Paragraph(_("All digests pause until you write {command}.", command=resume)))
        else:
            until = Moment(paused, TimeStyle.DATE)
            blocks.append(
                Paragraph(_("All digests pause until {day}; {command} ends that.", day=until, command=resume))
            )
    zone = _(
        "Times are those of {zone}; {command} changes that.", zone=context.chat.timezone, command=Code("/timezone")
    )
    blocks.append(Paragraph(Quiet(zone)))
    buttons = (
        Button(_("Show it now"), Action("digest"), anchor="📰"),
        Button(_("Give up"), Action("unsubscribe"), anchor="➖"),
        Button(_("Settings"), Action("settings"), anchor="⚙️"),
    )
    return Reply(tuple(blocks), (buttons,))

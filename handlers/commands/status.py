"""/status: how the bot is doing."""

from datetime import timedelta

from handlers.context import Context
from handlers.registry import Group, Right, command
from handlers.reply import Block, Heading, Inline, Pairs, Points, Reply, _
from storage import chats, clips, deliveries, feeds, subscriptions
from storage.clips import ClipFilter
from storage.states import FeedState

WORST = 5
TODAY = timedelta(hours=24)


@command("status", help=_("how the bot is doing"), group=Group.ADMIN, right=Right.OPERATOR, rank=4, in_menu=False)
async def status(context: Context) -> Reply:
    """Show counts of clips, feeds, chats and deliveries, and the feeds that fail most."""
    async with context.db.read() as tx:
        total = await clips.count(tx)
        recent = len(await clips.latest(tx, ClipFilter(since=context.now - TODAY), 100_000))
        sources = await feeds.sources(tx)
        talking = await chats.count(tx)
        ledger = await deliveries.count(tx)
        followed = await subscriptions.count(tx)
    every = [feed for view in sources for feed in view.feeds]
    failing = sorted((feed for feed in every if feed.error_count), key=lambda feed: -feed.error_count)
    active = sum(feed.state == FeedState.ACTIVE for feed in every)
    rows: list[tuple[Inline, Inline]] = [
        (_("Version"), context.services.desk.version),
        (_("Clips"), _("{total}, {recent} of them new in 24 hours", total=total, recent=recent)),
        (
            _("Feeds"),
            _("{active} active of {total}, {failing} failing", active=active, total=len(every), failing=len(failing)),
        ),
        (_("Chats"), _counted(talking)),
        (_("Subscriptions"), _("{count}", count=followed)),
        (_("Deliveries"), _counted(ledger)),
    ]
    blocks: list[Block] = [Heading(_("Status")), Pairs(tuple(rows))]
    if failing:
        worst = tuple(f"{feed.url} – {feed.error_code}, {feed.error_count}×" for feed in failing[:WORST])
        blocks += [Heading(_("Feeds that fail"), 2), Points(worst)]
    return Reply(tuple(blocks))


def _counted(counts: dict[str, int]) -> Inline:
    return ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "0"

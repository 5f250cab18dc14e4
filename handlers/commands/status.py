"""/status: how the bot is doing."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from handlers.context import Context
from handlers.registry import Group, Right, command
from handlers.reply import (
    Block,
    Code,
    Heading,
    Inline,
    Listing,
    Message,
    Moment,
    Pairs,
    Points,
    Reply,
    TimeStyle,
    _,
    n_,
)
from storage import search, sizes
from storage import status as counts
from storage.states import ChatState, DeliveryState, FeedState
from storage.status import Overview
from storage.tables import Feed, Source

WORST = 5
RECENT = timedelta(hours=24)
LATE = timedelta(minutes=1)
MEGABYTE = 1024 * 1024


@command("status", help=_("how the bot is doing"), group=Group.ADMIN, right=Right.OPERATOR, rank=4, in_menu=False)
async def status(context: Context) -> Reply:
    """Show counts of clips, feeds, chats and deliveries, what waits too long, and the feeds that fail most."""
    async with context.db.read() as tx:
        found = await counts.overview(tx, context.now, RECENT, WORST)
        chosen = await search.chosen(tx)
        size = await sizes.total_bytes(tx)
    rows: tuple[tuple[Inline, Inline], ...] = (
        (_("Version"), context.services.desk.version or "–"),
        (_("Clips"), _("{total}, {recent} of them in the last 24 hours", total=found.clips, recent=found.recent)),
        (_("Sources"), _number(found.sources)),
        (_("Feeds"), _feeds(found)),
        *(((_("Feeds asked last"), Moment(found.polled_at)),) if found.polled_at is not None else ()),
        (_("Chats"), _by_state(found.chats, {state: _chats(state, found.chats) for state in ChatState})),
        (_("Subscriptions"), _number(found.subscriptions)),
        (_("Deliveries"), _by_state(found.deliveries, {s: _deliveries(s, found.deliveries) for s in DeliveryState})),
        *(_queue(context, found) if found.ready else ()),
        (_("Inline results sent"), _number(chosen)),
        (_("Database"), _("{address}, {size} MB", address=Code(context.db.address), size=-(-size // MEGABYTE))),
    )
    blocks: list[Block] = [Heading(_("Status")), Pairs(rows)]
    if found.worst:
        blocks += [Heading(_("Feeds that fail"), 2), Points(tuple(_failing(*each) for each in found.worst))]
    return Reply(tuple(blocks))


def _queue(context: Context, found: Overview) -> Iterator[tuple[Inline, Inline]]:
    yield _("On their way"), _forecast(context, found.ready)
    # While a fan-out runs some always wait for a moment.
    if found.late_s >= LATE.total_seconds():
        due_at = context.now - timedelta(seconds=found.late_s)
        yield _("Waiting longest"), _("due {when}", when=Moment(due_at))


def _forecast(context: Context, ready: int) -> Inline:
    """How many messages wait for their turn, and when the last of them will have gone."""
    seconds = ready / context.services.desk.messages_per_second
    done_at = Moment(context.now + timedelta(seconds=seconds), TimeStyle.CLOCK)
    return n_("{count}, done at about {time}", "{count}, done at about {time}", ready, time=done_at)


def _number(count: int) -> Message:
    return _("{count}", count=count)


def _feeds(found: Overview) -> Inline:
    number = found.feeds
    failing = n_("{count} is read but fails", "{count} are read but fail", found.failing)
    sound = number.get(FeedState.ACTIVE, 0) - found.failing
    told: dict[str, Inline] = {
        FeedState.ACTIVE: n_("{count} is read", "{count} are read", sound),
        "failing": failing,
        FeedState.PAUSED: n_("{count} is paused", "{count} are paused", number.get(FeedState.PAUSED, 0)),
        FeedState.RETIRED: n_("{count} is gone", "{count} are gone", number.get(FeedState.RETIRED, 0)),
    }
    return _by_state({**number, FeedState.ACTIVE: sound, "failing": found.failing}, told)


def _by_state(found: Mapping[str, int], told: Mapping[str, Inline]) -> Inline:
    """How many there are in each state, those without any left out; a state that is new to us stands by its name."""
    states = dict.fromkeys((*told, *sorted(found)))
    parts = tuple(told.get(state, f"{state}: {found[state]}") for state in states if found.get(state))
    return Listing(parts) if parts else _number(0)


def _chats(state: ChatState, found: Mapping[str, int]) -> Inline:
    count = found.get(state, 0)
    return {
        ChatState.ACTIVE: n_("{count} active", "{count} active", count),
        ChatState.BLOCKED: n_("{count} has blocked me", "{count} have blocked me", count),
        ChatState.LEFT: n_("{count} was left", "{count} were left", count),
        ChatState.BANNED: n_("{count} is banned", "{count} are banned", count),
        ChatState.GONE: n_("{count} no longer exists", "{count} no longer exist", count),
    }[state]


def _deliveries(state: DeliveryState, found: Mapping[str, int]) -> Inline:
    count = found.get(state, 0)
    return {
        DeliveryState.PLANNED: n_("{count} waiting", "{count} waiting", count),
        DeliveryState.SENDING: n_("{count} being sent", "{count} being sent", count),
        DeliveryState.SENT: n_("{count} sent", "{count} sent", count),
        DeliveryState.GONE: n_("{count} to a chat that is gone", "{count} to chats that are gone", count),
        DeliveryState.SKIPPED: n_("{count} left out", "{count} left out", count),
        DeliveryState.GIVEN_UP: n_("{count} given up", "{count} given up", count),
    }[state]


def _failing(feed: Feed, source: Source) -> Inline:
    reason = feed.error_code.replace("_", " ") or "?"
    return n_(
        "{source}: {reason}, once; {url}",
        "{source}: {reason}, {count} times in a row; {url}",
        feed.error_count,
        source=source.name,
        reason=Code(reason),
        url=Code(feed.url),
    )

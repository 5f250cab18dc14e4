"""/subscribe: a topic, source or keyword in a daily digest, or at once."""

from typing import Annotated

from handlers import arguments, compose, subscribing, when, zones
from handlers.alerting import CAP
from handlers.arguments import Choice, Clock, Days, Rest
from handlers.context import Context
from handlers.editions import MEMORY
from handlers.errors import Declined
from handlers.lookup import Wish, find_wish
from handlers.news import query
from handlers.news.due import EVERY_DAY, next_due
from handlers.registry import Group, Right, command
from handlers.reply import Action, Block, Button, Code, Heading, Listing, Paragraph, Points, Quiet, Reply, _
from handlers.searching import Search
from storage import chats, clips, subscriptions
from storage.clips import ClipFilter, ClipView
from storage.database import Tx
from storage.states import SubscriptionKind
from storage.tables import Schedule, Subscription

_NOW = dict.fromkeys(("now", "sofort", "jetzt", "сейчас", "maintenant"), "now")
MAX_KEYWORD = 80
# In words.
LONGEST_NAME = 12
MAX_TOPICS = 6
MAX_SOURCES = 4


@command("subscribe", help=_("a topic or keyword every day"), group=Group.DIGEST, right=Right.MANAGER, rank=0)
async def subscribe(
    context: Context,
    about: Annotated[str, Rest(_("topic, source or keyword"))] = "",
    at: Annotated[str, Clock(_("time"))] = "",
    days: Annotated[str, Days(_("days"))] = "",
    alert: Annotated[str, Choice(_("now"), _NOW)] = "",
) -> Reply:
    """Follow something in the digest at a time (the chat's own by default), on some days, or at once with "now"."""
    if not about.strip():
        return await _offer(context)
    async with context.db.write() as tx:
        behind = when.When([at] if at else [], days)
        wish, said = await _wish(tx, context, " ".join(about.split()), behind, is_alert=bool(alert))
        _check_words(context, wish)
        times = dict.fromkeys(said.times or [""])
        slots = [] if alert else [await _schedule(tx, context, each, said.days) for each in times]
        is_new = False
        for schedule_id in [slot.id for slot in slots] or [None]:
            await subscribing.check_room(tx, context)
            row = Subscription(
                chat_id=context.chat_id,
                schedule_id=schedule_id,
                kind=wish.kind,
                value=wish.value,
                label=wish.value if wish.kind is SubscriptionKind.KEYWORD else "",
                created_at=context.now,
            )
            is_new |= await subscriptions.add(tx, row)
        newest = await _newest(tx, context, wish)
    return _told(context, wish, slots, newest, is_new=is_new)


async def _wish(tx: Tx, context: Context, about: str, behind: when.When, *, is_alert: bool) -> tuple[Wish, when.When]:
    """What is meant, and when it is to come as far as words say so.

    The name of a topic or source is taken as a whole ("Welt am Sonntag"), and so is what stands in quotation marks or
    behind a button.
    """
    words = [" ".join(word.split()) for word in arguments.words(context.request.text)[1:]]
    named = await _named(tx, words[:-1] if is_alert else words)
    if named is not None:
        return named
    whole = next((word for word in words if " " in word and about.startswith(word)), "")
    if not words or about == whole:
        return await find_wish(tx, about[:MAX_KEYWORD]), behind
    name, said = when.split(f"x{about[len(whole) :]}" if whole else about, behind)
    return await find_wish(tx, (f"{whole}{name[1:]}" if whole else name)[:MAX_KEYWORD]), said


async def _named(tx: Tx, words: list[str]) -> tuple[Wish, when.When] | None:
    """The topic or source of the longest name at the begin of some words, where the rest says when it is to come."""
    for size in range(min(len(words), LONGEST_NAME), 0, -1):
        rest = " ".join(words[size:])
        said = when.read(rest) if rest else when.When()
        wish = await find_wish(tx, " ".join(words[:size])) if said is not None else None
        if said is not None and wish is not None and wish.kind is not SubscriptionKind.KEYWORD:
            return wish, said
    return None


def _check_words(context: Context, wish: Wish) -> None:
    """See that a keyword can be looked for.

    Raises:
        Declined: it has no word in it.
    """
    if wish.kind is not SubscriptionKind.KEYWORD:
        return
    wanted = query.read(wish.value, now=context.now)
    if wanted.is_empty and not (wanted.topic or wanted.source or wanted.language):
        raise Declined(_("{what} has no word in it that I could look for.", what=wish.label))


async def _schedule(tx: Tx, context: Context, at: str, days: str) -> Schedule:
    """The slot that is meant: the given time, else the chat's first slot, else the usual time."""
    present = await subscriptions.schedules(tx, context.chat_id)
    at_local = at or (present[0].at_local if present else subscribing.DEFAULT_TIME)
    chosen = days or (present[0].days if present and not at else EVERY_DAY)
    due_at = next_due(at_local, chosen, context.chat.timezone, context.now)
    slot = Schedule(chat_id=context.chat_id, at_local=at_local, days=chosen, next_due_at=due_at)
    return await subscriptions.ensure_schedule(tx, slot)


async def _newest(tx: Tx, context: Context, wish: Wish) -> list[ClipView]:
    """The newest clip that the subscription would have brought, as a proof that it works."""
    if wish.kind is SubscriptionKind.KEYWORD:
        search = Search(context.services.desk, context.chat.language, context.now)
        found = await search.find(tx, query.read(wish.value, now=context.now), limit=1)
        return await clips.views(tx, () if found.instead else found.clip_ids)
    topic = wish.value if wish.kind is SubscriptionKind.TOPIC else ""
    where = ClipFilter(topic_id=topic, source_id=wish.source_id, until=context.now)
    return await clips.views(tx, await clips.latest(tx, where, 1))


def _told(context: Context, wish: Wish, slots: list[Schedule], newest: list[ClipView], *, is_new: bool) -> Reply:
    times = Listing(tuple(subscribing.when_label(slot) for slot in slots))
    if not slots and is_new:
        title = _("{what} comes at once from now on, at most {count} times an hour.", what=wish.label, count=CAP)
    elif not slots:
        title = _("{what} comes at once already.", what=wish.label)
    elif is_new:
        title = _("{what} now comes {when}.", what=wish.label, when=times)
    else:
        title = _("{what} comes {when} already.", what=wish.label, when=times)
    blocks: list[Block] = [Heading(title)]
    if wish.kind is SubscriptionKind.KEYWORD:
        blocks.append(Paragraph(_("This is none of the topics, so I look for the words themselves.")))
    if slots:
        following = subscribing.next_label(min(slot.next_due_at for slot in slots), context.chat, context.now)
        zone = zones.label(context.chat.timezone)
        blocks.append(Paragraph(_("Next digest: {when} (time zone {zone}).", when=following, zone=zone)))
    if newest:
        blocks += [Heading(_("The newest on this"), 2), compose.entry(newest[0])]
    buttons = (
        Button(_("My digests"), Action("subscriptions"), anchor="🕢"),
        Button(_("Show it now"), Action("digest"), anchor="📰"),
    )
    return Reply(tuple(blocks), (buttons,), clips=tuple(view.id for view in newest))


async def _offer(context: Context) -> Reply:
    """What can be followed, as buttons: what the answered message is about, else the busiest topics."""
    replied = context.request.replied
    if replied is not None and context.request.action is None:
        async with context.db.read() as tx:
            shown = await chats.clips_of_message(tx, context.chat_id, replied.message_id)
            views = await clips.views(tx, shown)
        if views:
            return _offer_of(views)
    async with context.db.read() as tx:
        known = await clips.topics(tx)
        counts = await clips.topic_counts(tx, context.now - MEMORY)
    busiest = sorted(known, key=lambda topic: (topic.kind != "custom", -counts.get(topic.id, 0)))[:9]
    buttons = [Button(compose.topic_label(topic), Action("subscribe", (topic.id,)), anchor="➕") for topic in busiest]
    blocks = (
        Heading(_("What do you want to follow?")),
        Points((Code("/subscribe energie 07:30"), Code('/subscribe "Kernkraft" 18:00 weekdays'))),
        Paragraph(Quiet(_("Several digests a day are fine; each has its own time."))),
    )
    return Reply(blocks, tuple(tuple(buttons[start : start + 3]) for start in range(0, len(buttons), 3)))


def _offer_of(views: list[ClipView]) -> Reply:
    """The topics and sources of some clips, and the story where there is one clip."""
    topics = {topic.id: topic for view in views for topic, _score in view.topics}
    sources = {view.source.slug: view.source.name for view in views}
    buttons = [
        *(
            Button(compose.topic_label(topic), Action("subscribe", (f"topic:{topic.id}",)), anchor="➕")
            for topic in list(topics.values())[:MAX_TOPICS]
        ),
        *(
            Button(name, Action("subscribe", (f"source:{slug}",)), anchor="➕")
            for slug, name in list(sources.items())[:MAX_SOURCES]
        ),
    ]
    rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
    if len(views) == 1:
        rows.append((compose.follow_button(views[0]),))
    return Reply((Heading(_("What do you want to follow?")),), tuple(rows))

"""Stories that chats want to hear of at once: new clips → alerts, at most some an hour; the rest is for the digest."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.candidates import Mutes, mentions
from handlers.editions import MEMORY
from handlers.news import query
from handlers.news.due import local_day
from handlers.planning import is_open, memory_key, ready_at
from storage import audience, chats, clips, deliveries, facts, subscriptions, timekeeping
from storage.clips import ClipView
from storage.database import Database, Tx
from storage.states import DeliveryKind, SubscriptionKind
from storage.tables import Chat, Delivery, EditionEntry, Mute, Subscription

CAP = 3
PER = timedelta(hours=1)
FRESH = timedelta(hours=12)
PORTION = 300
SEEN = "alerts.seen_clip"


@dataclass(frozen=True, slots=True)
class _Alert:
    """A story that a chat is to hear of, with the subscription that asked for it."""

    chat: Chat
    view: ClipView
    wish: Subscription

    @property
    def chat_id(self) -> int:
        return self.chat.id or 0

    @property
    def story(self) -> int:
        return self.view.clip.story_id if self.view.clip.story_id is not None else -self.view.id

    @property
    def is_followed(self) -> bool:
        """Whether the chat knows the story, and wants to hear how it goes on."""
        return self.wish.kind == SubscriptionKind.STORY

    def place(self, now: datetime) -> tuple[str, date, datetime]:
        """Its slot and local day, which it has alone, and when it can go.

        A story is told once; one that is followed once an hour, and after quiet hours only once.
        """
        at = ready_at(self.chat, now)
        if self.is_followed:
            return f"follow {self.story} {at:%H}", local_day(at, self.chat.timezone), at
        return f"story {self.story}", local_day(now, self.chat.timezone), at


async def plan_alerts(db: Database, now: datetime) -> int:
    """Write down the alerts that the clips taken in since the last call ask for.

    Clips that were there before the first call, and clips older than twelve hours, alert nobody.

    Returns:
        How many alerts are owed now.

    Raises:
        StorageError: the database refused; the portions before are kept, the rest is looked at the next time.
    """
    planned = 0
    while (portion := await _portion(db, now)) is not None:
        planned += portion
    return planned


async def look_again(tx: Tx, since: datetime) -> None:
    """Forget that the clips taken in since an instant were looked at; nobody is told twice of what it knows."""
    before = await timekeeping.clip_before(tx, since)
    seen = await facts.get(tx, SEEN)
    if before is not None and seen and before < int(seen):
        await facts.put(tx, SEEN, str(before))


async def _portion(db: Database, now: datetime) -> int | None:
    async with db.read() as tx:
        seen = await facts.get(tx, SEEN)
        wanted = await subscriptions.alerts(tx)
        if seen and wanted:
            new = await clips.after(tx, int(seen), PORTION)
            found = await _alerts(tx, wanted, await clips.views(tx, new), now)
        else:
            # Whoever begins to wait for something is not told what was there before.
            newest = await subscriptions.newest_clip(tx)
            new, found = ([newest] if newest > int(seen or -1) else []), []
    if not new:
        return None
    async with db.write() as tx:
        await facts.put(tx, SEEN, str(new[-1]))
        return await _write(tx, found, now)


async def _alerts(
    tx: Tx, wanted: Sequence[tuple[Subscription, Chat]], new: Sequence[ClipView], now: datetime
) -> list[_Alert]:
    """The alerts for new clips: once a story and chat, within its cap, and nothing that it knows or has muted."""
    fresh = [view for view in new if view.clip.published_at >= now - FRESH]
    found: dict[int, list[_Alert]] = defaultdict(list)
    matching: dict[tuple[str, str], list[ClipView]] = {}
    # There may be as many followed stories as people, so that each is looked up and not compared with every clip.
    for view in fresh:
        matching.setdefault((SubscriptionKind.STORY, str(view.clip.story_id)), []).append(view)
    for wish, chat in wanted:
        key = (wish.kind, wish.value)
        if key not in matching and wish.kind != SubscriptionKind.STORY:
            matching[key] = [view for view in fresh if _meets(view, wish, now)]
        if key in matching and is_open(chat, now):
            found[chat.id or 0] += [_Alert(chat, view, wish) for view in matching[key]]
    chat_ids = [chat_id for chat_id, alerts in found.items() if alerts]
    muted = await chats.mutes_of(tx, chat_ids)
    sent = await deliveries.recent_alerts(tx, chat_ids, now - PER)
    chosen: list[_Alert] = []
    for chat_id in chat_ids:
        alerts = found[chat_id]
        told = await deliveries.told_stories(tx, chat_id, now - MEMORY)
        shown = await audience.shown(tx, chat_id, [alert.view.id for alert in alerts if alert.is_followed])
        room = CAP - sent.get(chat_id, 0)
        chosen += _untold(alerts, told, shown, muted.get(chat_id, ()))[: max(0, room)]
    return chosen


def _meets(view: ClipView, wish: Subscription, now: datetime) -> bool:
    if wish.kind == SubscriptionKind.TOPIC:
        return any(topic.id == wish.value for topic, _ in view.topics)
    if wish.kind == SubscriptionKind.SOURCE:
        return view.source.slug == wish.value
    wanted = query.read(wish.value, now=now)
    words = [*wanted.words, *(" ".join(phrase) for phrase in wanted.phrases)]
    return (
        bool(words)
        and all(mentions(view.clip, word) for word in words)
        and not any(mentions(view.clip, word) for word in wanted.excluded)
        and wanted.language in {"", view.clip.language}
    )


def _untold(
    alerts: Sequence[_Alert], told: Mapping[int, int], shown: Collection[int], muted: Sequence[Mute]
) -> list[_Alert]:
    """What a chat does not know: stories that it was not told, and clips of those it follows that it was not shown."""
    mutes = Mutes([(row.kind, row.value) for row in muted])
    once: dict[int, _Alert] = {}
    for alert in alerts:
        is_news = alert.view.id not in shown if alert.is_followed else alert.story not in told
        if is_news and not mutes.hide(alert.view):
            once.setdefault(alert.story, alert)
    return list(once.values())


async def _write(tx: Tx, alerts: Sequence[_Alert], now: datetime) -> int:
    rows: list[Delivery] = []
    histories: dict[int, str] = {}
    for alert in alerts:
        heading = f"{alert.wish.kind}:{alert.wish.value}"
        clip = alert.view.clip
        entry = EditionEntry(
            edition_id=0,
            position=0,
            heading=heading,
            story_id=clip.story_id,
            clip_id=alert.view.id,
            revision=clip.revision,
            source_count=alert.view.source_count,
        )
        edition_id = await deliveries.save_edition(tx, f"alert:{alert.view.id}:{heading}", [entry], now)
        slot, day, at = alert.place(now)
        rows.append(
            Delivery(
                chat_id=alert.chat_id,
                kind=DeliveryKind.ALERT,
                slot=slot,
                local_date=day,
                edition_id=edition_id,
                due_at=now,
                ready_at=at,
                created_at=now,
            )
        )
        histories[alert.chat_id] = memory_key(histories.get(alert.chat_id, alert.chat.history_key), edition_id)
    await deliveries.remember(tx, histories)
    return await deliveries.plan(tx, rows)

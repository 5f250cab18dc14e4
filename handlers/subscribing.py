"""Subscriptions as several commands share them: how they are called, when they are due, which one is meant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers import compose
from handlers.context import Context
from handlers.errors import Declined
from handlers.news.due import EVERY_DAY, local_day, next_due
from handlers.reply import Action, Button, Inline, Listing, Moment, TimeStyle, Weekday, _
from storage import clips, subscriptions
from storage.database import Tx
from storage.states import SubscriptionKind
from storage.tables import Chat, Schedule, Subscription

MAX_SUBSCRIPTIONS = 50
MAX_BUTTONS = 20
DEFAULT_TIME = "07:30"
WEEKDAYS = "1111100"
WEEKEND = "0000011"


@dataclass(frozen=True, slots=True)
class Followed:
    """A subscription with its slot and its name."""

    row: Subscription
    schedule: Schedule | None
    label: Inline

    @property
    def id(self) -> int:
        """Its number."""
        return self.row.id or 0


async def followed(tx: Tx, chat_id: int) -> list[Followed]:
    """What a chat follows, by time of day, alerts last."""
    labels = {topic.id: compose.topic_label(topic) for topic in await clips.topics(tx)}
    found = []
    for row, schedule in await subscriptions.of_chat(tx, chat_id):
        label: Inline = row.label or row.value
        if row.kind == SubscriptionKind.TOPIC:
            label = labels.get(row.value, label)
        found.append(Followed(row, schedule, label))
    return found


def days_label(days: str) -> Inline:
    """On which days: "every day", "on weekdays", "on Monday and Friday"."""
    if days == EVERY_DAY:
        return _("every day")
    if days == WEEKDAYS:
        return _("on weekdays")
    if days == WEEKEND:
        return _("at the weekend")
    names = tuple(Weekday(index) for index, flag in enumerate(days) if flag == "1")
    return _("on {days}", days=Listing(names))


def when_label(schedule: Schedule | None) -> Inline:
    """When something comes: "every day at 07:30", or at once."""
    if schedule is None:
        return _("at once")
    return _("{days} at {time}", days=days_label(schedule.days), time=schedule.at_local)


def next_label(at: datetime, chat: Chat, now: datetime) -> Inline:
    """The next instant that a digest is due: "today, 18:00", "tomorrow, 07:30", or with its day."""
    clock = Moment(at, TimeStyle.CLOCK)
    ahead = (local_day(at, chat.timezone) - local_day(now, chat.timezone)).days
    if ahead == 0:
        return _("today, {time}", time=clock)
    if ahead == 1:
        return _("tomorrow, {time}", time=clock)
    return _("{day}, {time}", day=Moment(at, TimeStyle.DATE), time=clock)


def give_up_buttons(present: Sequence[Followed]) -> tuple[tuple[Button, ...], ...]:
    """One button below the other, each of which gives up one thing, as far as a message holds them."""
    return tuple(
        (
            Button(
                _("{what}: {when}", what=each.label, when=when_label(each.schedule)),
                Action("unsubscribe", (f"#{each.id}",)),
                anchor="➖",
            ),
        )
        for each in present[:MAX_BUTTONS]
    )


async def reschedule(tx: Tx, chat: Chat, now: datetime) -> None:
    """Bring all slots of a chat in line with its time zone."""
    for schedule in await subscriptions.schedules(tx, chat.id or 0):
        due_at = next_due(schedule.at_local, schedule.days, chat.timezone, now)
        await subscriptions.set_next_due(tx, schedule.id or 0, due_at)


async def check_room(tx: Tx, context: Context) -> None:
    """See that the chat may follow one thing more.

    Raises:
        Declined: it follows as many things as one chat may.
    """
    if len(await subscriptions.of_chat(tx, context.chat_id)) >= MAX_SUBSCRIPTIONS:
        raise Declined(_("A chat can follow {count} things; please give one up first.", count=MAX_SUBSCRIPTIONS))

"""An edition as the answer that a reader gets: headings, stories, and a closing line that counts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from handlers import compose
from handlers.reply import (
    Action,
    Block,
    Button,
    Entry,
    Heading,
    Inline,
    Listing,
    Moment,
    Paragraph,
    Quiet,
    Reply,
    Seq,
    TimeStyle,
    _,
    n_,
)
from storage import clips
from storage.clips import ClipView
from storage.database import Tx
from storage.states import SubscriptionKind
from storage.tables import EditionEntry, Source

MAX_NUMBER_BUTTONS = 8


async def of_entries(tx: Tx, entries: Sequence[EditionEntry], *, due_at: datetime) -> Reply:
    """The digest of some entries, as it is due at an instant."""
    views = {view.id: view for view in await clips.views(tx, [entry.clip_id for entry in entries])}
    entries = [entry for entry in entries if entry.clip_id in views]
    title = Heading(
        Seq((_("Your overview"), " · ", Moment(due_at, TimeStyle.DATE), ", ", Moment(due_at, TimeStyle.CLOCK)))
    )
    if not entries:
        return Reply((title, Paragraph(_("Nothing new on your topics since the last time."))))
    labels = {topic.id: compose.topic_label(topic) for topic in await clips.topics(tx)}
    blocks: list[Block] = [title]
    number = 0
    for heading, group in groupby(entries, key=lambda entry: entry.heading):
        blocks.append(Heading(heading_label(heading, labels), 2))
        for entry in group:
            number += 1
            blocks.append(_entry(views[entry.clip_id], entry, number))
    shown = [views[entry.clip_id] for entry in entries]
    blocks.append(Paragraph(Quiet(_closing(entries, [view.source for view in shown]))))
    return Reply(tuple(blocks), _buttons(shown), clips=tuple(view.id for view in shown), preview_url=_picture(shown))


def heading_label(heading: str, labels: Mapping[str, Inline]) -> Inline:
    """What stands above the stories of one wish."""
    kind, _colon, value = heading.partition(":")
    if kind == SubscriptionKind.TOPIC:
        return labels.get(value, value)
    return value or _("More news")


def _entry(view: ClipView, entry: EditionEntry, number: int) -> Entry:
    told = compose.entry(view, number=number)
    return compose.with_reason(told, _("updated")) if entry.is_update else told


def _closing(entries: Sequence[EditionEntry], sources: Sequence[Source]) -> Inline:
    headings = len({entry.heading for entry in entries})
    distinct = {source.slug: source for source in sources}
    counted = Listing(
        (
            n_("one topic", "{count} topics", headings),
            n_("one item", "{count} items", len(entries)),
            n_("one source", "{count} sources", len(distinct)),
        )
    )
    kinds = Counter(
        source.ownership for source in distinct.values() if source.ownership in compose.OWNERSHIP and not source.is_demo
    )
    if not kinds:
        return counted
    mix = Listing(tuple(Seq((str(number), " ", compose.OWNERSHIP[kind])) for kind, number in kinds.most_common()))
    return _("{counted} ({mix})", counted=counted, mix=mix)


def _buttons(shown: Sequence[ClipView]) -> tuple[tuple[Button, ...], ...]:
    numbers = compose.list_buttons(shown[:MAX_NUMBER_BUTTONS])
    last = (
        Button(_("Latest"), Action("latest"), anchor="📰"),
        Button(_("Settings"), Action("settings"), anchor="⚙️"),
    )
    return (*numbers, last)


def _picture(shown: Sequence[ClipView]) -> str:
    """The article whose preview may stand large over the digest: that of the first story with a picture."""
    return next((view.clip.url for view in shown if view.clip.image_url and view.clip.url), "")

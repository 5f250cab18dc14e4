"""An edition as the answer that a reader gets: headings, stories, and a closing line that counts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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
    Message,
    Moment,
    Paragraph,
    Quiet,
    Reply,
    TimeStyle,
    _,
    n_,
)
from storage import clips
from storage.clips import ClipView
from storage.database import Tx
from storage.states import Ownership, SubscriptionKind
from storage.tables import EditionEntry, Source

MAX_NUMBER_BUTTONS = 8
MAX_MORE_BUTTONS = 2

_COUNTED: dict[str, Callable[[int], Message]] = {
    Ownership.PUBLIC: lambda n: n_("one public broadcaster", "{count} public broadcasters", n),
    Ownership.PRIVATE: lambda n: n_("one private source", "{count} private sources", n),
    Ownership.NONPROFIT: lambda n: n_("one non-profit source", "{count} non-profit sources", n),
    Ownership.STATE_FUNDED: lambda n: n_("one state-funded source", "{count} state-funded sources", n),
    Ownership.STATE_CONTROLLED: lambda n: n_("one state-controlled source", "{count} state-controlled sources", n),
    Ownership.AGENCY: lambda n: n_("one news agency", "{count} news agencies", n),
    Ownership.INSTITUTION: lambda n: n_("one institution", "{count} institutions", n),
    Ownership.COMMUNITY: lambda n: n_("one community source", "{count} community sources", n),
}


async def of_entries(tx: Tx, entries: Sequence[EditionEntry], *, due_at: datetime) -> Reply:
    """The digest of some entries, with the day and time that it was due at; one line where there are none."""
    views = {view.id: view for view in await clips.views(tx, [entry.clip_id for entry in entries])}
    entries = [entry for entry in entries if entry.clip_id in views]
    day, clock = Moment(due_at, TimeStyle.DATE), Moment(due_at, TimeStyle.CLOCK)
    title = Heading(_("Your overview · {day}, {time}", day=day, time=clock))
    if not entries:
        return Reply((title, Paragraph(_("Nothing new on your topics since the last time."))))
    labels = await _labels(tx)
    blocks: list[Block] = [title]
    number = 0
    for heading, group in groupby(entries, key=lambda entry: entry.heading):
        blocks.append(Heading(heading_label(heading, labels), 2))
        for entry in group:
            number += 1
            blocks.append(_entry(views[entry.clip_id], entry, number))
    shown = [views[entry.clip_id] for entry in entries]
    blocks.append(Paragraph(Quiet(_closing(entries, [view.source for view in shown]))))
    return Reply(
        tuple(blocks),
        _buttons(shown, entries, labels),
        clips=tuple(view.id for view in shown),
        preview_url=_picture(shown),
    )


async def of_alert(tx: Tx, entries: Sequence[EditionEntry]) -> Reply:
    """A story that the chat wanted to hear of at once; without blocks where its clip is gone."""
    views = await clips.views(tx, [entry.clip_id for entry in entries[:1]])
    if not views:
        return Reply()
    view = views[0]
    heading = entries[0].heading
    if heading.startswith(f"{SubscriptionKind.STORY}:"):
        asked, last = _("You follow this story"), compose.unfollow_button(view)
    else:
        asked = _("You asked to hear of {what} at once", what=heading_label(heading, await _labels(tx)))
        last = compose.follow_button(view)
    return Reply(
        (compose.with_reason(compose.entry(view), asked),),
        (compose.clip_buttons(view), (last,)),
        media=compose.media(view),
        clips=(view.id,),
        preview_url=view.clip.url,
    )


async def _labels(tx: Tx) -> dict[str, Inline]:
    return {topic.id: compose.topic_label(topic) for topic in await clips.topics(tx)}


def heading_label(heading: str, labels: Mapping[str, Inline]) -> Inline:
    """What stands above the stories of one wish."""
    kind, _colon, value = heading.partition(":")
    if kind == SubscriptionKind.TOPIC:
        return labels.get(value, value)
    return value or _("The news of the day")


def _entry(view: ClipView, entry: EditionEntry, number: int) -> Entry:
    told = compose.entry(view, number=number)
    return compose.with_reason(told, _("updated")) if entry.is_update else told


def _closing(entries: Sequence[EditionEntry], sources: Sequence[Source]) -> Inline:
    distinct = {source.slug: source for source in sources}
    counted = Listing(
        (
            n_("{count} topic", "{count} topics", len({entry.heading for entry in entries})),
            n_("{count} item", "{count} items", len(entries)),
            n_("{count} source", "{count} sources", len(distinct)),
        )
    )
    kinds = Counter(source.ownership for source in distinct.values() if not source.is_demo)
    mix = tuple(_COUNTED[kind](number) for kind, number in kinds.most_common() if kind in _COUNTED)
    return _("{counted}: {mix}", counted=counted, mix=Listing(mix)) if mix else counted


def _buttons(
    shown: Sequence[ClipView], entries: Sequence[EditionEntry], labels: Mapping[str, Inline]
) -> tuple[tuple[Button, ...], ...]:
    numbers = compose.list_buttons(shown[:MAX_NUMBER_BUTTONS])
    told = Counter(entry.heading for entry in entries)
    more = tuple(
        Button(_("More on {what}", what=heading_label(heading, labels)), _more(heading))
        for heading, _count in told.most_common(MAX_MORE_BUTTONS)
        if heading.partition(":")[2]
    )
    last = (
        Button(_("Latest"), Action("latest"), anchor="📰"),
        Button(_("Settings"), Action("settings"), anchor="⚙️"),
    )
    return tuple(row for row in (*numbers, more, last) if row)


def _more(heading: str) -> Action:
    kind, _colon, value = heading.partition(":")
    return Action("search" if kind == SubscriptionKind.KEYWORD else "latest", (value,))


def _picture(shown: Sequence[ClipView]) -> str:
    """The article whose preview may stand large over the digest: that of the first story with a picture."""
    return next((view.clip.url for view in shown if view.clip.image_url and view.clip.url), "")

"""Clips and stories as the blocks of an answer: what a reader sees of a clip is decided here, once."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.arguments import to_page
from handlers.news.related import Related, Why
from handlers.reply import (
    Action,
    Block,
    Button,
    CountryName,
    Entry,
    Heading,
    Inline,
    Label,
    Link,
    Listing,
    Media,
    MediaKind,
    Message,
    Moment,
    Paragraph,
    Quiet,
    Reply,
    Seq,
    _,
    n_,
)
from storage.clips import ClipView
from storage.states import Ownership
from storage.tables import Reference, Source, Topic

# An ordinary publisher needs no label; a reader should know of the others.
OWNERSHIP: dict[str, Message] = {
    Ownership.PUBLIC: _("public broadcaster"),
    Ownership.PRIVATE: _("private"),
    Ownership.NONPROFIT: _("non-profit"),
    Ownership.STATE_FUNDED: _("state-funded"),
    Ownership.STATE_CONTROLLED: _("state-controlled"),
    Ownership.AGENCY: _("news agency"),
    Ownership.INSTITUTION: _("institution"),
    Ownership.COMMUNITY: _("community"),
}
# How much of a clip /summary shows: its two or three sentences, the long summary, or what else can be done about it.
SHORT, LONG, OPTIONS = "short", "long", "options"
MUTABLE_TOPICS = 2
_UNREMARKABLE = {Ownership.PUBLIC, Ownership.PRIVATE, Ownership.AGENCY, Ownership.UNKNOWN}


def source_label(source: Source) -> Inline:
    """The source's name, with its kind where it is no ordinary publisher, and with the state that controls it."""
    kind = OWNERSHIP.get(source.ownership)
    if kind is None or source.ownership in _UNREMARKABLE or source.is_demo:
        return source.name
    if source.ownership == Ownership.STATE_CONTROLLED and source.country:
        return Seq((source.name, " (", kind, ", ", CountryName(source.country), ")"))
    return Seq((source.name, " (", kind, ")"))


def topic_label(topic: Topic) -> Label:
    """The topic's name in the reader's language."""
    return Label(topic.labels or {"en": topic.id})


def meta(view: ClipView, *, with_number: bool = True) -> tuple[Inline, ...]:
    """Who says so, how many others do, when, how long its video is, and the clip's number."""
    parts: list[Inline] = [source_label(view.source)]
    if view.source_count > 1:
        parts.append(n_("and one more source", "and {count} more sources", view.source_count - 1))
    parts.append(Moment(view.clip.published_at))
    if view.clip.video_s:
        parts.append(f"▶ {view.clip.video_s // 60}:{view.clip.video_s % 60:02}")
    if with_number:
        parts.append(f"#{view.id}")
    return tuple(parts)


def entry(view: ClipView, *, number: int = 0, body: Inline | None = None) -> Entry:
    """A clip as one entry: headline, its short summary unless another body is given, and who says so."""
    words = view.clip.summary_short if body is None else body
    return Entry(title=view.clip.title, url=view.clip.url, body=words, meta=meta(view), number=number)


def with_reason(told: Entry, reason: Inline) -> Entry:
    """The entry with a word of why it is shown, ahead of its source."""
    return replace(told, meta=(reason, *told.meta))


def reason(found: Related) -> Inline:
    """Why a related clip is named."""
    if found.why is Why.REFERENCE:
        return _("named by the source")
    if found.why is Why.SAME_STORY:
        return _("same story")
    if found.shared:
        return _("both on {words}", words=Listing(tuple(found.shared)))
    return _("similar matter")


def entries(views: Sequence[ClipView], *, first: int = 1) -> tuple[Block, ...]:
    """Clips as a numbered list."""
    return tuple(entry(view, number=number) for number, view in enumerate(views, first))


def media(view: ClipView) -> Media | None:
    """The clip's own video or picture."""
    if view.clip.video_url:
        return Media(MediaKind.VIDEO, view.clip.video_url, view.clip.video_s)
    if view.clip.image_url:
        return Media(MediaKind.IMAGE, view.clip.image_url)
    return None


def clip_buttons(
    view: ClipView, *, without: tuple[str, ...] = (), is_long: bool = False, in_place: bool = True
) -> tuple[Button, ...]:
    """What can be done with one clip: summary, full text, related, save, options, open; `without` names what is not.

    Args:
        is_long: the summary is shown already, so that its button leads back to the short form.
        in_place: the summary takes the place of the message, where the platform can.
    """
    number = str(view.id)
    longer = Button(_("Summary"), Action("summary", (number, LONG) if in_place else (number,)), anchor="📄")
    shorter = Button(_("Shorter"), Action("summary", (number, SHORT)), anchor="📄")
    buttons = {
        "summary": shorter if is_long else longer,
        "clip": Button(_("Full text"), Action("clip", (number,)), anchor="📰"),
        "related": Button(_("Related"), Action("related", (number,)), anchor="🔗"),
        "save": Button(_("Save"), Action("save", (number,)), anchor="💾"),
        "options": Button(_("Options"), Action("summary", (number, OPTIONS)), anchor="⚙️"),
    }
    wanted = [button for name, button in buttons.items() if name not in without]
    if view.clip.url:
        wanted.append(Button(_("Open"), url=view.clip.url))
    return tuple(wanted)


def option_buttons(view: ClipView) -> tuple[tuple[Button, ...], ...]:
    """What can be done about a clip's story, source and topics, and the way back to the clip."""
    mute_topics = tuple(
        (Button(_("Leave out: {what}", what=topic_label(topic)), Action("mute", (f"topic:{topic.id}",)), anchor="🔕"),)
        for topic, _score in view.topics[:MUTABLE_TOPICS]
    )
    slug = view.source.slug
    mute_source = Button(
        _("Leave out: {what}", what=view.source.name), Action("mute", (f"source:{slug}",)), anchor="🔇"
    )
    about = Button(_("About the source"), Action("source", (slug,)), anchor="ℹ️")
    return ((follow_button(view),), (mute_source,), *mute_topics, (about, back_button(view)))


def follow_button(view: ClipView) -> Button:
    """Makes the chat hear when more is told of the clip's story."""
    return Button(_("Follow this story"), Action("follow", (str(view.id),)), anchor="🔔")


def unfollow_button(view: ClipView) -> Button:
    """Makes the chat hear no more of the clip's story."""
    return Button(_("Follow no longer"), Action("unfollow", (str(view.id),)), anchor="🔕")


def back_button(view: ClipView) -> Button:
    """Shows the clip again in place of what its button led to."""
    return Button(_("Back"), Action("summary", (str(view.id), SHORT)), anchor="↩️")


def list_buttons(
    views: Sequence[ClipView], *, turning: tuple[Button, ...] = (), first: int = 1
) -> tuple[tuple[Button, ...], ...]:
    """One button a clip, labelled with its place in the list, and below them those that turn the page."""
    numbers = tuple(
        Button(str(first + place - 1), Action("summary", (str(view.id),)), anchor=f"{place}\ufe0f\u20e3")
        for place, view in enumerate(views, 1)
    )
    rows = [numbers] if numbers else []
    if turning:
        rows.append(turning)
    return tuple(rows)


def turning(command: str, words: tuple[str, ...], page: int, *, has_more: bool) -> tuple[Button, ...]:
    """Buttons to the page before and the page behind, as far as there are such pages.

    Args:
        command: the command that shows the pages.
        words: its other arguments.
        page: the page that is shown, from 1.
    """
    buttons = []
    if page > 1:
        buttons.append(Button(_("Back"), Action(command, (*words, to_page(page - 1))), anchor="◀️"))
    if has_more:
        buttons.append(Button(_("More"), Action(command, (*words, to_page(page + 1))), anchor="▶️"))
    return tuple(buttons)


def listing(title: Block, views: Sequence[ClipView], *, turning: tuple[Button, ...] = (), first: int = 1) -> Reply:
    """An answer that lists clips under a title."""
    return Reply(
        (title, *entries(views, first=first)),
        buttons=list_buttons(views, turning=turning, first=first),
        clips=tuple(view.id for view in views),
    )


def topics_line(view: ClipView) -> tuple[Paragraph, ...]:
    """What the clip is about, as a line that stands back; nothing where that is unknown."""
    if not view.topics:
        return ()
    labels = Listing(tuple(topic_label(topic) for topic, _score in view.topics))
    return (Paragraph(Quiet(_("Topics: {topics}", topics=labels))),)


def added_by_others(told: Sequence[tuple[str, ClipView]]) -> tuple[Block, ...]:
    """Sentences of other sources as one paragraph, each with who says so; nothing where there is none."""
    if not told:
        return ()
    parts: list[Inline] = []
    for text, view in told:
        source = source_label(view.source)
        quoted = _("{sentence} [{source}, #{number}]", sentence=text, source=source, number=str(view.id))
        parts += [" ", quoted] if parts else [quoted]
    return (Heading(_("What other sources add"), 2), Paragraph(Seq(tuple(parts))))


def reference_link(row: Reference) -> Inline:
    """A "read more" link of a source, with the number of the clip that it leads to where we have it."""
    title = Link(row.title, row.url)
    return Seq((title, f" (#{row.target_id})")) if row.target_id is not None else title


def hint(words: Inline) -> Paragraph:
    """A closing line that says what can be done next."""
    return Paragraph(words)

"""/clip: a whole clip, with where it comes from and what it refers to."""

from typing import Annotated

from handlers import compose, reading, sharing
from handlers.arguments import Choice, Word
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import (
    Action,
    Block,
    Button,
    CountryName,
    Heading,
    Inline,
    Link,
    Moment,
    Paragraph,
    Points,
    Quiet,
    Quotation,
    Reply,
    Seq,
    TimeStyle,
    _,
    n_,
)
from storage import clips
from storage.clips import ClipView
from storage.tables import Source

_NOTICE_WORDS = dict.fromkeys(("notice", "hinweis", "примечание", "mention"), "notice")


@command("clip", help=_("a whole clip"), group=Group.READ, rank=5)
async def clip(
    context: Context,
    what: Annotated[str, Word(_("clip number"))] = "",
    part: Annotated[str, Choice(_("notice"), _NOTICE_WORDS)] = "",
) -> Reply:
    """Show the text of a clip, or the notice that its source repeats under it."""
    try:
        view = await reading.clip_of(context, what, "clip")
    except reading.Undecided as undecided:
        return undecided.reply
    async with context.db.read() as tx:
        references = await clips.references(tx, view.id)
        notices = await clips.notices(tx, view.id)
    if part:
        return _notice(view, notices)
    paragraphs = tuple(Paragraph(text) for text in view.clip.paragraphs or [view.clip.teaser] if text)
    blocks: list[Block] = [Heading(Link(view.clip.title, view.clip.url)), *paragraphs, *_about(view)]
    if references:
        blocks += [Heading(_("Read more"), 2), Points(tuple(compose.reference_link(row) for row in references))]
    rows: list[tuple[Button, ...]] = [compose.clip_buttons(view, without=("clip",), in_place=False)]
    more = (compose.follow_button(view), *sharing.share_buttons(context.request, view))
    if notices:
        label = n_("Notice of the source", "Notices of the source", len(notices))
        more = (Button(label, Action("clip", (str(view.id), "notice")), anchor="ℹ️"), *more)
    rows.append(more)
    return Reply(tuple(blocks), tuple(rows), compose.media(view), clips=(view.id,), preview_url=view.clip.url)


def _about(view: ClipView) -> tuple[Block, ...]:
    clip = view.clip
    told: list[Inline] = [*_publisher(view.source), Moment(clip.published_at, TimeStyle.FULL)]
    if clip.author:
        told.append(clip.author)
    if clip.revision > 1:
        told.append(_("revision {number}", number=clip.revision))
    lines: list[Inline] = []
    for part in told:
        lines += [" · ", part] if lines else [part]
    return (Paragraph(Quiet(Seq(tuple(lines)))), *compose.topics_line(view))


def _publisher(source: Source) -> tuple[Inline, ...]:
    """The source in full: with its kind whatever that is, its owner and its country."""
    kind = compose.OWNERSHIP.get(source.ownership)
    told: list[Inline] = [Seq((source.name, " (", kind, ")")) if kind is not None else source.name]
    if source.owner and source.owner != source.name:
        told.append(source.owner)
    if source.country:
        told.append(CountryName(source.country))
    return tuple(told)


def _notice(view: ClipView, notices: list[str]) -> Reply:
    if not notices:
        return Reply((Paragraph(_("The source repeats no notice under this clip.")),))
    title = _("What {source} writes under its clips:", source=view.source.name)
    return Reply((Heading(title, 2), *(Quotation(text) for text in notices)), clips=(view.id,))

"""/clip: a whole clip, with where it comes from and what it refers to."""

from typing import Annotated

from handlers import compose, reading
from handlers.arguments import Choice, Word
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import (
    Action,
    Block,
    Button,
    Heading,
    Inline,
    Link,
    Listing,
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
from storage.tables import Reference

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
        blocks += [Heading(_("More on this"), 2), Points(tuple(_reference(row) for row in references))]
    buttons = compose.clip_buttons(view)
    if notices:
        label = n_("Notice of the source", "Notices of the source", len(notices))
        buttons = (*buttons, Button(label, Action("clip", (str(view.id), "notice")), anchor="ℹ️"))
    return Reply(tuple(blocks), (buttons,), compose.media(view), clips=(view.id,), preview_url=view.clip.url)


def _about(view: ClipView) -> tuple[Block, ...]:
    clip = view.clip
    told: list[Inline] = [compose.source_label(view.source), Moment(clip.published_at, TimeStyle.FULL)]
    if clip.author:
        told.append(clip.author)
    if clip.revision > 1:
        told.append(_("revision {number}", number=clip.revision))
    lines: list[Inline] = []
    for part in told:
        lines += [" · ", part] if lines else [part]
    blocks: list[Block] = [Paragraph(Quiet(Seq(tuple(lines))))]
    if view.topics:
        labels = Listing(tuple(compose.topic_label(topic) for topic, _score in view.topics))
        blocks.append(Paragraph(Quiet(_("Topics: {topics}", topics=labels))))
    return tuple(blocks)


def _reference(row: Reference) -> Inline:
    title = Link(row.title, row.url)
    return Seq((title, f" (#{row.target_id})")) if row.target_id is not None else title


def _notice(view: ClipView, notices: list[str]) -> Reply:
    if not notices:
        return Reply((Paragraph(_("The source repeats no notice under this clip.")),))
    title = _("What {source} writes under its clips:", source=view.source.name)
    return Reply((Heading(title, 2), *(Quotation(text) for text in notices)), clips=(view.id,))

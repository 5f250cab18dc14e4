"""Which clip is meant, what a page says, and what else there is to read on a matter."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlsplit

from handlers import compose
from handlers.context import Context
from handlers.errors import Declined
from handlers.nearby import Nearby
from handlers.news import identity, related
from handlers.news.items import RawItem
from handlers.news.parse import parse
from handlers.news.related import Candidate, Related, Why
from handlers.news.story_summary import Telling, story_summary
from handlers.ports import Page, PageError
from handlers.reply import Action, Block, Button, Code, Heading, Message, Points, Reply, _
from handlers.stories import candidate
from storage import chats, clips, feeds, intake, outlines, search
from storage.clips import ClipView
from storage.database import Tx
from storage.tables import Source

_NUMBER = re.compile(r"#?(\d{1,12})")
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
SIMILAR_CANDIDATES = 40
SIMILAR_STEMS = 12
# More clips than these are not ranked to find those that are like one.
MOST_ALIKE = 10_000
SHOWN_REFERENCES = 3
LABEL_CHARACTERS = 48

PAGE_ERRORS: dict[PageError, Message] = {
    PageError.BAD_URL: _("This is not an address that I can open."),
    PageError.PRIVATE: _("This address is not on the public internet, so I do not open it."),
    PageError.UNREACHABLE: _("The server of this page cannot be reached at the moment."),
    PageError.TIMEOUT: _("The server of this page takes too long to answer."),
    PageError.TOO_LARGE: _("This page is too large for me."),
    PageError.REFUSED: _("The server of this page does not give it to me."),
    PageError.NOT_FOUND: _("There is no page at this address any more."),
}


class Undecided(Exception):
    """Several clips may be meant; carries the question for the person."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("several clips may be meant")
        self.reply = reply


async def clip_of(context: Context, what: str, command: str, *, more: tuple[str, ...] = ()) -> ClipView:
    """The clip of a number, a link, or the message that is answered.

    Args:
        command: what is done with it; where several may be meant, each one's button runs this, with `more` behind
            the clip's number.

    Raises:
        Undecided: the message shows several clips; the reply asks which.
        Declined: there is no such clip, or its page cannot be had.
    """
    number = _NUMBER.fullmatch(what.strip())
    link = _LINK.match(what.strip())
    if number:
        return await view_of(context, int(number[1]))
    if link:
        return await _clip_at(context, link[0])
    if what.strip():
        raise Declined(_("“{word}” is neither a clip number nor a link.", word=what.strip()[:60]))
    return await _clip_of_message(context, command, more)


async def view_of(context: Context, clip_id: int) -> ClipView:
    """The clip of a number.

    Raises:
        Declined: there is none.
    """
    async with context.db.read() as tx:
        found = await clips.views(tx, [clip_id]) if clip_id < 2**62 else []
    if not found:
        raise Declined(_("There is no clip #{number}.", number=str(clip_id)))
    return found[0]


async def _clip_of_message(context: Context, command: str, more: tuple[str, ...]) -> ClipView:
    replied = context.request.replied
    if replied is not None:
        async with context.db.read() as tx:
            shown = await chats.clips_of_message(tx, context.chat_id, replied.message_id)
            views = await clips.views(tx, shown)
        if len(views) == 1:
            return views[0]
        if views:
            buttons = tuple(
                (
                    Button(
                        f"{place}. {_short(view.clip.title)}",
                        Action(command, (str(view.id), *more)),
                        anchor=f"{place}\ufe0f\u20e3",
                    ),
                )
                for place, view in enumerate(views, 1)
            )
            raise Undecided(Reply((Heading(_("Which one do you mean?"), 2),), buttons))
        if replied.urls:
            return await _clip_at(context, replied.urls[0])
    raise Declined(
        _(
            "Which clip? Write its number ({example}) or a link behind the command, or reply to a message with it.",
            example=Code(f"/{command} 1"),
        )
    )


def _short(title: str) -> str:
    """A headline as far as a button shows it."""
    return title if len(title) <= LABEL_CHARACTERS else title[: LABEL_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"


async def _clip_at(context: Context, url: str) -> ClipView:
    """The clip of an address, fetched and stored where it is not known.

    Raises:
        Declined: the page cannot be had, or holds no article.
    """
    known = await _known_at(context, url)
    if known is not None:
        return await view_of(context, known)
    got = await context.services.pages.get(url)
    if not isinstance(got, Page):
        raise Declined(PAGE_ERRORS[got])
    now = context.now
    parsed = await context.services.offload(
        lambda: parse(got.content, content_type=got.content_type, url=got.url, now=now)
    )
    if parsed.feed is not None and parsed.items:
        raise Declined(
            _("This is a feed. The operator can add it as a source with {command}.", command=Code("/addsource"))
        )
    if not parsed.items:
        raise Declined(_("I found no article on this page."))
    source = await _source_of(context, parsed.items[0], got.url)
    report = await context.services.intake.take_in(parsed.items[:1], source=source, now=now)
    if not report.clip_ids:
        raise Declined(_("I found no article on this page."))
    return await view_of(context, report.clip_ids[0])


async def _known_at(context: Context, url: str) -> int | None:
    keys = [key for key in identity.keys(RawItem(title="", url=url), source_key="") if key.startswith("url:")]
    async with context.db.read() as tx:
        return next(iter((await clips.by_keys(tx, keys)).values()), None)


async def _source_of(context: Context, item: RawItem, url: str) -> Source:
    host = (urlsplit(url).hostname or "web").removeprefix("www.")
    async with context.db.write() as tx:
        return await feeds.ensure_source(
            tx,
            Source(
                slug=host[:60],
                name=(item.source or host)[:80],
                home_url=f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/",
                language=item.language,
                added_at=context.now,
            ),
        )


async def related_clips(
    tx: Tx, clip_id: int, limit: int = 5, *, nearby: Nearby | None = None, least: float = related.SHOWN
) -> list[Related]:
    """What else to read: the clip's own references, then its story, then clips on the same matter.

    Args:
        nearby: finds clips by meaning, in other languages too.
        least: how alike clips of other stories have to be.
    """
    clip = await clips.get(tx, clip_id)
    if clip is None:
        return []
    found: dict[int, Related] = {}
    for reference in await clips.references(tx, clip_id):
        if reference.target_id is not None and reference.target_id != clip_id:
            found.setdefault(reference.target_id, Related(reference.target_id, 1.0, Why.REFERENCE))
    target = candidate(clip, clip.story_id)
    if clip.story_id is not None:
        told = [each for each in await clips.of_story(tx, clip.story_id) if each != clip_id]
        rows = [candidate(each, each.story_id) for each in await outlines.outlines(tx, told)]
        for other in related.likest_first(target, rows):
            found.setdefault(other, Related(other, 1.0, Why.SAME_STORY))
    if len(found) < limit:
        for each in await _similar(tx, target, found.keys(), limit, nearby, least):
            found.setdefault(each.clip_id, each)
    return list(found.values())[:limit]


async def _similar(
    tx: Tx, target: Candidate, known: Collection[int], limit: int, nearby: Nearby | None, least: float
) -> list[Related]:
    counts = await intake.term_counts(tx, {"", *target.terms})
    total = counts.get("", 0) + 1

    def tells(stem: str) -> float:
        return target.terms[stem] * math.log(1 + total / (counts.get(stem, 0) + 1))

    heavy = _few(sorted(target.terms, key=lambda stem: (-tells(stem), stem))[:SIMILAR_STEMS], counts)
    near = await nearby.of(tx, target.clip_id, SIMILAR_CANDIDATES) if nearby is not None else {}
    alike = await search.similar(tx, heavy, since=None, limit=SIMILAR_CANDIDATES)
    wanted = [each for each in dict.fromkeys((*alike, *near)) if each != target.clip_id and each not in known]
    others = await outlines.outlines(tx, wanted)
    counts |= await intake.term_counts(tx, {stem for outline in others for stem in outline.terms} - counts.keys())
    return related.rank(
        target,
        [candidate(outline, outline.story_id) for outline in others],
        document_counts=counts,
        documents=max(1, total - 1),
        limit=limit,
        near=near,
        least=least,
    )


def _few(stems: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """The stems that tell most, as far as few enough clips have them: all that have any are ranked."""
    kept: list[str] = []
    room = MOST_ALIKE
    for stem in stems:
        if counts.get(stem, 0) <= room:
            kept.append(stem)
            room -= counts.get(stem, 0)
    return kept or sorted(stems, key=lambda stem: counts.get(stem, 0))[:1]


async def card(context: Context, view: ClipView, form: str = "") -> Reply:
    """One clip as a message, with what can be done with it.

    Args:
        form: its long summary with topics and references by default; `compose.SHORT` for the short one,
            `compose.OPTIONS` for that with buttons about its source and topics. A button that names a form changes
            its message.
    """
    is_long = form not in {compose.SHORT, compose.OPTIONS}
    blocks = await _told_at_length(context, view) if is_long else (compose.entry(view),)
    has_options = form == compose.OPTIONS
    return Reply(
        blocks,
        buttons=compose.option_buttons(view) if has_options else (compose.clip_buttons(view, is_long=is_long),),
        media=compose.media(view),
        clips=(view.id,),
        preview_url=view.clip.url,
        edits=bool(form) and context.request.action is not None,
    )


async def _told_at_length(context: Context, view: ClipView) -> tuple[Block, ...]:
    async with context.db.read() as tx:
        references = await clips.references(tx, view.id)
        others = await _told_by_others(tx, view)
    summary = view.clip.summary_long or view.clip.summary_short or view.clip.teaser
    body = summary or _("This clip has no text to sum up.")
    blocks: tuple[Block, ...] = (compose.entry(view, body=body), *others, *compose.topics_line(view))
    if references:
        links = tuple(compose.reference_link(row) for row in references[:SHOWN_REFERENCES])
        blocks += (Heading(_("Read more"), 2), Points(links))
    return blocks


async def _told_by_others(tx: Tx, view: ClipView) -> tuple[Block, ...]:
    """What other sources of the clip's story add to it, each sentence with its source."""
    story_id = view.clip.story_id
    if story_id is None or view.source_count < 2:
        return ()
    others = await clips.views(tx, [clip_id for clip_id in await clips.of_story(tx, story_id) if clip_id != view.id])
    told = story_summary([_telling(each) for each in (view, *others)])
    by_id = {each.id: each for each in others}
    added = [(text, by_id[clip_id]) for text, clip_id in told if clip_id in by_id]
    return compose.added_by_others(added)


def _telling(view: ClipView) -> Telling:
    clip = view.clip
    return Telling(view.id, clip.source_id, clip.title, tuple(clip.paragraphs), clip.language)

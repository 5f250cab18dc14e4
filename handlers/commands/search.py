"""/search: clips that contain some words, in any of their forms."""

from collections.abc import Sequence
from typing import Annotated

from handlers import arguments, compose
from handlers.arguments import Page, Rest
from handlers.context import Context
from handlers.news import query, snippet
from handlers.registry import Group, command
from handlers.reply import Action, Block, Button, Code, Heading, Paragraph, Points, Quiet, Reply, _
from handlers.request import Request
from handlers.searching import Found, Search, meaning_of
from storage import clips
from storage.clips import ClipView

PER_PAGE = 5


@command("search", help=_("clips with these words"), group=Group.READ, rank=6, aliases=("find",))
async def search(
    context: Context,
    words: Annotated[str, Rest(_("words"))] = "",
    page: Annotated[int, Page(_("page"))] = 0,
) -> Reply:
    """Search all clips; operators narrow it (topic:energie source:dw lang:de since:7d), a minus leaves words out."""
    words, number = _as_typed(context.request, words), max(page, 1)
    wanted = query.read(words, now=context.now)
    if wanted.says_nothing:
        return Reply((Heading(_("What shall I look for?")), *_hints()))
    meaning = await meaning_of(context.services, words)
    engine = Search(context.services.desk, context.chat.language, context.now, meaning)
    async with context.db.read() as tx:
        start = (number - 1) * PER_PAGE
        found = await engine.find(tx, wanted, limit=PER_PAGE, offset=start, may_loosen=True)
        views = await clips.views(tx, found.clip_ids)
    shown = " ".join(words.split())[:60]
    if not views and number > 1:
        return Reply((Paragraph(_("That was all.")),))
    follow = Button(_("Subscribe"), Action("subscribe", (words,)), anchor="➕")
    if not views:
        return Reply((Heading(_("I found nothing for “{words}”.", words=shown)), *_hints()), ((follow,),))
    blocks: list[Block] = [Heading(_("Search: {words}", words=shown)), *_remark(found, views)]
    for place, view in enumerate(views, start + 1):
        clip = view.clip
        answer = snippet.passage(clip.summary_short, clip.paragraphs, found.groups, clip.language)
        blocks.append(compose.entry(view, number=place, body=answer))
    turning = compose.turning("search", (words,), number, has_more=found.has_more)
    if not (found.instead or found.is_loose):
        turning += (follow,)
    buttons = compose.list_buttons(views, turning=turning, first=start + 1)
    return Reply(tuple(blocks), buttons, clips=found.clip_ids, edits=page > 0)


def _as_typed(request: Request, words: str) -> str:
    """The words with the quotation marks that reading the arguments has taken off; they make phrases here."""
    typed = request.text.strip()[: arguments.MAX_INPUT_CHARACTERS]
    for candidate in (typed, *typed.split(maxsplit=1)[1:]):
        if " ".join(arguments.words(candidate)) == words:
            return candidate
    return words


def _remark(found: Found, views: Sequence[ClipView]) -> tuple[Block, ...]:
    """What the reader should know of how the clips were found."""
    if found.instead:
        texts = [(" ".join((view.clip.title, *view.clip.paragraphs)), view.clip.language) for view in views]
        better = snippet.spellings(found.instead, texts)
        return (Paragraph(Quiet(_("Nothing for these words; this is for “{words}”.", words=better))),)
    if found.is_loose:
        return (Paragraph(Quiet(_("No clip has all these words; these come closest."))),)
    return ()


def _hints() -> tuple[Block, ...]:
    return (
        Paragraph(_("This is how a search can look:")),
        Points(
            (
                Code("/search kernkraft"),
                Code('/search "künstliche Intelligenz" -Nobelpreis'),
                Code("/search netzausbau topic:energie since:7d"),
            )
        ),
    )

"""/search: clips that contain some words, in any of their forms."""

from typing import Annotated

from handlers import compose
from handlers.arguments import Page, Rest, to_page
from handlers.context import Context
from handlers.news import query
from handlers.registry import Group, command
from handlers.reply import Action, Block, Code, Heading, Paragraph, Points, Quiet, Reply, _
from handlers.searching import Search
from storage import clips

PER_PAGE = 5


@command("search", help=_("clips with these words"), group=Group.READ, rank=6, aliases=("find",))
async def search(
    context: Context,
    words: Annotated[str, Rest(_("words"))] = "",
    page: Annotated[int, Page(_("page"))] = 1,
) -> Reply:
    """Search all clips; operators narrow it (topic:energie source:dw lang:de since:7d), a minus leaves words out."""
    if not words.strip():
        return Reply((Heading(_("What shall I look for?")), *_hints()))
    wanted = query.read(words, now=context.now)
    engine = Search(context.services.desk, context.chat.language, context.now)
    async with context.db.read() as tx:
        found = await engine.find(tx, wanted, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
        views = await clips.views(tx, found.clip_ids)
    shown = words.strip()[:60]
    if not views:
        nothing = _("I found nothing for “{words}”.", words=shown)
        return Reply((Heading(nothing), *_hints())) if page == 1 else Reply((Paragraph(_("That was all.")),))
    blocks: list[Block] = [Heading(_("Search: {words}", words=shown))]
    if found.instead:
        better = " ".join(found.instead)
        blocks.append(Paragraph(Quiet(_("Nothing for these words; this is for “{words}”.", words=better))))
    first = (page - 1) * PER_PAGE + 1
    blocks += compose.entries(views, first=first)
    more = Action("search", (words, to_page(page + 1))) if found.has_more else None
    return Reply(tuple(blocks), compose.list_buttons(views, more=more, first=first), clips=found.clip_ids)


def _hints() -> tuple[Block, ...]:
    return (
        Paragraph(_("This is how a search can look:")),
        Points(
            (
                Code("/search kernkraft"),
                Code('/search "kleine Reaktoren" -Frankreich'),
                Code("/search netzausbau topic:energie since:7d"),
            )
        ),
    )

"""/addsource: a feed, by its address or by a page that names it."""

from typing import Annotated

from handlers import questions, sourcing
from handlers.arguments import Word
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import (
    Action,
    Block,
    Button,
    Code,
    Entry,
    Heading,
    Inline,
    LanguageName,
    Link,
    Moment,
    Pairs,
    Paragraph,
    Reply,
    _,
)
from handlers.sourcing import Found

SUBJECT = "addsource"
_ANSWERS = frozenset({"yes", "no"})


@command(SUBJECT, help=_("read a new feed"), group=Group.ADMIN, right=Right.OPERATOR, rank=0, in_menu=False)
async def addsource(
    context: Context,
    url: Annotated[str, Word(_("address"))] = "",
    token: Annotated[str, Word(_("confirmation"))] = "",
) -> Reply:
    """Find the feed at an address, show what it brings, and ask before it is kept."""
    if context.request.action is not None and url in _ANSWERS:
        return await _decide(context, url, token)
    if not url:
        example = Code("/addsource https://www.example.org/feed.xml")
        raise Declined(
            _("Which feed? Give me its address, or that of a page that leads to it: {example}", example=example)
        )
    found = await sourcing.discover(context.services, url, context.now)
    async with context.db.write() as tx:
        asked = await questions.ask(tx, context, SUBJECT, found.url)
    buttons = (
        Button(_("Yes, read it"), Action(SUBJECT, ("yes", asked)), anchor="✅"),
        Button(_("No"), Action(SUBJECT, ("no", asked)), anchor="✖️"),
    )
    return Reply((*_preview(found), Paragraph(_("Shall I read this feed from now on?"))), (buttons,))


def _preview(found: Found) -> tuple[Block, ...]:
    facts = found.parsed.feed
    rows: list[tuple[Inline, Inline]] = [(_("Feed"), Code(found.url))]
    if facts is not None and facts.home_url:
        rows.append((_("Page"), Link(sourcing.host_of(facts.home_url) or facts.home_url, facts.home_url)))
    if found.language:
        rows.append((_("Language"), LanguageName(found.language)))
    rows.append((_("Items now"), _("{count}", count=len(found.parsed.items))))
    blocks: list[Block] = [Heading(found.name), Pairs(tuple(rows))]
    newest = found.newest
    if newest is not None:
        told = newest.teaser or next(iter(newest.paragraphs), "")
        meta = (Moment(newest.published_at),) if newest.published_at else ()
        blocks += [Heading(_("Newest item"), 2), Entry(newest.title, newest.url, _shortened(told), meta)]
    return tuple(blocks)


def _shortened(text: str, limit: int = 200) -> str:
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0].rstrip(",;:–- ") + " …"


async def _decide(context: Context, answer: str, token: str) -> Reply:
    async with context.db.write() as tx:
        url = await questions.recall(tx, context, SUBJECT, token)
        if answer == "no":
            await questions.close(tx, context, SUBJECT)
    if answer == "no":
        return Reply((Paragraph(_("The feed is not added.")),), edits=True)
    # Asked again rather than remembered: the person may have taken a day to decide. A failure leaves the question open.
    found = await sourcing.discover(context.services, url, context.now)
    source = await sourcing.keep(context.services, found, now=context.now)
    async with context.db.write() as tx:
        await questions.close(tx, context, SUBJECT)
    told = _(
        "{source} is read from now on. {command} shows it.", source=source.name, command=Code(f"/source {source.slug}")
    )
    return Reply((Paragraph(told),), edits=True)

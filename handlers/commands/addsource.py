"""/addsource: a feed, by its address or by a page that names it."""

import hashlib
from typing import Annotated

from handlers import sourcing
from handlers.arguments import Word
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Action, Block, Button, Code, Entry, Heading, Moment, Paragraph, Reply, _, n_
from storage import facts


@command("addsource", help=_("a new feed"), group=Group.ADMIN, right=Right.OPERATOR, rank=0, in_menu=False)
async def addsource(
    context: Context,
    url: Annotated[str, Word(_("address"))] = "",
    token: Annotated[str, Word(_("confirmation"))] = "",
) -> Reply:
    """Find the feed at an address, show what it brings, and ask before it is kept."""
    if not url:
        raise Declined(_("Which feed? {example}", example=Code("/addsource https://www.example.org/feed.xml")))
    if url in {"yes", "no"}:
        return await _decide(context, url, token)
    found = await sourcing.discover(context.services, url, context.now)
    key = hashlib.sha256(found.url.encode()).hexdigest()[:12]
    async with context.db.write() as tx:
        await facts.put(tx, _fact(context, key), found.url)
    items = found.parsed.items
    blocks: list[Block] = [
        Heading(found.name),
        Paragraph(n_("It has one item now.", "It has {count} items now.", len(items))),
    ]
    if items:
        newest = max(items, key=lambda item: (item.published_at is not None, item.published_at or context.now))
        meta = (Moment(newest.published_at),) if newest.published_at else ()
        blocks.append(Entry(newest.title, newest.url, meta=meta))
    blocks.append(Paragraph(_("Shall I read this feed from now on?")))
    buttons = (
        Button(_("Yes"), Action("addsource", ("yes", key)), anchor="✅"),
        Button(_("No"), Action("addsource", ("no", key)), anchor="✖️"),
    )
    return Reply(tuple(blocks), (buttons,))


def _fact(context: Context, key: str) -> str:
    return f"addsource:{context.chat_id}:{key}"


async def _decide(context: Context, answer: str, key: str) -> Reply:
    async with context.db.write() as tx:
        url = await facts.get(tx, _fact(context, key))
        await facts.drop(tx, _fact(context, key))
    if not url:
        raise Declined(_("This question was answered already."))
    if answer == "no":
        return Reply((Paragraph(_("It is not added.")),), edits=True)
    found = await sourcing.discover(context.services, url, context.now)
    source = await sourcing.keep(context.services, found, now=context.now)
    told = _(
        "{source} is read from now on. {command} shows it.", source=source.name, command=Code(f"/source {source.slug}")
    )
    return Reply((Paragraph(told),), edits=True)

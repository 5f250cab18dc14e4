"""/unsubscribe: give something up that the chat follows."""

from typing import Annotated

from handlers import subscribing
from handlers.arguments import Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.lookup import find_wish
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Heading, Listing, Paragraph, Reply, _
from handlers.subscribing import Followed
from storage import subscriptions
from storage.database import Tx

_ALL = frozenset({"all", "alles", "alle", "всё", "все", "tout"})


@command("unsubscribe", help=_("give something up"), group=Group.DIGEST, right=Right.MANAGER, rank=4)
async def unsubscribe(context: Context, what: Annotated[str, Rest(_("topic, source, keyword or all"))] = "") -> Reply:
    """Give up what is named, its place in the list, everything ("all"), or ask with buttons."""
    async with context.db.write() as tx:
        present = await subscribing.followed(tx, context.chat_id)
        if not present:
            return Reply((Paragraph(_("You follow nothing at the moment.")),))
        if not what.strip():
            return Reply((Heading(_("What shall no longer come?")),), subscribing.give_up_buttons(present))
        chosen = present if what.strip().casefold() in _ALL else await _meant(tx, what.strip(), present)
        if not chosen:
            raise Declined(_("You do not follow “{name}”.", name=what.strip()[:60]))
        await subscriptions.remove(tx, context.chat_id, [each.id for each in chosen])
    gone = Listing(tuple({(each.row.kind, each.row.value): each.label for each in chosen}.values()))
    title = _("{what} comes no longer.", what=gone)
    left = Button(_("My digests"), Action("subscriptions"), anchor="🕢")
    return Reply((Paragraph(title),), ((left,),), toast=_("Given up"))


async def _meant(tx: Tx, what: str, present: list[Followed]) -> list[Followed]:
    if what.startswith("#") and what[1:].isdecimal():
        return [each for each in present if str(each.id) == what[1:]]
    wish = await find_wish(tx, what)
    named = [each for each in present if each.row.kind == wish.kind and each.row.value == wish.value]
    folded = what.casefold()
    named = named or [each for each in present if folded in (each.row.value.casefold(), each.row.label.casefold())]
    return named or [each for place, each in enumerate(present, 1) if what == str(place)]

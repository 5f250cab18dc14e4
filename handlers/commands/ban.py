"""/ban: a chat that the operator does not want to serve."""

from typing import Annotated

from handlers.arguments import Choice, Word
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Code, Paragraph, Reply, _
from storage import chat_moves
from storage.states import Platform

_EXAMPLE = Code("/ban telegram:123456")


@command("ban", help=_("answer a chat no longer"), group=Group.ADMIN, right=Right.OPERATOR, rank=6, in_menu=False)
async def ban(
    context: Context,
    chat: Annotated[str, Word(_("chat"))] = "",
    off: Annotated[str, Choice(_("off"), {"off": "off", "aus": "off"})] = "",
) -> Reply:
    """Write to a chat and answer it no longer, in none of its threads; "off" lifts that, and nothing was lost."""
    platform, _colon, native_id = chat.partition(":")
    if platform not in set(Platform) or not native_id:
        raise Declined(_("Which chat? Write it like this: {example}", example=_EXAMPLE))
    if (platform, native_id) == (context.request.chat.platform, context.request.chat.native_id):
        raise Declined(_("This is the chat that you write from."))
    async with context.db.write() as tx:
        found = await (chat_moves.unban if off else chat_moves.ban)(tx, platform, native_id)
    if not found:
        raise Declined(_("I know no chat {name}.", name=Code(chat[:60])))
    if off:
        return Reply((Paragraph(_("{chat} is answered again.", chat=Code(chat))),))
    lift = Code(f"/ban {chat} off")
    return Reply((Paragraph(_("{chat} is answered no longer; {command} lifts that.", chat=Code(chat), command=lift)),))

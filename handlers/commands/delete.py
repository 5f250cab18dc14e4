"""/delete: nothing about the chat is left."""

from typing import Annotated

from handlers.arguments import Choice
from handlers.context import Context
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Heading, Paragraph, Reply, _
from storage import chats


@command("delete", help=_("erase everything about you"), group=Group.PRIVACY, right=Right.MANAGER, rank=2)
async def delete(context: Context, sure: Annotated[str, Choice(_("yes"), {"!yes": "yes"})] = "") -> Reply:
    """Ask, and then erase the chat with all that hangs on it."""
    if not sure:
        button = Button(_("Yes, erase it"), Action("delete", ("!yes",)), anchor="🗑")
        asked = _("Settings, subscriptions, saved clips and the memory of your digests will be gone.")
        return Reply((Heading(_("Erase everything?")), Paragraph(asked)), ((button,),))
    async with context.db.write() as tx:
        await chats.delete_chat(tx, context.chat_id)
    told = _("Everything about this chat is erased. {command} begins anew.", command=Code("/start"))
    return Reply((Paragraph(told),), edits=True)

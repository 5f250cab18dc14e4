"""/delete: nothing about the chat is left."""

from typing import Annotated

from handlers.arguments import Choice
from handlers.context import Context
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Heading, Paragraph, Points, Reply, _
from storage import privacy

_ANSWERS = {"yes": "yes", "ja": "yes", "no": "no", "nein": "no"}


@command("delete", help=_("erase everything about this chat"), group=Group.PRIVACY, right=Right.MANAGER, rank=2)
async def delete(context: Context, answer: Annotated[str, Choice(_("yes or no"), _ANSWERS)] = "") -> Reply:
    """Ask, and then erase the chat with all that hangs on it."""
    if answer == "no":
        return Reply((Paragraph(_("Everything stays as it is.")),), edits=True)
    if not answer:
        return _question()
    async with context.db.write() as tx:
        await privacy.forget(tx, context.chat_id)
    # No clips in this answer: nothing may be remembered of a chat that is no longer there.
    told = _("Everything about this chat is erased, and nothing more will come.")
    again = _("If you write to me again, we begin anew: {command}.", command=Code("/start"))
    return Reply((Paragraph(told), Paragraph(again)), edits=True)


def _question() -> Reply:
    lost = (
        _("language, time zone and all settings"),
        _("subscriptions and their times"),
        _("saved clips, and what you left out"),
        _("the memory of what you were sent"),
    )
    hint = _("{command} gives you a copy first. Erasing cannot be undone.", command=Code("/export"))
    buttons = (
        Button(_("Yes, erase it"), Action("delete", ("yes",)), anchor="🗑"),
        Button(_("No"), Action("delete", ("no",)), anchor="✖️"),
    )
    return Reply((Heading(_("Erase everything about this chat?")), Points(lost), Paragraph(hint)), (buttons,))

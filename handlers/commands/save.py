"""/save: keep a clip, or let it go again."""

from typing import Annotated

from handlers import reading
from handlers.arguments import Choice, Word
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import Action, Button, Code, Paragraph, Quiet, Reply, _
from storage import chats

_OFF = dict.fromkeys(("off", "remove", "weg", "entfernen", "удалить", "retirer"), "off")


@command("save", help=_("keep a clip for later"), group=Group.KEEP, rank=1)
async def save(
    context: Context,
    what: Annotated[str, Word(_("clip number"))] = "",
    remove: Annotated[str, Choice(_("off"), _OFF)] = "",
) -> Reply:
    """Bookmark the clip of a number or of the message that is answered."""
    try:
        view = await reading.clip_of(context, what, "save")
    except reading.Undecided as undecided:
        return undecided.reply
    async with context.db.write() as tx:
        if remove:
            await chats.unsave_clip(tx, context.chat_id, view.id)
        else:
            await chats.save_clip(tx, context.chat_id, view.id, context.now)
    if remove:
        told = _("No longer saved: {title}", title=view.clip.title)
        return Reply((Paragraph(told),), toast=_("No longer saved"), clips=(view.id,))
    told = _("Saved: {title}", title=view.clip.title)
    how = Quiet(_("{command} shows all that you saved.", command=Code("/saved")))
    undo = Button(_("Remove"), Action("save", (str(view.id), "off")), anchor="↩️")
    return Reply((Paragraph(told), Paragraph(how)), ((undo,),), toast=_("Saved"), clips=(view.id,))

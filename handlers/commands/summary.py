"""/summary: what a clip or a page says, in a few of its own sentences."""

from dataclasses import replace
from typing import Annotated

from handlers import compose, reading, writing
from handlers.arguments import Choice, Rest
from handlers.context import Context
from handlers.registry import Group, command
from handlers.reply import Entry, Reply, _
from handlers.writing import Written

_FORMS = {
    **dict.fromkeys((compose.SHORT, "kurz", "court", "кратко"), compose.SHORT),
    **dict.fromkeys((compose.LONG, "lang", "détaillé", "подробно"), compose.LONG),
    compose.OPTIONS: compose.OPTIONS,
}


@command("summary", help=_("what a clip or a link says, in short"), group=Group.READ, rank=3)
async def summary(
    context: Context,
    what: Annotated[str, Rest(_("clip number or link"))] = "",
    form: Annotated[str, Choice(_("short"), _FORMS)] = "",
) -> Reply:
    """Sum up the clip of a number, a link, or the message that is answered."""
    try:
        view = await reading.clip_of(context, what, "summary")
    except reading.Undecided as undecided:
        return undecided.reply
    reply = await reading.card(context, view, form)
    written = await writing.written_summary(context, view) if form in {"", compose.LONG} else None
    return _as_written(reply, written) if written is not None else reply


def _as_written(reply: Reply, written: Written) -> Reply:
    """The answer with a model's words in place of the clip's own sentences, and with a label that says so."""
    label = _("written by a language model ({model})", model=written.model)
    blocks = [
        compose.with_reason(replace(block, body=written.text), label) if isinstance(block, Entry) else block
        for block in reply.blocks
    ]
    return replace(reply, blocks=tuple(blocks))

"""/broadcast: a word to every private chat, through the ledger."""

from typing import Annotated

from handlers import broadcast as words
from handlers import questions
from handlers.arguments import Rest
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, Paragraph, Reply, _, n_
from storage import chats

SUBJECT = "broadcast"
_ANSWERS = frozenset({"yes", "no"})


@command(SUBJECT, help=_("write to everybody"), group=Group.ADMIN, right=Right.OPERATOR, rank=5, in_menu=False)
async def broadcast(context: Context, text: Annotated[str, Rest(_("text"))] = "") -> Reply:
    """Show what would be sent and to how many, and ask before it is owed to them."""
    answer, _space, token = text.partition(" ")
    if context.request.action is not None and answer in _ANSWERS:
        return await _decide(context, answer, token)
    text = _as_written(context, text)
    if not text:
        example = Code("/broadcast …")
        raise Declined(
            _("What shall I write to everybody? Put the words behind the command: {example}", example=example)
        )
    if len(text) > words.MAX_CHARS:
        raise Declined(_("A word to everybody may have up to {count} characters.", count=words.MAX_CHARS))
    async with context.db.write() as tx:
        present = await chats.to_broadcast(tx)
        asked = await questions.ask(tx, context, SUBJECT, text)
    buttons = (
        Button(_("Yes, send it"), Action(SUBJECT, ("yes", asked)), anchor="✅"),
        Button(_("No"), Action(SUBJECT, ("no", asked)), anchor="✖️"),
    )
    question = n_(
        "Shall I send this to the one private chat that I can write to?",
        "Shall I send this to all {count} private chats that I can write to?",
        len(present),
    )
    return Reply((*words.reply_of(words.body_of(text)).blocks, Paragraph(question)), (buttons,))


def _as_written(context: Context, text: str) -> str:
    """The text with its line breaks and quotation marks, which no argument keeps."""
    typed = context.request.text.split(maxsplit=1)
    return typed[1].strip() if len(typed) == 2 else text.strip()


async def _decide(context: Context, answer: str, token: str) -> Reply:
    async with context.db.write() as tx:
        text = await questions.recall(tx, context, SUBJECT, token)
        if answer == "no":
            await questions.close(tx, context, SUBJECT)
    if answer == "no":
        return Reply((Paragraph(_("Nothing is sent.")),), edits=True)
    number = await words.send(context, text, token)
    # Closed at the end: if sending stops halfway, a second press goes on and repeats nothing.
    async with context.db.write() as tx:
        await questions.close(tx, context, SUBJECT)
    told = n_("It is on its way to one chat.", "It is on its way to {count} chats.", number)
    return Reply((Paragraph(told),), edits=True)

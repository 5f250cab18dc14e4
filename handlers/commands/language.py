"""/language: the language that the bot speaks in a chat."""

from typing import Annotated

from handlers.arguments import Word
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Heading, LanguageName, Listing, Paragraph, Reply, _
from storage import chats

# What people call the languages in their own.
_NAMES = {
    "deutsch": "de", "german": "de", "allemand": "de", "немецкий": "de",
    "english": "en", "englisch": "en", "anglais": "en", "английский": "en",
    "русский": "ru", "russian": "ru", "russisch": "ru", "russe": "ru",
    "français": "fr", "francais": "fr", "french": "fr", "französisch": "fr", "французский": "fr",
}  # fmt: skip


@command(
    "language", help=_("the language I speak"), group=Group.SETTINGS, right=Right.MANAGER, rank=1, aliases=("lang",)
)
async def language(context: Context, name: Annotated[str, Word(_("language"))] = "") -> Reply:
    """Show the languages, or change to one of them."""
    spoken = tuple(context.services.desk.languages)
    buttons = tuple(Button(LanguageName(code), Action("language", (code,))) for code in spoken)
    if not name:
        current = _("I speak {language} here.", language=LanguageName(context.chat.language))
        return Reply((Heading(current),), (buttons,))
    code = _NAMES.get(name.casefold(), name.casefold().replace("_", "-").split("-")[0])
    if code not in spoken:
        known = Listing(tuple(LanguageName(each) for each in spoken))
        raise Declined(_("I do not speak “{name}”. I speak {known}.", name=name[:40], known=known))
    async with context.db.write() as tx:
        await chats.change(tx, context.chat_id, language=code)
    context.chat.language = code
    return Reply((Paragraph(_("From now on I speak {language} here.", language=LanguageName(code))),))

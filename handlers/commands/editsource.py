"""/editsource: pauses a source, says whether its articles are read, and sets its labels."""

from typing import Annotated

from handlers import compose, labelling
from handlers.arguments import Rest, Word
from handlers.context import Context
from handlers.errors import Declined
from handlers.registry import Group, Right, command
from handlers.reply import Action, Button, Code, CountryName, Heading, Inline, LanguageName, Pairs, Paragraph, Reply, _
from storage.tables import Source

NAME = "editsource"
_EXAMPLE = Code("/editsource dw country DE")


@command(NAME, help=_("pause or label a source"), group=Group.ADMIN, right=Right.OPERATOR, rank=1, in_menu=False)
async def editsource(
    context: Context,
    name: Annotated[str, Word(_("source"))] = "",
    setting: Annotated[str, Word(_("setting"))] = "",
    value: Annotated[str, Rest(_("value"))] = "",
) -> Reply:
    """Show what is set of a source, or set one thing of it."""
    if not name:
        raise Declined(_("Which source? Write it like this: {example}", example=_EXAMPLE))
    values = labelling.read_setting(setting, value) if setting else {}
    async with context.db.write() if values else context.db.read() as tx:
        return _shown(await labelling.change(tx, name, values))


def _shown(source: Source) -> Reply:
    none = _("not given")
    rows: tuple[tuple[Inline, Inline], ...] = (
        (_("State"), _("paused") if source.is_paused else _("is read")),
        (_("Articles"), _("read where the feed only teases") if source.wants_full_text else _("not read")),
        (_("Language"), LanguageName(source.language) if source.language else none),
        (_("Country"), CountryName(source.country) if source.country else none),
        (_("Owner"), source.owner or none),
        (_("Kind"), compose.OWNERSHIP.get(source.ownership, _("not documented"))),
        (_("Documented at"), source.ownership_url or none),
    )
    pause = (
        Button(_("Read again"), Action(NAME, (source.slug, "pause", "off")), anchor="▶️")
        if source.is_paused
        else Button(_("Pause"), Action(NAME, (source.slug, "pause", "on")), anchor="⏸")
    )
    articles = (
        Button(_("Teasers only"), Action(NAME, (source.slug, "fulltext", "off")), anchor="📄")
        if source.wants_full_text
        else Button(_("Read articles"), Action(NAME, (source.slug, "fulltext", "on")), anchor="📄")
    )
    how = Paragraph(_("Anything else is set like this: {example}", example=Code(f"/{NAME} {source.slug} country DE")))
    return Reply((Heading(source.name), Pairs(rows), how), ((pause, articles),), edits=True)

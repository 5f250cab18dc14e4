"""/settings: what a chat can choose, as a menu that changes in place."""

from typing import Annotated

from handlers import zones
from handlers.arguments import Word
from handlers.choosing import choose
from handlers.context import Context
from handlers.errors import Declined
from handlers.options import Option, offered_on, value_of
from handlers.registry import Group, Right, command
from handlers.reply import (
    Action,
    Block,
    Button,
    Code,
    Heading,
    Inline,
    LanguageName,
    Listing,
    Pairs,
    Paragraph,
    Quiet,
    Reply,
    _,
)


@command("settings", help=_("language, time, length and more"), group=Group.SETTINGS, right=Right.MANAGER, rank=0)
async def settings(
    context: Context,
    key: Annotated[str, Word(_("setting"))] = "",
    value: Annotated[str, Word(_("value"))] = "",
) -> Reply:
    """Show the menu, one setting, or change it."""
    if not key:
        return _menu(context)
    offered = offered_on(context.chat.platform)
    option = offered.get(key.casefold())
    if option is None:
        known = Listing(tuple(Code(each) for each in offered))
        raise Declined(_("There is no setting “{name}”; there are {known}.", name=key[:40], known=known))
    if not value:
        return _one(context, option)
    await choose(context, option, value.casefold())
    return _menu(context)


def _menu(context: Context) -> Reply:
    chat = context.chat
    offered = tuple(offered_on(chat.platform).values())
    rows: list[tuple[Inline, Inline]] = [
        (_("Language"), LanguageName(chat.language)),
        (_("Time zone"), zones.label(chat.timezone)),
    ]
    rows += [(option.title, _value(context, option)) for option in offered]
    buttons = [Button(option.title, Action("settings", (option.key,))) for option in offered]
    more = (
        Button(_("Language"), Action("language")),
        Button(_("Time zone"), Action("timezone")),
        Button(_("My digests"), Action("subscriptions")),
    )
    pairs = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    return Reply((Heading(_("Settings")), Pairs(tuple(rows))), (*pairs, more), edits=True)


def _value(context: Context, option: Option) -> Inline:
    value = value_of(context.chat.options, option)
    return option.values.get(value, value)


def _one(context: Context, option: Option) -> Reply:
    now = value_of(context.chat.options, option)
    buttons = tuple(
        Button(_("{value} (chosen)", value=label) if value == now else label, Action("settings", (option.key, value)))
        for value, label in option.values.items()
    )
    blocks: list[Block] = [Heading(option.title), Paragraph(_("At the moment: {value}", value=_value(context, option)))]
    if option.pattern:
        blocks.append(
            Paragraph(Quiet(_("Or write it like this: {example}", example=Code(f"/{option.key} 22:00-07:00"))))
        )
    back = Button(_("Back"), Action("settings"), anchor="↩️")
    return Reply(tuple(blocks), (buttons, (back,)), edits=True)

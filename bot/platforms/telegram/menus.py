"""The command menus of chat apps, from the registry, in each of our languages.

In private everything is shown, in groups what everybody may use, to their administrators the settings too, and to the
operators their own commands in the private chat.
*Source*: Bot API, setMyCommands, BotCommandScope ("Determining list of commands").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.constants import BotCommandLimit

from bot.i18n import Speech
from handlers.context import Services
from handlers.registry import Right

MAX_DESCRIPTION = int(BotCommandLimit.MAX_DESCRIPTION)
MOST_COMMANDS = int(BotCommandLimit.MAX_COMMAND_NUMBER)
_EVERYTHING = frozenset({Right.EVERYONE, Right.MANAGER})
_SCOPES: tuple[tuple[str, BotCommandScope, frozenset[Right]], ...] = (
    ("default", BotCommandScopeDefault(), _EVERYTHING),
    ("all_group_chats", BotCommandScopeAllGroupChats(), frozenset({Right.EVERYONE})),
    ("all_chat_administrators", BotCommandScopeAllChatAdministrators(), _EVERYTHING),
)
# Commands with what they do.
Menu = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ScopedMenu:
    """A menu and who sees it.

    Attributes:
        language: two letters; "" for everybody whose language we do not speak.
    """

    name: str
    scope: BotCommandScope
    language: str
    menu: Menu


def menus(services: Services, now: datetime, operators: Sequence[int]) -> list[ScopedMenu]:
    """All menus; `operators` are the chats of those who get the operator's commands too."""
    languages = services.desk.languages
    everybody = [*_SCOPES, *((f"chat {each}", BotCommandScopeChat(each), frozenset(Right)) for each in operators)]
    return [
        ScopedMenu(name, scope, code, _menu(services, language, rights, now))
        for name, scope, rights in everybody
        for code, language in [("", languages[0]), *((each, each) for each in languages)]
    ]


async def read_menu(bot: Bot, shown: ScopedMenu) -> Menu:
    """What stands there now."""
    found = await bot.get_my_commands(scope=shown.scope, language_code=shown.language or None)
    return tuple((each.command, each.description) for each in found)


async def write_menu(bot: Bot, shown: ScopedMenu) -> None:
    """Put the menu there."""
    commands = [BotCommand(name, words) for name, words in shown.menu]
    await bot.set_my_commands(commands, scope=shown.scope, language_code=shown.language or None)


def _menu(services: Services, language: str, rights: frozenset[Right], now: datetime) -> Menu:
    speech = Speech(language, services.desk.default_timezone, now)
    shown = [each for each in services.registry.commands if each.in_menu and each.right in rights]
    return tuple((each.name, speech.plain(each.help)[:MAX_DESCRIPTION]) for each in shown[:MOST_COMMANDS])

"""The command menus of chat apps, from the registry, in each of our languages; sent only when they changed.

In private everything is shown, in groups what everybody may use, and to their administrators the settings too.
*Source*: Bot API, setMyCommands, BotCommandScope ("Determining list of commands").
"""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeDefault,
)
from telegram.constants import BotCommandLimit
from telegram.error import TelegramError

from bot.i18n import Speech
from handlers.context import Services
from handlers.registry import Right
from storage import facts

log = logging.getLogger(__name__)

_FACT = "telegram_menus"
MAX_DESCRIPTION = int(BotCommandLimit.MAX_DESCRIPTION)
MOST_COMMANDS = int(BotCommandLimit.MAX_COMMAND_NUMBER)
_EVERYTHING = frozenset({Right.EVERYONE, Right.MANAGER})
_SCOPES: tuple[tuple[Callable[[], BotCommandScope], frozenset[Right]], ...] = (
    (BotCommandScopeDefault, _EVERYTHING),
    (BotCommandScopeAllGroupChats, frozenset({Right.EVERYONE})),
    (BotCommandScopeAllChatAdministrators, _EVERYTHING),
)
Menu = tuple[tuple[str, str], ...]


async def bring_up_to_date(bot: Bot, services: Services, now: datetime) -> bool:
    """Send the menus where they differ from those sent last.

    Returns:
        Whether they were sent.
    """
    menus = _menus(services, now)
    digest = hashlib.sha256(repr((bot.id, [menu for *_, menu in menus])).encode()).hexdigest()
    async with services.db.read() as tx:
        if await facts.get(tx, _FACT) == digest:
            return False
    try:
        for scope, language, menu in menus:
            commands = [BotCommand(name, words) for name, words in menu]
            await bot.set_my_commands(commands, scope=scope, language_code=language or None)
    except TelegramError as error:
        log.warning("the command menus could not be sent: %s", type(error).__name__)
        return False
    async with services.db.write() as tx:
        await facts.put(tx, _FACT, digest)
    return True


def _menus(services: Services, now: datetime) -> list[tuple[BotCommandScope, str, Menu]]:
    """Scope, language and commands of each menu; "" is everybody's whose language we do not speak."""
    languages = services.desk.languages
    return [
        (scope(), code, _menu(services, language, rights, now))
        for scope, rights in _SCOPES
        for code, language in [("", languages[0]), *((each, each) for each in languages)]
    ]


def _menu(services: Services, language: str, rights: frozenset[Right], now: datetime) -> Menu:
    speech = Speech(language, services.desk.default_timezone, now)
    shown = [each for each in services.registry.commands if each.in_menu and each.right in rights]
    return tuple((each.name, speech.plain(each.help)[:MAX_DESCRIPTION]) for each in shown[:MOST_COMMANDS])

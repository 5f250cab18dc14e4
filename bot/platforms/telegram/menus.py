"""The command menus of chat apps, from the registry, in each of our languages; sent only when they changed."""

import hashlib
import logging
from datetime import datetime

from telegram import Bot, BotCommand
from telegram.error import TelegramError

from bot.i18n import Speech
from handlers.context import Services
from handlers.registry import Right
from storage import facts

log = logging.getLogger(__name__)

_FACT = "telegram_menus"
# Bot API, BotCommand: description of 1-256 characters.
MAX_DESCRIPTION = 256


async def bring_up_to_date(bot: Bot, services: Services, now: datetime) -> bool:
    """Send the menus where they differ from those sent last.

    Returns:
        Whether they were sent.
    """
    menus = {language: _menu(services, language, now) for language in services.desk.languages}
    digest = hashlib.sha256(repr((bot.id, menus)).encode()).hexdigest()
    async with services.db.read() as tx:
        if await facts.get(tx, _FACT) == digest:
            return False
    try:
        for place, (language, menu) in enumerate(menus.items()):
            commands = [BotCommand(name, words) for name, words in menu]
            # The first language is everybody's whose own we do not speak.
            if place == 0:
                await bot.set_my_commands(commands)
            await bot.set_my_commands(commands, language_code=language)
    except TelegramError as error:
        log.warning("the command menus could not be sent: %s", error)
        return False
    async with services.db.write() as tx:
        await facts.put(tx, _FACT, digest)
    return True


def _menu(services: Services, language: str, now: datetime) -> list[tuple[str, str]]:
    speech = Speech(language, services.desk.default_timezone, now)
    return [
        (each.name, speech.plain(each.help)[:MAX_DESCRIPTION])
        for each in services.registry.commands
        if each.in_menu and each.right is not Right.OPERATOR
    ]

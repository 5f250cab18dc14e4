"""What Telegram shows of the bot before anybody talks to it: command menus, name and descriptions, in each language.

Each of them is sent once, and again only after our words for it changed: what an operator wrote with BotFather in the
meantime stays. Before anything is sent, Telegram is asked whether it stands there already, because these calls have
narrow limits (a name may be changed a few times a day).
*Source*: Bot API, setMyName (0-64 characters), setMyDescription (0-512), setMyShortDescription (0-120), setMyCommands.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from telegram import Bot
from telegram.constants import BotDescriptionLimit, BotNameLimit
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.clock import Sleep
from bot.i18n import Speech
from bot.platforms.telegram.menus import Menu, menus, read_menu, write_menu
from bot.platforms.telegram.polling import seconds_of
from handlers.context import Services
from handlers.reply import Message, _
from storage import facts
from storage.database import Database

log = logging.getLogger(__name__)

TRIES = 5
MAX_NAME = int(BotNameLimit.MAX_NAME_LENGTH)
MAX_DESCRIPTION = int(BotDescriptionLimit.MAX_DESCRIPTION_LENGTH)
MAX_SHORT_DESCRIPTION = int(BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH)
SHORT_DESCRIPTION = _("Short news, each with its source, and a daily digest at your own time.")
DESCRIPTION = _(
    "Short news, calmly told, each with its source.\n\n"
    "• The newest clips by topic, source or keyword\n"
    "• A daily digest at your own time\n"
    "• Summaries, related clips, search in everything\n\n"
    "/privacy says what is stored."
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is shown.

    Attributes:
        name: what and in which language: "name de", "commands all_group_chats".
        wanted: what should stand there.
        fallback: what Telegram shows where nothing stands there, "" for nothing.
        read: asks what stands there.
        write: puts what should stand there.
    """

    name: str
    wanted: str | Menu
    fallback: str
    read: Callable[[], Awaitable[str | Menu]]
    write: Callable[[], Awaitable[object]]

    @property
    def digest(self) -> str:
        """Changes with what should stand there, and with what may stand in for it."""
        return hashlib.sha256(repr((self.wanted, self.fallback)).encode()).hexdigest()[:16]


async def bring_up_to_date(
    bot: Bot,
    services: Services,
    now: datetime,
    *,
    operators: Sequence[int] = (),
    names_itself: bool = True,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Send what changed since it was sent last; what Telegram does not take now is tried again at the next start.

    Args:
        operators: who gets the operator's commands into the menu of the private chat.
        names_itself: whether name and descriptions are ours to give.
    """
    fact = f"telegram_profile_{bot.id}"
    async with services.db.read() as tx:
        sent: dict[str, str] = json.loads(await facts.get(tx, fact) or "{}")
    items = _menu_items(bot, services, now, operators)
    if names_itself:
        items += _own_items(bot, services, now)
    for item in items:
        if sent.get(item.name) != item.digest and await _bring(item, sleep):
            sent[item.name] = item.digest
            await _remember(services.db, fact, sent)


async def _remember(db: Database, fact: str, sent: dict[str, str]) -> None:
    async with db.write() as tx:
        await facts.put(tx, fact, json.dumps(sent))


async def _bring(item: Item, sleep: Sleep) -> bool:
    """See that an item stands there; whether it does."""
    for attempt in range(TRIES):
        try:
            if await item.read() != item.wanted:
                await item.write()
        except RetryAfter as error:
            await sleep(seconds_of(error))
        except (BadRequest, InvalidToken) as error:
            log.warning("Telegram does not take the %s: %s", item.name, type(error).__name__)
            return False
        except TelegramError:
            await sleep(float(2**attempt))
        else:
            return True
    log.warning("the %s could not be sent; the next start tries again", item.name)
    return False


def _menu_items(bot: Bot, services: Services, now: datetime, operators: Sequence[int]) -> list[Item]:
    return [
        Item(
            " ".join(("commands", each.name, each.language)).strip(),
            each.menu,
            "",
            partial(read_menu, bot, each),
            partial(write_menu, bot, each),
        )
        for each in menus(services, now, operators)
    ]


def _own_items(bot: Bot, services: Services, now: datetime) -> list[Item]:
    """Name and descriptions; the name last, whose limits are the narrowest, so that nothing has to wait for it."""
    desk = services.desk
    # "" is everybody's whose language we do not speak. It comes first: where a language has no words of its own,
    # Telegram shows these, so that one of the two need not be sent.
    spoken = [("", desk.languages[0]), *((each, each) for each in desk.languages)]
    texts: tuple[tuple[str, Message, int], ...] = (
        ("short_description", SHORT_DESCRIPTION, MAX_SHORT_DESCRIPTION),
        ("description", DESCRIPTION, MAX_DESCRIPTION),
        ("name", _("{name}: short news", name=desk.name), MAX_NAME),
    )
    items = []
    for kind, words, limit in texts:
        said = [(code, Speech(language, desk.default_timezone, now).plain(words)[:limit]) for code, language in spoken]
        items += [_own_item(bot, kind, code, told, said[0][1]) for code, told in said]
    return items


def _own_item(bot: Bot, kind: str, code: str, words: str, fallback: str) -> Item:
    async def read() -> str:
        found = await getattr(bot, f"get_my_{kind}")(language_code=code or None)
        return str(getattr(found, kind))

    async def write() -> None:
        await getattr(bot, f"set_my_{kind}")(words, language_code=code or None)

    return Item(f"{kind} {code}".strip(), words, fallback, read, write)

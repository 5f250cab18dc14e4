"""Sets an option of a chat, whichever command asks for it."""

import re

from handlers.context import Context
from handlers.errors import Declined
from handlers.options import Option
from handlers.reply import Code, Listing, _
from storage import chats


async def choose(context: Context, option: Option, value: str) -> None:
    """Set an option of the chat.

    Raises:
        Declined: the option cannot be that.
    """
    if value not in option.values and not (option.pattern and re.fullmatch(option.pattern, value)):
        allowed = Listing(tuple(Code(each) for each in (*option.values, *([option.example] if option.example else []))))
        raise Declined(
            _(
                "{setting}: “{value}” is not possible; possible are {allowed}.",
                setting=option.title,
                value=value[:40],
                allowed=allowed,
            )
        )
    options = {**context.chat.options, option.key: value}
    async with context.db.write() as tx:
        await chats.change(tx, context.chat_id, options=options)
    context.chat.options = options

"""Pictures that were sent together come as one message each; one of them speaks for all.

*Source*: Bot API, Message.media_group_id: the album that a message is part of; only some of them have a caption.
"""

import asyncio
from collections import OrderedDict
from contextlib import suppress
from datetime import timedelta

from telegram import Message

# Telegram hands the messages of an album out one right after the other.
SETTLED_AFTER = timedelta(seconds=0.7)
REMEMBERED = 1_000


class Albums:
    """Chooses which message of an album is answered."""

    def __init__(self) -> None:
        # Set as soon as one of an album is heard.
        self._heard: OrderedDict[tuple[int, str], asyncio.Event] = OrderedDict()

    async def may_speak(self, message: Message) -> bool:
        """Whether a message is to be heard: of an album the first with words, and where there are none, the first.

        Files are heard one by one, since each may hold something.
        """
        if message.media_group_id is None or message.document is not None:
            return True
        key = (message.chat.id, message.media_group_id)
        is_first = key not in self._heard
        heard = self._heard.setdefault(key, asyncio.Event())
        while len(self._heard) > REMEMBERED:
            self._heard.popitem(last=False)
        if is_first and not message.caption:
            with suppress(TimeoutError):
                await asyncio.wait_for(heard.wait(), SETTLED_AFTER.total_seconds())
        speaks = not heard.is_set() and (is_first or bool(message.caption))
        if speaks:
            heard.set()
        return speaks

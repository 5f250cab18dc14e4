"""A search inside a thread narrows the one before: its words are added to those that the thread was asked for."""

import logging

from bot.platforms.matrix.client import MatrixClient
from bot.platforms.matrix.events import Event, text_of
from bot.platforms.matrix.render import ASKED_FIELD
from bot.platforms.matrix.trouble import MatrixTrouble

log = logging.getLogger(__name__)

SEARCH = "!search "


async def narrowed(client: MatrixClient, event: Event, text: str) -> str:
    """What was typed, with the words of the search before it where it is a search in a thread."""
    if not event.thread_root or not text.startswith(SEARCH):
        return text
    try:
        found = await client.events_related_to(event.room_id, event.thread_root, "m.thread")
        found.append(await client.event(event.room_id, event.thread_root))
    except MatrixTrouble as trouble:
        log.info("a thread could not be read: %s", trouble)
        return text
    for each in found:
        asked = text_of(each.content, ASKED_FIELD) if each.sender == client.user_id else ""
        if not asked and each.event_id == event.thread_root:
            asked = text_of(each.content, "body")  # a thread below somebody's own search
        if asked.startswith(SEARCH):
            return f"{asked} {text.removeprefix(SEARCH)}"
    return text

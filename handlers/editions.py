"""Wishes and memory → the stories of one edition in order; chats with equal wishes and equal memory share it."""

from datetime import datetime, timedelta

from handlers import candidates
from handlers.candidates import Wishes
from handlers.news.choose import LIMITS, choose
from handlers.ports import Desk
from storage import deliveries
from storage.database import Tx
from storage.tables import EditionEntry

MEMORY = timedelta(days=30)


async def compose(tx: Tx, desk: Desk, wishes: Wishes, chat_id: int, now: datetime) -> list[EditionEntry]:
    """The stories of an edition, still without its number.

    Args:
        chat_id: whose memory is read; all that share the edition have the same.
    """
    chosen = choose(
        await candidates.tales(tx, desk, wishes, now),
        headings=wishes.headings,
        told=await deliveries.told_stories(tx, chat_id, now - MEMORY),
        language=wishes.language,
        limit=LIMITS.get(wishes.length, LIMITS["normal"]),
        now=now,
    )
    return [
        EditionEntry(
            edition_id=0,
            position=place,
            heading=each.tale.heading,
            story_id=each.tale.story_id,
            clip_id=each.tale.clip_id,
            revision=each.tale.revision,
            source_count=each.tale.source_count,
            is_update=each.is_update,
        )
        for place, each in enumerate(chosen)
    ]

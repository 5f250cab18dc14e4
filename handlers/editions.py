"""Wishes and memory → the stories of one edition in order; chats with equal wishes and equal memory share it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from handlers.candidates import TaleFinder, Wishes
from handlers.news.choose import LIMITS, Tale, choose
from handlers.ports import Desk
from storage import deliveries
from storage.database import Tx
from storage.tables import EditionEntry

MEMORY = timedelta(days=30)


async def compose(tx: Tx, desk: Desk, wishes: Wishes, chat_id: int, now: datetime) -> list[EditionEntry]:
    """The stories of an edition, still without its number.

    Args:
        chat_id: whose memory is read.
    """
    tales = await TaleFinder(desk, now).tales(tx, wishes)
    return of_tales(tales, await deliveries.told_stories(tx, chat_id, now - MEMORY), wishes, now)


def of_tales(tales: Sequence[Tale], told: Mapping[int, int], wishes: Wishes, now: datetime) -> list[EditionEntry]:
    """The stories chosen of some, still without the edition's number.

    Args:
        told: story number → most sources that it was told with; only what is said there of these tales counts.
    """
    chosen = choose(
        tales,
        headings=wishes.headings,
        told=told,
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


def key_of(entries: Sequence[EditionEntry], wishes: Wishes, due_at: datetime) -> str:
    """What an edition is found by: equal for equal stories, told to equal wishes at one time."""
    told = [(row.heading, row.clip_id, row.revision, row.source_count, row.is_update) for row in entries]
    return hashlib.sha256(repr((wishes, due_at.isoformat(), told)).encode()).hexdigest()

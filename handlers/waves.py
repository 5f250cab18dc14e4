"""What a feed brings at once and is no news: what it held before the bot knew it, and items under new names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers.news import identity
from handlers.news.items import RawItem
from handlers.prepared import title_key
from storage import clips, intake
from storage.database import Database
from storage.tables import Source

# Too old for alerts and for the digest of a day; nobody knows how old an item without a date really is.
LONG_AGO = timedelta(days=2)
# A feed has renumbered its items where so many, and half of all that seem new, have the titles of its own clips.
FEWEST = 3
SHARE = 0.5


def dated_back(items: Sequence[RawItem], now: datetime) -> list[RawItem]:
    """The items; those without a date get one that lies back far enough to be nobody's news, first ones newest."""
    return [
        item if item.published_at else replace(item, published_at=now - LONG_AGO - timedelta(seconds=place))
        for place, item in enumerate(items)
    ]


async def recognise(
    db: Database, items: Sequence[RawItem], is_news: Sequence[bool], *, source: Source, now: datetime
) -> list[RawItem]:
    """The items of a feed that was read before, with those known again that it gave other ids and addresses.

    A feed that moved to another system names all its items anew; that their titles are those of its clips tells it from
    one that has much news. The clips then have the new names too, and what is left without a date is dated back.

    Args:
        is_news: for each item whether it seems to be new.

    Raises:
        StorageError: the database refused.
    """
    titles = Counter(title_key(item.title) for item in items)
    new = [item for item, flag in zip(items, is_news, strict=True) if flag]
    wanted = {title_key(item.title): item for item in new if titles[title_key(item.title)] == 1}
    wanted.pop("", None)
    if len(wanted) < FEWEST:
        return list(items)
    async with db.read() as tx:
        known = await clips.titled(tx, source.id or 0, list(wanted))
    if len(known) < max(FEWEST, SHARE * len(new)):
        return list(items)
    async with db.write() as tx:
        for title, clip_id in known.items():
            await intake.add_keys(tx, clip_id, identity.keys(wanted[title], source_key=source.slug))
    return dated_back(items, now)

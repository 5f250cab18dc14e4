"""Each way in which reading a feed can fail is told in /sources."""

import pytest

from bot.fetch import FetchCode
from handlers.commands.sources import TROUBLES
from storage import feeds
from storage.database import Database
from storage.tables import Feed
from tests import make
from tests.dialogue import Talk
from tests.make import NOW


def test_each_failure_has_its_words() -> None:
    assert set(TROUBLES) == set(FetchCode) - {FetchCode.GONE}  # who is gone is retired


@pytest.mark.parametrize(
    ("code", "told"), [("timeout", "its server takes too long"), ("no_feed", "there is no feed at its address")]
)
async def test_sources_say_why_a_feed_is_not_read(talk: Talk, db: Database, code: str, told: str) -> None:
    async with db.write() as tx:
        source = await make.source(tx)
        row = Feed(source_id=source.id or 0, url="https://bote.example/f", next_due_at=NOW, added_at=NOW)
        row.error_count, row.error_code = 2, code
        await feeds.add_feed(tx, row)
    await talk.through(("/sources", f"Bote – {told}"))

"""/latest: newest first, of everything or of one matter, without what is muted."""

from storage.database import Database
from tests import make
from tests.dialogue import Talk


async def test_newest_clip_comes_first_with_source_age_and_number(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx, "bote", name="Der Bote")
        old = await make.clip(tx, bote, "Mühle in Fulda steht still", hours=30)
        new = await make.clip(tx, bote, "Fähre nach Wismar fährt wieder", hours=2)
    await talk.says("/latest")
    talk.hears("Latest clips", "1. Fähre nach Wismar", f"Der Bote · 2 hours ago · #{new}", "2. Mühle", f"#{old}")

"""/exportopml: all feeds as a file that other readers take."""

from handlers import opml
from handlers.request import Person
from storage import feeds
from storage.database import Database
from storage.tables import Feed
from tests import make
from tests.dialogue import Talk
from tests.make import NOW

OPERATOR = Person("1", "Olga", language="en", is_operator=True)


async def test_the_file_holds_every_feed(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        source = await make.source(tx, "bote", name="Bote & Söhne")
        await make.source(tx, "without-feed")
        for url in ("https://bote.example/a", "https://bote.example/b?x=1&y=2"):
            await feeds.add_feed(tx, Feed(source_id=source.id or 0, url=url, next_due_at=NOW, added_at=NOW))
    operator = talk.beside(OPERATOR)
    await operator.says("/exportopml")
    operator.hears("All 2 feeds", "<file kurzclips.opml>")
    document = operator.reply.document
    assert document is not None
    assert [(each.title, each.url) for each in opml.read(document.content)] == [
        ("Bote & Söhne", "https://bote.example/a"),
        ("Bote & Söhne", "https://bote.example/b?x=1&y=2"),
    ]


async def test_without_feeds_there_is_no_file(talk: Talk) -> None:
    operator = talk.beside(OPERATOR)
    await operator.says("/exportopml")
    operator.hears("There is no feed yet.")
    assert operator.reply.document is None


async def test_it_is_for_the_operator_only(talk: Talk) -> None:
    await talk.says("/exportopml")
    talk.hears("Only the operator")

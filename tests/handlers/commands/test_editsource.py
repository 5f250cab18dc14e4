"""/editsource: what an operator may say of a source."""

import pytest

from handlers.request import Person
from storage import feeds
from storage.database import Database
from storage.tables import Source
from tests import make
from tests.dialogue import Talk

OPERATOR = Person("1", "Olga", language="en", is_operator=True)


@pytest.fixture
async def operator(talk: Talk, db: Database) -> Talk:
    async with db.write() as tx:
        await make.source(tx, "bote", name="Der Bote")
    return talk.beside(OPERATOR)


async def kept(db: Database) -> Source:
    async with db.read() as tx:
        found = await feeds.find_source(tx, "bote")
    assert found is not None
    return found


async def test_a_source_is_paused_and_read_again_by_buttons(operator: Talk, db: Database) -> None:
    await operator.says("/editsource bote")
    operator.hears("Der Bote", "is read", "[Pause] [Teasers only]")
    await operator.presses("Pause")
    operator.hears("paused", "[Read again]")
    assert (await kept(db)).is_paused
    await operator.presses("Read again")
    operator.hears("is read")
    assert not (await kept(db)).is_paused


async def test_articles_are_read_or_not_as_the_operator_says(operator: Talk, db: Database) -> None:
    await operator.through(("/editsource bote", "read where the feed only teases"), ("[Teasers only]", "not read"))
    assert not (await kept(db)).wants_full_text
    await operator.through(("/editsource bote fulltext an", "read where the feed only teases"))
    assert (await kept(db)).wants_full_text


@pytest.mark.parametrize(
    ("words", "column", "value"),
    [
        ("country at", "country", "AT"),
        ("language FR", "language", "fr"),
        ("kind state-controlled", "ownership", "state_controlled"),
        ("kind -", "ownership", "unknown"),
        ("owner Stadt Husum", "owner", "Stadt Husum"),
        ("page https://bote.example/impressum", "ownership_url", "https://bote.example/impressum"),
        ("home -", "home_url", ""),
        ("name Husumer Bote", "name", "Husumer Bote"),
    ],
)
async def test_labels_are_set(operator: Talk, db: Database, words: str, column: str, value: str) -> None:
    await operator.says(f"/editsource bote {words}")
    assert getattr(await kept(db), column) == value


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("", "Which source?"),
        ("gibtesnicht", "I know no source called “gibtesnicht”"),
        ("gibtesnicht pause on", "I know no source called “gibtesnicht”"),
        ("bote colour red", "There is no setting “colour” of a source"),
        ("bote pause vielleicht", "Please write on or off behind it."),
        ("bote country Deutschland", "This is not the code of a country"),
        ("bote language deutsch", "This is not the code of a language"),
        ("bote kind wichtig", "There is no kind “wichtig”"),
        ("bote page javascript:alert(1)", "This is not an address"),
        ("bote name -", "A source needs a name."),
    ],
)
async def test_nonsense_is_declined_and_changes_nothing(operator: Talk, db: Database, words: str, answer: str) -> None:
    before = await kept(db)
    await operator.says(f"/editsource {words}")
    operator.hears(answer)
    assert await kept(db) == before


async def test_only_an_operator_is_offered_it(operator: Talk) -> None:
    await operator.says("/source bote")
    operator.hears("[Manage]")
    reader = operator.beside(Person("2", "Rita", language="en"))
    await reader.says("/source bote")
    with pytest.raises(AssertionError):
        reader.hears("Manage")
    await reader.says("/editsource bote pause on")
    with pytest.raises(AssertionError):
        reader.hears("Der Bote")

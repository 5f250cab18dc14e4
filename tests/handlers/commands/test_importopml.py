"""/importopml: the file that came with the command, and what became of its entries."""

import pytest

from handlers.request import Attachment, ChatAddress, Person
from storage import feeds
from storage.database import Database
from storage.states import Platform
from tests.dialogue import Talk

OPERATOR = Person("1", "Olga", language="en", is_operator=True)
LIST = b"""<?xml version="1.0"?><opml version="2.0"><body>
<outline text="Bote" xmlUrl="https://bote.example/feed"/><outline text="Kurier" xmlUrl="https://kurier.example/feed"/>
<outline text="Odd &lt;b&gt;one" xmlUrl="gopher://odd.example/"/></body></opml>"""


@pytest.fixture
def operator(talk: Talk) -> Talk:
    return talk.beside(OPERATOR)


async def test_the_report_tells_new_known_and_unusable_entries(operator: Talk, db: Database) -> None:
    await operator.says("/importopml", attachment=Attachment("feeds.opml", LIST))
    operator.hears("2 feeds are new.", "One entry has no usable address:", "Odd <b>one", "/sources")
    await operator.says("/importopml", attachment=Attachment("feeds.opml", LIST))
    operator.hears("0 feeds are new.", "2 feeds were read already.")
    async with db.read() as tx:
        assert [view.source.name for view in await feeds.sources(tx)] == ["Bote", "Kurier"]


async def test_only_the_first_unusable_entries_are_named(operator: Talk) -> None:
    body = "".join(f'<outline text="Bad {n}" xmlUrl="x{n}"/>' for n in range(8))
    content = f'<opml version="2.0"><body>{body}</body></opml>'.encode()
    await operator.says("/importopml", attachment=Attachment("feeds.opml", content))
    operator.hears("8 entries have no usable address:", "Bad 4", "and 3 more")
    operator.hears_not("Bad 5", "/sources")


@pytest.mark.parametrize(
    ("content", "answered"),
    [(b"", "no list of feeds"), (b"<!DOCTYPE x><opml/>", "not safe"), (b"x" * 3_000_000, "larger than 2 MB")],
)
async def test_a_file_that_is_no_list_is_one_sentence(operator: Talk, content: bytes, answered: str) -> None:
    heard = await operator.says("/importopml", attachment=Attachment("x", content))
    assert answered in heard
    assert "\n" not in heard


async def test_without_a_file_it_asks_for_one(operator: Talk) -> None:
    await operator.says("/importopml")
    operator.hears("send the OPML file with /importopml as its caption")


async def test_at_the_terminal_it_names_the_command_of_the_shell(operator: Talk) -> None:
    terminal = operator.beside(address=ChatAddress(Platform.TERMINAL, "terminal"))
    await terminal.says("/importopml")
    terminal.hears("kurzclips sources import")


async def test_it_is_for_the_operator_only(talk: Talk, db: Database) -> None:
    await talk.says("/importopml", attachment=Attachment("feeds.opml", LIST))
    talk.hears("Only the operator")
    async with db.read() as tx:
        assert await feeds.sources(tx) == []

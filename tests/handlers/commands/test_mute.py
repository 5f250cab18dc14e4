"""/mute: leaves a topic, source or keyword out of digests, and brings it back."""

import pytest

from storage import chats
from storage.database import Database
from tests import make
from tests.dialogue import Talk


async def muted(db: Database) -> list[tuple[str, str]]:
    async with db.read() as tx:
        return [(row.kind, row.value) for row in await chats.mutes(tx, 1)]


@pytest.mark.parametrize(
    ("what", "row", "answer"),
    [
        ("energie", ("topic", "energie"), "Energy is left out from now on."),
        ("Der Bote", ("source", "bote"), "Der Bote is left out from now on."),
        ("kohle und stahl", ("keyword", "kohle und stahl"), "“kohle und stahl” is left out from now on."),
    ],
)
async def test_what_is_named_is_left_out(
    talk: Talk, db: Database, what: str, row: tuple[str, str], answer: str
) -> None:
    async with db.write() as tx:
        await make.source(tx, "bote", name="Der Bote")
    await talk.says(f"/mute {what}")
    talk.hears(answer)
    assert await muted(db) == [row]


async def test_muted_topic_and_source_are_not_in_the_digest(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote, funk = await make.source(tx, "bote"), await make.source(tx, "funk")
        await make.clip(tx, bote, "Kühlturm gesprengt", topics={"energie": 0.9})
        await make.clip(tx, funk, "Neue Rechner im Norden", topics={"ki": 0.9})
        await make.clip(tx, bote, "Fähre nach Wismar fährt wieder")
    await talk.through(("/mute energie", "left out"), ("/mute funk", "left out"), ("/digest", "Fähre nach Wismar"))
    talk.hears_not("Kühlturm", "Rechner")


async def test_list_brings_back_by_button(talk: Talk, db: Database) -> None:
    await talk.through(
        ("/mute", "Nothing is left out."),
        ("/mute energie", "left out"),
        ("/mute kohle", "left out"),
        ("/mute", "Left out"),
        ("[Bring back Energy]", "kohle"),
    )
    assert await muted(db) == [("keyword", "kohle")]


@pytest.mark.parametrize("number", ["#99", "#999999999999"])
async def test_number_of_nothing_is_refused(talk: Talk, number: str) -> None:
    await talk.says(f"/mute {number}")
    talk.hears("There is nothing of this number to bring back.")


async def test_same_thing_twice_is_kept_once(talk: Talk, db: Database) -> None:
    await talk.through(("/mute energie", "left out"), ("/mute Energy", "left out"))
    assert await muted(db) == [("topic", "energie")]


async def test_answer_to_a_clip_offers_what_there_is_to_leave_out(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote, funk = await make.source(tx, "bote"), await make.source(tx, "funk")
        await make.clip(tx, bote, "Kühlturm gesprengt", topics={"energie": 0.9})
        await make.clip(tx, funk, "Fähre fährt wieder", hours=2)
    await talk.says("/latest")
    await talk.says("/mute", reply_to=talk.last_id)
    await talk.presses("2. Fähre fährt wieder")
    await talk.presses("Leave out: Funk")
    assert await muted(db) == [("source", "funk")]
    await talk.says("/clip 1")
    await talk.says("/mute", reply_to=talk.last_id)
    talk.hears("Kühlturm gesprengt", "[Leave out: Bote]", "[Leave out: Energy]")
    await talk.says("/mute", reply_to="unknown")
    talk.hears("Left out", "Funk")


@pytest.mark.parametrize(
    ("what", "row"),
    [
        ("source:energie", ("source", "energie")),
        ("topic:energie", ("topic", "energie")),
        ("source:nosuch", ("keyword", "source:nosuch")),
        ("topic: energie", ("topic", "energie")),
    ],
)
async def test_kind_before_the_name_decides(talk: Talk, db: Database, what: str, row: tuple[str, str]) -> None:
    async with db.write() as tx:
        await make.source(tx, "energie")
    await talk.says(f"/mute {what}")
    assert await muted(db) == [row]

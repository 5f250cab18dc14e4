"""/quiet: hours in which nothing comes unasked."""

import pytest

from storage import chats
from storage.database import Database
from tests.dialogue import Talk


async def quiet(db: Database) -> str:
    async with db.read() as tx:
        chat = await chats.get(tx, 1)
    assert chat is not None
    return chat.options.get("quiet", "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("22:00-07:00", "22:00-07:00"),
        ("22:00 – 07:00", "22:00-07:00"),
        ("22-7", "22:00-07:00"),
        ("22.30 bis 6 Uhr", "22:30-06:00"),
        ("von 22 bis 7 Uhr", "22:00-07:00"),
        ("between 22:00 and 7", "22:00-07:00"),
        ("20-24", "20:00-00:00"),
        ("off", "off"),
        ("aus", "off"),
    ],
)
async def test_hours_are_understood_however_they_are_written(talk: Talk, db: Database, typed: str, kept: str) -> None:
    await talk.says(f"/quiet {typed}")
    assert await quiet(db) == kept


async def test_hours_are_shown_and_lifted_by_a_button(talk: Talk, db: Database) -> None:
    await talk.through(
        ("/quiet", "There are no quiet hours."),
        ("/quiet 22:00-07:00", "Quiet from 22:00 to 07:00."),
        ("/quiet", "Quiet from 22:00 to 07:00."),
        ("[Lift]", "There are no quiet hours."),
    )
    assert await quiet(db) == "off"


@pytest.mark.parametrize("typed", ["25:00-07:00", "25", "22:00-07:99", "night", "-", "22:00-07:00-08:00", "²-³"])
async def test_hours_that_are_none_are_refused_with_an_example(talk: Talk, db: Database, typed: str) -> None:
    await talk.says(f"/quiet {typed}")
    talk.hears("is not possible", "22:00-07:00")
    assert await quiet(db) == ""


@pytest.mark.parametrize(
    ("typed", "asked", "pressed", "kept"),
    [
        ("ab 22", "Quiet from 22:00, until when?", "22:00–07:00", "22:00-07:00"),
        ("22.30 Uhr", "Quiet from 22:30, until when?", "22:30–06:00", "22:30-06:00"),
        ("bis 7 Uhr", "Quiet until 07:00, from when?", "21:00–07:00", "21:00-07:00"),
    ],
)
async def test_one_end_of_the_hours_is_answered_by_a_question_for_the_other(
    talk: Talk, db: Database, typed: str, asked: str, pressed: str, kept: str
) -> None:
    await talk.through((f"/quiet {typed}", asked), (f"[{pressed}]", "Quiet from"))
    assert await quiet(db) == kept

"""/save and /saved: kept once, listed newest first, removed one by one."""

import pytest

from storage.database import Database
from tests import make
from tests.dialogue import Talk


@pytest.fixture
async def told(talk: Talk, db: Database) -> Talk:
    async with db.write() as tx:
        bote = await make.source(tx)
        for number in range(1, 8):
            await make.clip(tx, bote, f"Meldung {number} aus Husum", hours=number)
    return talk


async def test_saved_clips_are_listed_last_one_first_and_each_once(told: Talk) -> None:
    for number in (1, 2, 1):
        await told.says(f"/save {number}")
        told.clock.move(minutes=1)
    await told.says("/saved")
    told.hears("Saved clips", "1. Meldung 2", "2. Meldung 1")
    assert told.reply.clips == (2, 1)


async def test_button_below_the_answer_takes_it_back(told: Talk) -> None:
    await told.through(
        ("/save 3", "Saved: Meldung 3"), ("[Remove]", "No longer saved: Meldung 3"), ("/saved", "Nothing is saved yet.")
    )


async def test_reply_to_a_message_saves_its_clip(told: Talk) -> None:
    await told.says("/summary 4")
    await told.says("/save", reply_to=told.last_id)
    await told.says("/saved")
    assert told.reply.clips == (4,)


async def test_other_chats_keep_their_own(told: Talk) -> None:
    await told.says("/save 1")
    stranger = told.beside(address=type(told.address)(told.address.platform, "200"))
    assert "Nothing is saved yet." in await stranger.says("/saved")


async def test_list_is_paged_and_removing_the_last_of_a_page_shows_the_page_before(told: Talk) -> None:
    for number in range(1, 7):
        await told.says(f"/save {number}")
        told.clock.move(minutes=1)
    await told.says("/saved")
    assert told.reply.clips == (6, 5, 4, 3, 2)
    await told.presses("More")
    assert told.reply.clips == (1,)
    await told.presses("Remove 6")
    assert told.reply.clips == (6, 5, 4, 3, 2)
    assert told.reply.edits
    assert "More" not in told.labels()


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("/save", "Which clip?"),
        ("/save 999", "There is no clip #999."),
        ("/save husum", "“husum” is neither a clip number nor a link."),
        ("/save 1 jetzt", "I do not understand “jetzt” here."),
        ("/save 1 off", "No longer saved"),
        ("/saved remove 5", "Nothing is saved yet."),
        ("/saved remove", "Nothing is saved yet."),
        ("/saved quatsch", "I do not understand “quatsch” here."),
    ],
)
async def test_odd_argument_gets_one_clear_sentence(told: Talk, said: str, answered: str) -> None:
    assert answered in await told.says(said)

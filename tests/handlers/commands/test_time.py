"""/time: moves a digest to another time of day."""

import pytest

from storage import subscriptions
from storage.database import Database
from tests.dialogue import Talk


async def times(db: Database) -> list[str]:
    async with db.read() as tx:
        return [slot.at_local for slot in await subscriptions.schedules(tx, 1)]


async def test_the_only_digest_moves_with_its_days(talk: Talk, db: Database) -> None:
    await talk.through(
        ("/subscribe energie 07:30 weekdays", "07:30"),
        ("/time 18.15", "Your digest now comes at 18:15. Next: today, 18:15."),
    )
    async with db.read() as tx:
        (slot,) = await subscriptions.schedules(tx, 1)
    assert (slot.at_local, slot.days, slot.next_due_at.isoformat()) == ("18:15", "1111100", "2026-11-24T17:15:00+00:00")


async def test_of_several_digests_the_named_one_moves(talk: Talk, db: Database) -> None:
    await talk.through(
        ("/subscribe energie 07:30", "07:30"),
        ("/subscribe ki 18:00", "18:00"),
        ("/time 20:00", "You have several digests; say which one to move: /time 20:00 07:30."),
        ("/time 20:00 18:00", "20:00"),
    )
    assert await times(db) == ["07:30", "20:00"]


async def test_digest_moved_onto_another_joins_it(talk: Talk, db: Database) -> None:
    await talk.through(("/subscribe energie 07:30", ""), ("/subscribe ki 18:00", ""), ("/time 07:30 18:00", "07:30"))
    await talk.says("/subscriptions")
    talk.hears("every day at 07:30: Energy and AI")
    assert await times(db) == ["07:30"]


async def test_nothing_named_shows_the_times(talk: Talk) -> None:
    await talk.through(("/subscribe energie 07:30 weekend", ""), ("/time", "at the weekend at 07:30"))


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/time 25:99", "25:99 is not a time of day; write it like 07:30."),
        ("/time 07:60", "07:60 is not a time of day"),
        ("/time noon", "I do not understand “noon” here."),
        ("/time 18:00 09:00", "You have no digest at 09:00."),
    ],
)
async def test_time_that_is_none_is_refused_and_the_digest_stays(
    talk: Talk, db: Database, said: str, answer: str
) -> None:
    await talk.through(("/subscribe energie 07:30", "07:30"), (said, answer))
    assert await times(db) == ["07:30"]


async def test_chat_without_a_digest_is_shown_how_to_begin(talk: Talk) -> None:
    await talk.says("/time 08:00")
    talk.hears("You have no digest yet. /subscribe energie 07:30 brings one.")

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
        ("/time halb acht", "I do not understand “halb acht” here. Write it like /time 07:30 or /time 07:30 mo-fr."),
        ("/time 07:30 08:00 09:00", "I do not understand “07:30 08:00 09:00” here."),
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


@pytest.mark.parametrize(
    ("said", "at", "days"),
    [
        ("/time 8", "08:00", "1111111"),
        ("/time 18 Uhr", "18:00", "1111111"),
        ("/time 7 pm", "19:00", "1111111"),
        ("/time mo-fr", "07:30", "1111100"),
        ("/time 08:15 mo-fr", "08:15", "1111100"),
        ("/time sonntags um 9 Uhr", "09:00", "0000001"),
    ],
)
async def test_digest_moves_to_other_days_too(talk: Talk, db: Database, said: str, at: str, days: str) -> None:
    await talk.through(("/subscribe energie 07:30", "07:30"), (said, "Your digest now comes"))
    async with db.read() as tx:
        (slot,) = await subscriptions.schedules(tx, 1)
    assert (slot.at_local, slot.days) == (at, days)


async def test_days_alone_of_several_digests_need_a_time_and_change_those_of_that_time(
    talk: Talk, db: Database
) -> None:
    await talk.through(
        ("/subscribe energie 07:30", ""),
        ("/subscribe ki 18:00", ""),
        ("/time mo-fr", "say which one to move: /time 07:30 mo-fr."),
        ("/time 07:30 mo-fr", "Your digest now comes on weekdays at 07:30. Next: tomorrow, 07:30."),
    )
    async with db.read() as tx:
        assert [slot.days for slot in await subscriptions.schedules(tx, 1)] == ["1111100", "1111111"]


async def test_all_digests_of_the_named_time_move_whatever_their_days(talk: Talk, db: Database) -> None:
    await talk.through(
        ("/subscribe energie 07:30 sat", ""),
        ("/subscribe ki 07:30 weekdays", ""),
        ("/time 08:00 07:30", "Your digest now comes at 08:00. Next: tomorrow, 08:00."),
    )
    assert await times(db) == ["08:00", "08:00"]

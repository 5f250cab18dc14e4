"""/pause: for some days, or until /resume; what waits is let go."""

from datetime import timedelta

import pytest

from handlers.planning import plan_due
from storage import chats, deliveries
from storage.database import Database
from tests.dialogue import Talk
from tests.make import NOW


@pytest.mark.parametrize("days", [1, 3, 365])
async def test_pause_ends_after_the_days(talk: Talk, db: Database, days: int) -> None:
    await talk.says(f"/pause {days}")
    async with db.read() as tx:
        chat = await chats.get(tx, 1)
    assert chat is not None
    assert chat.paused_until == NOW + timedelta(days=days)


async def test_paused_chat_gets_no_digest_and_gets_them_again_afterwards(talk: Talk, db: Database) -> None:
    await talk.through(("/subscribe energie 09:00", "09:00"), ("/pause 2", "No digests until"))
    talk.clock.move(minutes=30)
    owed = []
    for _ in range(4):
        owed.append((await plan_due(db, talk.services.desk, talk.clock())).planned)
        talk.clock.move(days=1)
    assert owed == [0, 0, 1, 1]


async def test_digest_that_waits_for_the_end_of_quiet_hours_is_let_go(talk: Talk, db: Database) -> None:
    await talk.through(("/subscribe energie 09:00", "09:00"), ("/quiet 08:00-10:00", "Quiet from 08:00 to 10:00."))
    talk.clock.move(minutes=30)
    await plan_due(db, talk.services.desk, talk.clock())
    await talk.says("/pause 1")
    async with db.read() as tx:
        assert await deliveries.count(tx) == {"skipped": 1}


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        *((days, f"{days} is not a number from 1 to 365.") for days in ("0", "-3", "366", "999999999999999")),
        ("soon", "I do not understand “soon” here. Write it like /pause 3 or /pause 2w."),
        ("until", "I do not understand “until” here."),
        ("until eternity", "I do not understand “until eternity” here."),
        ("until friday 18:00", "I do not understand “until friday 18:00” here."),
        ("two weeks", "I do not understand “two weeks” here."),
    ],
)
async def test_pause_of_no_known_length_is_refused(talk: Talk, db: Database, said: str, answer: str) -> None:
    await talk.says(f"/pause {said}")
    talk.hears(answer)
    async with db.read() as tx:
        chat = await chats.get(tx, 1)
    assert chat is not None
    assert chat.paused_until is None


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("1 Woche", 7),
        ("2w", 14),
        ("eine Woche", 7),
        ("3 Tage", 3),
        ("für 3 Tagen", 3),
        ("a week", 7),
        ("for 10 days", 10),
    ],
)
async def test_pause_is_told_in_days_or_weeks(talk: Talk, db: Database, said: str, days: int) -> None:
    await talk.says(f"/pause {said}")
    talk.hears("No digests until")
    async with db.read() as tx:
        chat = await chats.get(tx, 1)
    assert chat is not None
    assert chat.paused_until == NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("said", "day"), [("bis Freitag", "27 November"), ("until mon", "30 November"), ("until tuesday", "1 December")]
)
async def test_pause_until_a_weekday_ends_when_that_day_begins(talk: Talk, db: Database, said: str, day: str) -> None:
    await talk.says(f"/pause {said}")
    talk.hears("No digests until", day)
    async with db.read() as tx:
        chat = await chats.get(tx, 1)
    assert chat is not None
    assert chat.paused_until is not None
    assert f"{chat.paused_until:%H:%M}" == "23:00"

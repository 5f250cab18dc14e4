"""/timezone: zones, cities in several languages, suggestions; digests keep their local time."""

from zoneinfo import available_timezones

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import chats, subscriptions
from storage.database import Database
from tests.dialogue import Talk


async def zone(db: Database) -> str:
    async with db.read() as tx:
        chat = await chats.get(tx, 1)
    assert chat is not None
    return chat.timezone


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("Europe/Vienna", "Europe/Vienna"),
        ("europe/vienna", "Europe/Vienna"),
        ("Wien", "Europe/Vienna"),
        ("vienna", "Europe/Vienna"),
        ("berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("new_york", "America/New_York"),
        ("Zürich", "Europe/Zurich"),
        ("Москва", "Europe/Moscow"),
        ("UTC", "UTC"),
    ],
)
async def test_zone_or_city_is_understood(talk: Talk, db: Database, place: str, name: str) -> None:
    await talk.says(f"/timezone {place}")
    talk.hears(f"Your time zone is now {name}")
    assert await zone(db) == name


async def test_digests_keep_their_local_time_in_the_new_zone(talk: Talk, db: Database) -> None:
    await talk.through(("/subscribe energie 09:00", "today, 09:00"), ("/timezone Tokio", "it is 16:30 there"))
    async with db.read() as tx:
        (slot,) = await subscriptions.schedules(tx, 1)
    assert slot.next_due_at.isoformat() == "2026-11-25T00:00:00+00:00"


async def test_mistyped_city_gets_suggestions_as_buttons(talk: Talk, db: Database) -> None:
    await talk.through(("/timezone Viena", "Did you mean one of these?"), ("[Vienna]", "now Europe/Vienna"))
    assert await zone(db) == "Europe/Vienna"


async def test_nothing_named_shows_the_zone_and_its_time(talk: Talk) -> None:
    await talk.says("/timezone")
    talk.hears("Your time zone is Europe/Berlin; it is 08:30 there.", "/timezone Wien", "[Berlin]")


@pytest.mark.parametrize("place", ["Mars/Olympus", "../../etc/passwd", "/", "<b>", "7", "Europe/", "\u202e"])
async def test_place_that_is_none_is_refused_and_the_zone_stays(talk: Talk, db: Database, place: str) -> None:
    await talk.says(f"/timezone {place}")
    talk.hears("I know no time zone or city")
    assert await zone(db) == "Europe/Berlin"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(z for z in available_timezones() if "/" in z)))
async def test_every_zone_is_understood_by_its_own_name(talk: Talk, db: Database, name: str) -> None:
    await talk.says(f"/timezone {name}")
    assert await zone(db) == name


@pytest.mark.parametrize(
    ("typed", "city", "is_at"),
    [
        ("UTC+1", "Berlin", "Europe/Berlin"),
        ("utc +3", "Moscow", "Europe/Moscow"),
        ("-05:00", "New York", "America/New_York"),
        ("GMT+5:30", "Kolkata", "Asia/Kolkata"),
        ("UTC+2", "UTC+2", "UTC+2"),
        ("utc-3", "UTC-3", "UTC-3"),
    ],
)
async def test_offset_leads_to_cities_that_have_it_now(
    talk: Talk, db: Database, typed: str, city: str, is_at: str
) -> None:
    await talk.through((f"/timezone {typed}", "Which one has your time?"), (f"[{city}]", f"now {is_at};"))
    talk.hears(f"Your time zone is now {is_at}")
    await talk.through(("/timezone", f"is {is_at};"), ("/settings", is_at))


async def test_offset_without_a_city_or_zone_asks_for_one(talk: Talk) -> None:
    await talk.says("/timezone UTC+3:45")
    talk.hears("Which one has your time?", "/timezone Wien")


@pytest.mark.parametrize("typed", ["UTC+15", "-13", "+99:00"])
async def test_offset_that_no_place_has_is_refused(talk: Talk, typed: str) -> None:
    await talk.through((f"/timezone {typed}", "I know no time zone or city"))

"""/unsubscribe: by name, by place, by button, everything."""

import pytest

from storage import subscriptions
from storage.database import Database
from tests.dialogue import Talk


@pytest.fixture
async def followed(talk: Talk) -> Talk:
    for wish in ("energie 07:30", "Kernkraft 07:30", "ki 18:00", "Tsunami now"):
        await talk.says(f"/subscribe {wish}")
    return talk


async def left(db: Database) -> list[str]:
    async with db.read() as tx:
        return [row.value for row, _ in await subscriptions.of_chat(tx, 1)]


@pytest.mark.parametrize(
    ("what", "rest"),
    [
        ("Energy", ["Kernkraft", "ki", "Tsunami"]),
        ("energie", ["Kernkraft", "ki", "Tsunami"]),
        ("kernkraft", ["energie", "ki", "Tsunami"]),
        ("tsunami", ["energie", "Kernkraft", "ki"]),
        ("3", ["energie", "Kernkraft", "Tsunami"]),
        ("all", []),
        ("Alles", []),
    ],
)
async def test_what_is_named_comes_no_longer(followed: Talk, db: Database, what: str, rest: list[str]) -> None:
    await followed.says(f"/unsubscribe {what}")
    followed.hears("comes no longer")
    assert await left(db) == rest


async def test_last_wish_of_a_slot_takes_the_slot_with_it(followed: Talk, db: Database) -> None:
    await followed.says("/unsubscribe ki")
    async with db.read() as tx:
        assert [slot.at_local for slot in await subscriptions.schedules(tx, 1)] == ["07:30"]


async def test_nothing_named_asks_with_buttons_that_give_up(followed: Talk, db: Database) -> None:
    await followed.says("/unsubscribe")
    followed.hears("What shall no longer come?", "[AI: every day at 18:00]", "[Tsunami: at once]")
    await followed.presses("AI: every day at 18:00")
    assert await left(db) == ["energie", "Kernkraft", "Tsunami"]


@pytest.mark.parametrize("what", ["klima", "99", "#99", "#" + "9" * 40, "#²", "0"])
async def test_what_is_not_followed_is_refused(followed: Talk, db: Database, what: str) -> None:
    await followed.says(f"/unsubscribe {what}")
    followed.hears("You do not follow")
    assert len(await left(db)) == 4


async def test_chat_that_follows_nothing_is_told_so(talk: Talk) -> None:
    await talk.says("/unsubscribe all")
    talk.hears("You follow nothing at the moment.")

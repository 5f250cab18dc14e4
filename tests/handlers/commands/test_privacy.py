"""/privacy: what is stored and for how long, and that this is what cleaning does."""

import pytest

from bot.jobs import clean
from handlers import retention
from handlers.ports import Desk
from storage.database import Database
from tests import make
from tests.dialogue import Talk
from tests.make import MovableClock


async def test_it_says_what_is_kept_for_how_long_and_how_to_see_and_erase_it(talk: Talk) -> None:
    await talk.says("/privacy")
    talk.hears(
        "the number and the name of this chat",
        "language, time zone",
        "what you follow",
        "for 90 days",
        "for 60 days",
        "third parties",
        "/export",
        "/delete",
        "[Export] [Erase]",
    )


@pytest.mark.parametrize(("label", "answered"), [("Export", "<file"), ("Erase", "Erase everything about this chat?")])
async def test_its_buttons_lead_to_the_commands(talk: Talk, label: str, answered: str) -> None:
    await talk.through(("/privacy", "What I know"), (f"[{label}]", answered))


async def test_the_contact_of_the_operator_is_told_where_there_is_one(
    talk: Talk, db: Database, clock: MovableClock
) -> None:
    await talk.says("/privacy")
    talk.hears("has left no address")
    services = make.services(db, desk=Desk(contact="desk@bote.example"))
    other = Talk(services, clock)
    await other.says("/privacy")
    other.hears("desk@bote.example")
    other.hears_not("no address")


def test_cleaning_keeps_what_was_promised() -> None:
    assert (clean.SHOWN_FOR, clean.LEDGER_FOR) == (retention.SHOWN_FOR, retention.LEDGER_FOR)

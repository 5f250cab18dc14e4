"""/resume: digests come again, and nothing that was due meanwhile."""

from handlers.planning import plan_due
from storage.database import Database
from tests.dialogue import Talk


async def test_resumed_chat_gets_its_next_digest_and_not_the_missed_ones(talk: Talk, db: Database) -> None:
    await talk.through(("/subscribe energie 09:00", "09:00"), ("/pause", "No digests until you write /resume."))
    talk.clock.move(days=5)
    await talk.says("/resume")
    talk.hears("Digests come again. Next: today, 09:00.")
    assert (await plan_due(db, talk.services.desk, talk.clock())).planned == 0
    talk.clock.move(minutes=30)
    assert (await plan_due(db, talk.services.desk, talk.clock())).planned == 1


async def test_chat_without_digests_is_shown_how_to_begin(talk: Talk) -> None:
    await talk.says("/resume")
    talk.hears("There is no pause any more.", "/subscribe energie 07:30")

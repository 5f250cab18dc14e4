"""/digest: what is new, at once, and not again in the next digest."""

from handlers.planning import plan_due
from storage import deliveries
from storage.database import Database
from tests import make
from tests.dialogue import Talk


async def news(db: Database, title: str, **fields: object) -> int:
    async with db.write() as tx:
        return await make.clip(tx, await make.source(tx), title, **{"topics": {"energie": 0.9}, **fields})  # type: ignore[arg-type]


async def test_digest_now_holds_what_the_chat_follows_and_nothing_else(talk: Talk, db: Database) -> None:
    await news(db, "Kühlturm gesprengt")
    await news(db, "Neue Rechner", topics={"ki": 0.9})
    await talk.says("/subscribe energie")
    await talk.says("/digest")
    talk.hears("Your overview · Tuesday, 24 November 2026, 08:30", "Energy", "1. Kühlturm gesprengt", "1 item")
    talk.hears_not("Neue Rechner")


async def test_second_digest_in_a_row_has_nothing_new(talk: Talk, db: Database) -> None:
    await news(db, "Kühlturm gesprengt")
    await talk.through(
        ("/subscribe energie", "Energy"), ("/digest", "Kühlturm"), ("/digest", "Nothing new on your topics")
    )
    assert talk.labels() == ["Latest"]


async def test_digest_on_the_clock_still_comes_and_does_not_repeat(talk: Talk, db: Database) -> None:
    await news(db, "Kühlturm gesprengt")
    await talk.through(("/subscribe energie 09:00", "today, 09:00"), ("/digest", "Kühlturm"))
    fresh = await news(db, "Netz wird ausgebaut")
    talk.clock.move(minutes=30)
    assert (await plan_due(db, talk.services.desk, talk.clock())).planned == 1
    async with db.read() as tx:
        row, _shown = await deliveries.of_chat(tx, 1, 5)
        assert [entry.clip_id for entry in await deliveries.entries(tx, row.edition_id or 0)] == [fresh]


async def test_chat_that_follows_nothing_gets_the_news_of_the_day(demo_talk: Talk) -> None:
    await demo_talk.says("/digest")
    demo_talk.hears("The news of the day", "1. ", "7. ", "7 items")


async def test_long_and_short_digests_differ_in_their_number_of_stories(demo_talk: Talk) -> None:
    await demo_talk.through(("/settings length short", "short"), ("/digest", "4 items"))


async def test_reply_to_the_digest_knows_its_clips(talk: Talk, db: Database) -> None:
    await news(db, "Kühlturm gesprengt")
    await talk.says("/digest")
    await talk.says("/summary", reply_to=talk.last_id)
    talk.hears("Kühlturm gesprengt")

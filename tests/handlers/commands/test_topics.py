"""/topics: what there is, with counts, and the ways on from there."""

from storage.database import Database
from tests import make
from tests.dialogue import Talk


async def test_topics_are_counted_over_seven_days_operators_own_first(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        topics = {"energie": 0.9, "medtop:11000000": 0.8}
        await make.clip(tx, bote, "Windpark liefert Strom", topics=topics)
        await make.clip(tx, bote, "Stromnetz wird ausgebaut", topics=topics, hours=6 * 24)
        await make.clip(tx, bote, "Alte Meldung vom Kraftwerk", topics=topics, hours=8 * 24)
    await talk.says("/topics")
    talk.hears("Themes", "• Energy (2 clips)", "Sections", "politics", "(2 clips)")


async def test_single_clip_is_counted_in_the_singular(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), topics={"ki": 0.9})
    talk.hears(await talk.says("/topics"), "")
    talk.hears("• AI (1 clip)")


async def test_buttons_lead_to_a_topic_and_to_the_subscription(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "Windpark liefert Strom", topics={"energie": 0.9})
    await talk.through(("/topics", "Energy"), ("[Energy]", "1. Windpark liefert Strom"))
    await talk.through(("/topics", "Energy"), ("[Subscribe]", "What do you want to follow?"))


async def test_empty_archive_is_said_so(talk: Talk) -> None:
    await talk.through(("/topics", "There is nothing here yet."))

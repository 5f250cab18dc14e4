"""/source and /sources: who stands behind the news, where that is documented, and how their feeds do."""

import pytest

from storage import feeds
from storage.database import Database
from storage.states import FeedState
from storage.tables import Feed
from tests import make
from tests.dialogue import Talk
from tests.make import NOW


async def _feed(db: Database, slug: str, **values: object) -> None:
    async with db.write() as tx:
        source = await make.source(tx, slug)
        url = f"https://{slug}.example/feed"
        await feeds.add_feed(tx, Feed(source_id=source.id or 0, url=url, next_due_at=NOW, added_at=NOW))
        feed = await feeds.find_feed(tx, url)
        assert feed is not None
        if values:
            await feeds.change_feed(tx, feed.id or 0, **values)


async def test_source_is_shown_with_its_label_and_the_page_that_documents_it(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        source = await make.source(
            tx,
            "rt",
            name="RT DE",
            owner="TV-Novosti",
            country="RU",
            ownership="state_controlled",
            ownership_url="https://doc.example/rt",
        )
        await make.clip(tx, source, "Moskau plant Rechenzentren")
    await talk.says("/source rt de")
    talk.hears(
        "RT DE",
        "Kind – state-controlled (documented here <https://doc.example/rt>)",
        "Owner – TV-Novosti",
        "Country – Russia",
        "Language – German",
        "Clips – one so far",
        "1. Moskau plant Rechenzentren",
        "[Subscribe] [Mute]",
    )


async def test_source_of_the_clip_that_is_answered(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote, funk = await make.source(tx, "bote"), await make.source(tx, "funk")
        await make.clip(tx, bote, "Kühlturm gesprengt")
        await make.clip(tx, funk, "Fähre fährt wieder", hours=2)
    await talk.says("/clip 2")
    await talk.says("/source", reply_to=talk.last_id)
    talk.hears("Funk", "Fähre fährt wieder")
    await talk.says("/latest")
    await talk.says("/source", reply_to=talk.last_id)
    await talk.presses("1. Kühlturm gesprengt")
    await talk.presses("About the source")
    talk.hears("Bote", "Kind")


async def test_source_without_a_label_is_said_to_have_none(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.source(tx, "bote")
    await talk.through(("/source bote", "Kind – not documented"), ("/sources", "Kind not documented"))


@pytest.mark.parametrize(
    ("values", "told", "listed"),
    [
        ({}, "Feed – not read yet", ""),
        ({"polled_at": NOW}, "Feed – last read just now", ""),
        ({"polled_at": NOW, "error_count": 3}, "not reached at the last try, just now", " – not reached lately"),
        ({"state": FeedState.PAUSED}, "Feed – paused by the operator", " – paused"),
        ({"state": FeedState.RETIRED}, "Feed – closed by the source", " – paused"),
    ],
)
async def test_health_of_a_feed_is_told(
    talk: Talk, db: Database, values: dict[str, object], told: str, listed: str
) -> None:
    await _feed(db, "bote", **values)
    await talk.through(("/source bote", told), ("/sources", f"• Bote{listed}"))


async def test_sources_are_grouped_by_kind_with_country_and_clips(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.source(tx, "welle", ownership="public", country="DE")
        amt = await make.source(tx, "amt", ownership="state_controlled", country="RU")
        await make.clip(tx, amt)
    await talk.says("/sources")
    talk.hears(
        "2 sources",
        "Public broadcasters",
        "• Welle, Germany",
        "State-controlled media",
        "• Amt, Russia (1 clip)",
        "/source amt says more",
    )


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("/source", "Which source? Write its name behind the command"),
        ("/source quatsch", "I know no source called “quatsch”. /sources lists all."),
        ("/sources", "There is nothing here yet."),
        ("/sources quatsch", "I do not understand “quatsch” here."),
    ],
)
async def test_odd_argument_gets_one_clear_sentence(talk: Talk, said: str, answered: str) -> None:
    assert answered in await talk.says(said)

"""A feed that was just found, or that gave all its items new names, floods nobody."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from handlers.waves import LONG_AGO
from storage import clips
from storage.clips import ClipFilter
from storage.database import Database
from storage.tables import Clip
from tests.fakes.feeds import Answer, FeedServer
from tests.make import NOW, MovableClock
from tests.polling import Desktop


@pytest.fixture
async def desk(db: Database, clock: MovableClock) -> AsyncIterator[Desktop]:
    async with FeedServer() as server:
        desktop = Desktop(db, server, clock)
        async with desktop.fetcher:
            yield desktop


def feed(*titles: str, names: str, text: str = "") -> bytes:
    """Items without dates; `names` makes their ids and addresses."""
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{names}-{place}</guid>"
        f"<link>https://bote.example/{names}/{place}</link>"
        f"<description>Das teilte die Stadt zu {title} am Morgen mit, sagte eine Sprecherin. {text}</description>"
        "</item>"
        for place, title in enumerate(titles)
    )
    return f"<rss version='2.0'><channel><title>Bote</title>{items}</channel></rss>".encode()


async def kept(db: Database) -> dict[str, Clip]:
    async with db.read() as tx:
        found = await clips.views(tx, await clips.latest(tx, ClipFilter(), 1000))
    assert len({view.clip.title for view in found}) == len(found)
    return {view.clip.title: view.clip for view in found}


async def test_items_without_a_date_in_a_new_feed_are_nobodys_news_and_a_later_one_is(desk: Desktop) -> None:
    url = await desk.add("/f", Answer(body=feed("Eins", "Zwei", names="a")))
    await desk.poll(url)
    first = await kept(desk.db)
    assert first["Eins"].published_at == NOW - LONG_AGO
    assert first["Eins"].published_at > first["Zwei"].published_at
    desk.server.put("/f", Answer(body=feed("Eins", "Zwei", "Drei", names="a")))
    await desk.poll(url)
    assert (await kept(desk.db))["Drei"].published_at == desk.clock.at


async def test_a_feed_that_renumbers_and_moves_its_items_adds_no_clip(desk: Desktop) -> None:
    url = await desk.add("/f", Answer(body=feed("Eins", "Zwei", "Drei", "Vier", names="a")))
    await desk.poll(url)
    before = await kept(desk.db)
    moved = feed("Eins", "Zwei", "Drei", "Vier", names="b", text="Mehr in unserer neuen App.")
    desk.server.put("/f", Answer(body=moved))
    await desk.poll(url)
    after = await kept(desk.db)
    assert {title: clip.id for title, clip in after.items()} == {title: clip.id for title, clip in before.items()}
    assert all(clip.published_at == before[title].published_at for title, clip in after.items())
    await desk.poll(url)
    assert after == await kept(desk.db)


async def test_what_else_a_renumbered_feed_brings_without_a_date_is_dated_back(desk: Desktop) -> None:
    url = await desk.add("/f", Answer(body=feed("Eins", "Zwei", "Drei", names="a")))
    await desk.poll(url)
    desk.server.put("/f", Answer(body=feed("Eins", "Zwei", "Drei", "Uraltes", names="b", text="Neu gesetzt.")))
    await desk.poll(url)
    assert (await kept(desk.db))["Uraltes"].published_at <= desk.clock.at - LONG_AGO


async def test_much_news_at_once_is_news(desk: Desktop) -> None:
    url = await desk.add("/f", Answer(body=feed("Eins", "Zwei", "Drei", names="a")))
    await desk.poll(url)
    desk.clock.move(days=1)
    desk.server.put("/f", Answer(body=feed("Vier", "Fünf", "Sechs", "Sieben", names="b")))
    await desk.poll(url)
    assert (await kept(desk.db))["Sieben"].published_at == desk.clock.at


async def test_a_title_that_comes_every_day_is_a_new_item_each_time(desk: Desktop) -> None:
    url = await desk.add("/f", Answer(body=feed("Das Wetter", "Börse am Abend", "Eins", names="a")))
    await desk.poll(url)
    desk.clock.move(days=1)
    later = feed("Das Wetter", "Börse am Abend", "Zwei", "Drei", "Vier", names="b", text="Morgen wird es kälter.")
    desk.server.put("/f", Answer(body=later))
    await desk.poll(url)
    async with desk.db.read() as tx:
        assert len(await clips.latest(tx, ClipFilter(since=desk.clock.at - timedelta(hours=1)), 100)) == 5

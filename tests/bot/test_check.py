"""The check of all feeds: what is said of each, and that nothing is kept."""

import asyncio
from pathlib import Path

from bot.check import TROUBLES, check_feeds
from bot.fetch import FetchCode, Fetcher, Limits
from storage import clips, feeds
from storage.database import Database
from storage.states import FeedState
from storage.tables import Feed
from tests import make
from tests.bot.test_cli import Shell
from tests.fakes.feeds import Answer, FeedServer
from tests.make import NOW, MovableClock

RSS = (
    b"<rss version='2.0'><channel><title>Bote</title><item><title>Eins</title>"
    b"<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>"
)


def test_each_failure_has_its_words() -> None:
    assert set(TROUBLES) == set(FetchCode)


async def test_each_feed_is_asked_and_nothing_is_kept(db: Database, clock: MovableClock) -> None:
    told: list[tuple[int, int]] = []
    async with FeedServer() as server:
        answers = {
            "/good": Answer(body=RSS),
            "/moved": Answer(status=301, redirect="/good"),
            "/absent": Answer(status=404),
            "/page": Answer(body=b"<html><body>Wartung</body></html>", content_type="text/html"),
            "/closed": Answer(status=410),
        }
        async with db.write() as tx:
            source = await make.source(tx)
            for path, answer in answers.items():
                state = FeedState.RETIRED if path == "/closed" else FeedState.ACTIVE
                url = server.put(path, answer)
                await feeds.add_feed(
                    tx, Feed(source_id=source.id or 0, url=url, state=state, next_due_at=NOW, added_at=NOW)
                )
        limits = Limits(total_s=3, spacing_s=0)
        allowed = frozenset({server.here})
        async with Fetcher(contact="", now=clock, allow_private=allowed, limits=limits) as fetcher:
            found = await check_feeds(db, fetcher, clock, lambda done, total: told.append((done, total)))
        assert {each.url.rpartition("/")[2]: each.trouble for each in found} == {
            "good": "",
            "moved": f"it moved for good to {server.url('/good')}",
            "absent": "its server refuses it (status 404)",
            "page": "there is no feed at its address",
            "closed": "its server says that it is gone for good (status 410)",
        }
        assert next(each.items for each in found if each.url.endswith("/good")) == 1
    assert told[-1] == (5, 5)
    async with db.read() as tx:
        assert await clips.count(tx) == 0
        assert all(feed.polled_at is None for view in await feeds.sources(tx) for feed in view.feeds)


async def test_the_command_shows_a_table_and_fails_where_a_feed_does(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    async with FeedServer() as server:
        good, bad = server.put("/good", Answer(body=RSS)), server.put("/bad", Answer(status=500))
        outlines = f'<outline text="Gut" xmlUrl="{good}"/><outline text="Schlecht" xmlUrl="{bad}"/>'
        shell.write("feeds.opml", f'<opml version="2.0"><body>{outlines}</body></opml>')
        await asyncio.to_thread(shell.run, "sources", "import", "feeds.opml")
        done = await asyncio.to_thread(shell.run, "sources", "check", ALLOW_PRIVATE_NETWORK=server.here)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["Source", "Feed", "Result", "Items", "Newest", "Seconds"]
    assert "its server refuses it (status 500)" in lines[1]
    assert "good" in lines[2]
    assert lines[-1] == "2 feeds asked, 1 good, 1 with trouble."

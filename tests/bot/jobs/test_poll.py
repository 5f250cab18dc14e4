"""Feeds on loopback, polled with a clock that is moved: what is kept, what is learnt, and when each is asked again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.fetch import Fetcher
from bot.jobs.poll import MOVES, OF_ONE_HOST, TOGETHER, Poller
from handlers.intake import Intake
from handlers.news import pace
from handlers.ports import Desk
from storage import feeds
from storage.database import Database
from storage.states import FeedState
from storage.tables import Feed
from tests import make
from tests.fakes.feeds import Answer, Canary, FeedServer
from tests.make import NOW, MovableClock
from tests.polling import Desktop, rss

HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.fixture
async def desk(db: Database, server: FeedServer, clock: MovableClock) -> AsyncIterator[Desktop]:
    desktop = Desktop(db, server, clock)
    async with desktop.fetcher:
        yield desktop


async def test_a_feed_is_read_once_and_asked_conditionally_after_that(desk: Desktop) -> None:
    url = await desk.add("/f", Answer(body=rss("Eins", "Zwei"), etag='"1"'))
    first = await desk.poll(url)
    assert await desk.titles() == ["Eins", "Zwei"]
    assert (first.title, first.etag, first.changed_at) == ("Bote", '"1"', NOW)
    await desk.poll(url)
    assert desk.server.seen[1].headers["If-None-Match"] == '"1"'
    assert await desk.titles() == ["Eins", "Zwei"]


async def test_what_is_not_due_is_not_asked(desk: Desktop) -> None:
    await desk.add("/f", Answer(body=rss("Eins")))
    assert await desk.poller.tick() == 1
    assert await desk.poller.tick() == 0


@pytest.mark.parametrize(
    ("answer", "at_least"),
    [
        (Answer(body=rss("Eins")), HALF_HOUR),
        (Answer(body=rss("Eins"), headers={"Cache-Control": "max-age=7200"}), timedelta(hours=2)),
        (Answer(body=rss("Eins", channel="<ttl>240</ttl>")), timedelta(hours=4)),
        (
            Answer(
                body=rss(
                    "Eins",
                    channel="<sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>"
                    "daily</sy:updatePeriod>",
                )
            ),
            timedelta(hours=24),
        ),
    ],
    ids=["usual", "Cache-Control", "ttl", "sy:updatePeriod"],
)
async def test_the_next_poll_waits_as_long_as_the_feed_asks(desk: Desktop, answer: Answer, at_least: timedelta) -> None:
    feed = await desk.poll(await desk.add("/f", answer))
    assert at_least <= feed.next_due_at - NOW <= at_least * 1.1


async def test_what_a_feed_asks_for_holds_while_it_does_not_change(desk: Desktop) -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(8, 20))
    body = rss("Eins", channel=f"<ttl>60</ttl><skipHours>{hours}</skipHours>")
    url = await desk.add("/f", Answer(body=body, etag='"1"'))
    for _ in range(4):
        feed = await desk.poll(url)
        assert feed.next_due_at - desk.clock.at >= timedelta(hours=1)
        assert feed.next_due_at.hour not in range(8, 20)


async def test_a_busy_feed_is_asked_often_and_a_quiet_one_less_and_less(desk: Desktop) -> None:
    dates = (NOW - timedelta(minutes=3)).strftime("<pubDate>%a, %d %b %Y %H:%M:%S GMT</pubDate>")
    busy = await desk.poll(await desk.add("/busy", Answer(body=rss("A", "B", "C", "D", dates=dates))))
    assert pace.SHORTEST <= busy.next_due_at - NOW <= pace.SHORTEST * 1.1
    url = await desk.add("/quiet", Answer(body=rss("Eins"), etag='"1"'))
    pauses = []
    for _ in range(40):
        feed = await desk.poll(url)
        pauses.append(feed.next_due_at - desk.clock.at)
    assert pauses == sorted(pauses)
    assert pauses[0] < timedelta(hours=1) < pauses[-1]


async def test_the_interval_of_the_operator_counts_for_all(desk: Desktop) -> None:
    url = await desk.add("/f", Answer(body=rss("Eins")))
    desk.poller = desk.make_poller(interval=timedelta(minutes=2))
    assert (await desk.poll(url)).next_due_at == NOW + timedelta(minutes=2)


async def test_a_feed_that_moves_for_good_is_asked_there_after_it_said_so_again(desk: Desktop) -> None:
    new = desk.server.put("/new", Answer(body=rss("Eins")))
    old = await desk.add("/old", Answer(status=301, redirect="/new"))
    for number in range(1, MOVES):
        assert (await desk.poll(old)).moved_count == number
    desk.clock.move(days=1)
    await desk.poller.tick()
    moved = await desk.feed(new)
    assert (moved.moved_to_url, moved.moved_count) == ("", 0)
    await desk.poll(new)
    assert [seen.path for seen in desk.server.seen][-1] == "/new"
    assert await desk.titles() == ["Eins"]


async def test_a_feed_that_moves_hither_and_thither_stays(desk: Desktop) -> None:
    desk.server.put("/a", Answer(body=rss("Eins")))
    desk.server.put("/b", Answer(body=rss("Eins")))
    old = await desk.add("/old", Answer())
    for number in range(6):
        desk.server.put("/old", Answer(status=308, redirect=("/a", "/b")[number % 2]))
        assert (await desk.poll(old)).moved_count == 1


async def test_a_feed_that_moves_to_one_that_is_read_already_is_retired(desk: Desktop) -> None:
    await desk.add("/new", Answer(body=rss("Eins")))
    old = await desk.add("/old", Answer(status=301, redirect="/new"))
    for _ in range(MOVES):
        feed = await desk.poll(old)
    assert feed.state == FeedState.RETIRED


async def test_a_feed_that_is_gone_is_not_asked_again(desk: Desktop) -> None:
    url = await desk.add("/f", Answer(status=410))
    assert (await desk.poll(url)).state == FeedState.RETIRED
    desk.clock.move(days=30)
    assert await desk.poller.tick() == 0


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=404), "http_status"),
        (Answer(status=500), "http_status"),
        (Answer(body=b"no gzip", headers={"Content-Encoding": "gzip"}), "decoding"),
        (Answer(status=302, redirect="http://169.254.169.254/"), "private_address"),
        (Answer(status=302, redirect="/f"), "too_many_redirects"),
        (Answer(body=b"<html><body><p>Wartung</p></body></html>", content_type="text/html"), "no_feed"),
        (Answer(body=b"\x89PNG\r\n\x1a\n" + bytes(200), content_type="image/png"), "no_feed"),
        (Answer(body=b""), "no_feed"),
        (Answer(body=b"<!DOCTYPE r [<!ENTITY a 'b'>]><rss version='2.0'><channel>&a;</channel></rss>"), "any"),
        (Answer(body=rss("Eins") * 2, hangs="reset"), "protocol"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_failure_is_remembered_and_the_feed_waits_longer_each_time(
    desk: Desktop, answer: Answer, code: str
) -> None:
    url = await desk.add("/f", answer)
    pauses = []
    for number in range(1, 5):
        feed = await desk.poll(url)
        pauses.append(feed.next_due_at - desk.clock.at)
        if code == "any":
            return
        assert feed.error_code == code
        assert feed.error_count == number
    assert pauses == [timedelta(minutes=15) * 2**number for number in range(4)]
    desk.server.put("/f", Answer(body=rss("Eins")))
    assert (await desk.poll(url)).error_code == ""


async def test_retry_after_is_kept_by_all_feeds_of_the_host(desk: Desktop) -> None:
    busy = await desk.add("/busy", Answer(status=429, headers={"Retry-After": "7200"}))
    assert (await desk.poll(busy)).next_due_at == NOW + timedelta(hours=2)
    other = await desk.add("/other", Answer(body=rss("Eins")))
    assert (await desk.poll(other)).next_due_at == NOW + timedelta(hours=2)
    assert [seen.path for seen in desk.server.seen] == ["/busy"]
    desk.server.put("/busy", Answer(body=rss("Zwei")))
    assert (await desk.poll(other)).error_code == ""


async def test_a_bad_item_does_not_cost_its_neighbours(desk: Desktop) -> None:
    body = rss("Eins", "Drei").replace(b"<item><title>Drei", b"<item></item><item><title>Drei")
    feed = await desk.poll(await desk.add("/f", Answer(body=body)))
    assert await desk.titles() == ["Drei", "Eins"]
    assert feed.error_code == ""


async def test_a_feed_that_takes_too_long_to_read_is_given_up(desk: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.parsing.PARSE_LIMIT_S", 0.05)
    url = await desk.add("/f", Answer(body=rss("Eins")))

    async def stuck(function: Callable[[], Any]) -> Any:
        await asyncio.Event().wait()

    desk.poller = Poller(desk.db, desk.fetcher, Intake(desk.db, Desk(), make.at_once), stuck, desk.clock)
    feed = await desk.poll(url)
    assert (feed.error_code, feed.error_count) == ("unreadable", 1)


async def test_one_broken_row_leaves_the_others_alone(desk: Desktop) -> None:
    await desk.add("/bad", Answer(body=rss("Zwei"), etag='"1"'), etag='"1"', skip_hours="no hours")
    good = await desk.add("/good", Answer(body=rss("Eins")))
    await desk.poller.tick()
    assert (await desk.feed(good)).polled_at == NOW
    assert (await desk.feed(good)).error_code == ""
    assert await desk.titles() == ["Eins"]


async def test_one_host_does_not_keep_the_others_waiting(desk: Desktop) -> None:
    for number in range(OF_ONE_HOST + 5):
        await desk.add(f"/{number}", Answer(body=rss("Eins")))
    assert await desk.poller.tick() == OF_ONE_HOST
    assert await desk.poller.tick() == 5


async def test_each_of_many_feeds_is_asked_once_and_written_down(desk: Desktop) -> None:
    number = 3 * TOGETHER
    names = {f"host{each}.test": ["127.0.0.1"] for each in range(number)}

    async def resolve(host: str, port: int) -> list[str]:
        return names[host]

    desk.server.put("/f", Answer(body=rss("Eins"), etag='"1"'))
    async with desk.db.write() as tx:
        source = await make.source(tx)
        for host in names:
            row = Feed(source_id=source.id or 0, url=desk.server.url("/f", host), next_due_at=NOW, added_at=NOW)
            await feeds.add_feed(tx, row)
    async with Fetcher(contact="", now=desk.clock, allow_private=True, resolver=resolve) as desk.fetcher:
        desk.poller = desk.make_poller()
        assert await desk.poller.tick() == number
        assert await desk.poller.tick() == 0
    assert len(desk.server.seen) == number


async def test_no_poll_reaches_the_canary(db: Database, server: FeedServer, clock: MovableClock) -> None:
    desk = Desktop(db, server, clock)
    async with Canary() as canary, desk.fetcher:
        urls = [await desk.add("/f", Answer(status=301, redirect=canary.url("/")))]
        hosts = ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]")
        async with db.write() as tx:
            source = await make.source(tx)
            for host in hosts:
                row = Feed(source_id=source.id or 0, url=f"http://{host}:{canary.port}/", next_due_at=NOW, added_at=NOW)
                await feeds.add_feed(tx, row)
                urls.append(row.url)
        await desk.poller.tick()
        assert {(await desk.feed(url)).error_code for url in urls} <= {"port_refused", "bad_url"}
        assert canary.connections == 0

"""Feeds with a hub: asked, verified, told of news, renewed and left; and what strangers send changes nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.jobs.websub import Subscriber
from bot.serving import Place
from bot.websub import MAX_BODY_BYTES, listening
from handlers import hubs
from storage import feeds, websub
from storage.database import Database
from storage.states import FeedState
from storage.tables import HubSubscription
from tests.fakes.feeds import Answer, Canary, FeedServer
from tests.fakes.hub import Hub
from tests.make import MovableClock
from tests.polling import Desktop, rss


class Desk(Desktop):
    """A poller and a subscriber, with a hub that the feed announces."""

    hub: Hub
    subscriber: Subscriber
    url: str

    async def row(self) -> HubSubscription | None:
        async with self.db.read() as tx:
            found = await websub.by_token(tx, self.hub.asked[0]["hub.callback"].rsplit("/", 1)[1])
        return found[0] if found else None


def announcing(hub: str, *titles: str) -> bytes:
    link = f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='hub' href='{hub}'/>"
    return rss(*titles, channel=link)


@pytest.fixture
async def desk(db: Database, clock: MovableClock) -> AsyncIterator[Desk]:
    async with FeedServer() as server, Hub() as hub, listening(db, clock, Place("127.0.0.1", 0)) as port:
        desk = Desk(db, server, clock, allow_private=frozenset({server.here, hub.here}))
        async with desk.fetcher:
            desk.hub = hub
            desk.subscriber = Subscriber(db, desk.fetcher, clock, f"http://127.0.0.1:{port}/")
            desk.url = await desk.add("/f", Answer(body=announcing(hub.url, "Eins")))
            await desk.poll(desk.url)
            yield desk


async def test_a_feed_with_a_hub_is_polled_as_soon_as_the_hub_tells_of_news(desk: Desk) -> None:
    assert await desk.subscriber.tick() == 1
    (asked,) = desk.hub.asked
    assert (asked["hub.mode"], asked["hub.topic"]) == ("subscribe", desk.url)
    assert await desk.hub.verify() == (200, "abc123")
    desk.server.put("/f", Answer(body=announcing(desk.hub.url, "Eins", "Zwei")))
    desk.clock.move(minutes=5)
    assert (await desk.feed(desk.url)).next_due_at > desk.clock.at
    assert await desk.hub.tell() == 204
    assert await desk.poller.tick() == 1
    assert await desk.titles() == ["Eins", "Zwei"]


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_every_signature_that_the_specification_names_is_understood(desk: Desk, method: str) -> None:
    await desk.subscriber.tick()
    await desk.hub.verify()
    desk.clock.move(minutes=5)
    await desk.hub.tell(method=method)
    assert (await desk.feed(desk.url)).next_due_at == desk.clock.at


async def test_a_hub_that_calls_again_and_again_has_the_feed_asked_now_and_then(desk: Desk) -> None:
    await desk.subscriber.tick()
    await desk.hub.verify()
    asked = 0
    for _ in range(30):
        desk.clock.move(seconds=20)
        await desk.hub.tell()
        asked += await desk.poller.tick()
    assert 3 <= asked <= 6


async def test_a_feed_that_fails_is_left_alone_whatever_its_hub_says(desk: Desk) -> None:
    await desk.subscriber.tick()
    await desk.hub.verify()
    desk.server.put("/f", Answer(status=500))
    planned = (await desk.poll(desk.url)).next_due_at
    await desk.hub.tell()
    assert (await desk.feed(desk.url)).next_due_at == planned > desk.clock.at


async def test_a_feed_that_names_no_hub_any_more_is_taken_back(desk: Desk) -> None:
    await desk.subscriber.tick()
    await desk.hub.verify()
    desk.server.put("/f", Answer(body=rss("Eins", "Zwei")))
    await desk.poll(desk.url)
    await desk.subscriber.tick()
    assert desk.hub.asked[-1]["hub.mode"] == "unsubscribe"


async def test_a_hub_that_does_not_hear_that_we_leave_is_given_up(desk: Desk) -> None:
    await desk.subscriber.tick()
    await desk.hub.verify()
    feed = await desk.feed(desk.url)
    async with desk.db.write() as tx:
        await feeds.change_feed(tx, feed.id or 0, state=FeedState.RETIRED)
    desk.hub.status = 500
    for _ in range(12):
        await desk.subscriber.tick()
        desk.clock.move(days=1, hours=1)
    assert await desk.row() is None
    assert len(desk.hub.asked) <= 8


@pytest.mark.parametrize("header", ["sha256=ü", "sha256=", "", "=", "sha256"])
def test_an_odd_signature_is_none(header: str) -> None:
    assert not hubs.is_signed(header, b"x", "secret")


async def test_what_is_signed_wrong_is_taken_quietly_and_changes_nothing(desk: Desk) -> None:
    await desk.subscriber.tick()
    await desk.hub.verify()
    before = (await desk.feed(desk.url)).next_due_at
    assert await desk.hub.tell(secret="guessed") == 204
    assert await desk.hub.tell(method="md5") == 204
    assert await desk.hub.tell(b"x" * (MAX_BODY_BYTES + 1)) == 204
    assert (await desk.feed(desk.url)).next_due_at == before


async def test_nothing_is_verified_that_was_not_asked_for(desk: Desk) -> None:
    await desk.subscriber.tick()
    assert (await desk.hub.verify(hub_topic="https://other.example/feed"))[0] == 404
    assert (await desk.hub.verify(hub_mode="unsubscribe"))[0] == 404
    assert (await desk.hub.verify(hub_mode="nonsense"))[0] == 404
    desk.hub.asked.append({**desk.hub.asked[0], "hub.callback": desk.hub.asked[0]["hub.callback"] + "x"})
    assert (await desk.hub.verify())[0] == 404
    assert await desk.hub.tell() == 404
    row = await desk.row()
    assert row is not None
    assert row.state == "asked"


async def test_a_subscription_is_renewed_before_it_ends_also_after_a_restart(desk: Desk) -> None:
    await desk.subscriber.tick()
    await desk.hub.verify(hub_lease_seconds="864000")
    desk.clock.move(days=8.5)
    assert await desk.subscriber.tick() == 0
    desk.clock.move(days=0.6)
    again = Subscriber(desk.db, desk.fetcher, desk.clock, desk.subscriber._root)
    assert await again.tick() == 1
    assert desk.hub.asked[1]["hub.callback"] == desk.hub.asked[0]["hub.callback"]
    await desk.hub.verify()
    row = await desk.row()
    assert row is not None
    assert row.lease_until == desk.clock.at + timedelta(days=1)


async def test_a_hub_that_fails_is_asked_later_and_later(desk: Desk) -> None:
    desk.hub.status = 500
    waits = []
    for _ in range(9):
        await desk.subscriber.tick()
        row = await desk.row()
        assert row is not None
        waits.append(row.next_at - desk.clock.at)
        assert await desk.subscriber.tick() == 0
        desk.clock.move_to(row.next_at)
    assert waits[0] == hubs.ANSWER_WITHIN
    assert waits == sorted(waits)
    assert waits[-1] == hubs.LATEST


async def test_a_hub_that_declines_is_left_alone_for_a_day(desk: Desk) -> None:
    await desk.subscriber.tick()
    assert (await desk.hub.verify(hub_mode="denied", hub_reason="no"))[0] == 200
    desk.clock.move(hours=23)
    assert await desk.subscriber.tick() == 0
    desk.clock.move(hours=2)
    assert await desk.subscriber.tick() == 1


async def test_a_feed_that_is_read_no_longer_is_taken_back_and_its_hub_hears_that_it_is_gone(desk: Desk) -> None:
    await desk.subscriber.tick()
    await desk.hub.verify()
    feed = await desk.feed(desk.url)
    async with desk.db.write() as tx:
        await feeds.change_feed(tx, feed.id or 0, state=FeedState.RETIRED)
    assert await desk.hub.tell() == 410
    assert await desk.subscriber.tick() == 1
    assert desk.hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert await desk.subscriber.tick() == 0
    assert (await desk.hub.verify())[0] == 200
    assert await desk.row() is None
    assert await desk.hub.tell() == 404


async def test_a_feed_that_names_another_hub_is_asked_there(desk: Desk) -> None:
    await desk.subscriber.tick()
    other = f"http://127.0.0.1:{desk.hub.port}/hub?of=another"
    desk.server.put("/f", Answer(body=announcing(other, "Eins", "Zwei")))
    await desk.poll(desk.url)
    assert await desk.subscriber.tick() == 1
    assert (await desk.row()) is None  # its old address is worth nothing any more
    assert await desk.hub.verify() == (200, "abc123")


async def test_a_hub_inside_the_private_network_is_never_asked(db: Database, clock: MovableClock) -> None:
    async with FeedServer() as server, Canary() as canary:
        desk = Desktop(db, server, clock)
        async with desk.fetcher:
            url = await desk.add("/f", Answer(body=announcing(canary.url("/hub"), "Eins")))
            await desk.poll(url)
            await Subscriber(db, desk.fetcher, clock, "https://news.example").tick()
        assert canary.connections == 0


async def test_feeds_without_a_hub_ask_nobody(db: Database, clock: MovableClock) -> None:
    async with FeedServer() as server:
        desk = Desktop(db, server, clock)
        async with desk.fetcher:
            await desk.poll(await desk.add("/f", Answer(body=rss("Eins"))))
            assert await Subscriber(db, desk.fetcher, clock, "https://news.example").tick() == 0


@pytest.mark.parametrize(
    ("stated", "lease"),
    [
        ("86400", timedelta(days=1)),
        ("1", hubs.SHORTEST),
        ("999999999", hubs.LONGEST),
        ("", hubs.WANTED),
        ("-5", hubs.WANTED),
    ],
)
def test_leases_are_kept_within_bounds(stated: str, lease: timedelta) -> None:
    assert hubs.lease_of(stated) == lease

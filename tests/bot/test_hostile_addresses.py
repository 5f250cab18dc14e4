"""Addresses that lead inside, as feeds, in redirects, from a chat and the shell: refused, and the canary is silent."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.addresses import Addresses, AddressRefused, NameUnknown
from bot.app import open_core
from bot.config import Settings
from bot.fetch import Limits
from bot.ingest import Ingest
from bot.pages import FetchedPages
from handlers.request import Person
from storage import feeds
from storage.database import Database
from tests import make
from tests.dialogue import Talk
from tests.fakes.feeds import Answer, Canary, FeedServer
from tests.make import MovableClock
from tests.polling import Desktop, rss

OPERATOR = Person("1", "Olga", language="en", is_operator=True)
NAMES = {
    "feeds.test": ["127.0.0.1"],
    "inside.test": ["127.0.0.1"],
    "inside6.test": ["::1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "metadata.test": ["169.254.169.254"],
    "lan.test": ["10.0.0.1", "192.168.1.1", "fd00::1"],
    "zone.test": ["fe80::1%lo"],
    "nonsense.test": ["not an address"],
    "xn--mller-kva.test": ["127.0.0.1"],
}
HOSTS = [
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",  # noqa: S104 - an address to refuse, not to listen on
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[fec0::1]",
    "[fd00::1]",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "192.168.1.1",
    "10.0.0.1",
    "172.16.0.1",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "localhost",
    "LOCALHOST.",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "inside.test",
    "INSIDE.test",
    "inside6.test",
    "mapped.test",
    "metadata.test",
    "lan.test",
    "zone.test",
    "nonsense.test",
    "unknown.test",
    "müller.test",
    "example.com@127.0.0.1",
    "example.com:80@127.0.0.1",
    "example.com%40127.0.0.1",
    "example.com#@127.0.0.1",
    "127.0.0.1\\@inside.test",
    "127.0.0.1%2f.test",
    "127.0.0.1%00.inside.test",
    "inside.test.",
    "a" * 64 + ".test",
    "a." * 130 + "test",
    "a" * 3000,
    "-",
    "..",
    "",
]
REFUSED = {"private_address", "dns", "bad_url", "port_refused"}


async def resolve(host: str, port: int) -> list[str]:
    # A machine's own resolver knows the number forms too.
    known = {**NAMES, **dict.fromkeys(("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost"), ["127.0.0.1"])}
    found = known.get(host.lower())
    if found is None:
        raise NameUnknown(host)
    return found


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    async with Canary() as running:
        yield running
        assert running.connections == 0


@pytest.fixture
async def desk(db: Database, clock: MovableClock, canary: Canary) -> AsyncIterator[Desktop]:
    async with FeedServer() as server:
        settings = {
            "limits": Limits(total_s=2, spacing_s=0),
            "allow_private": frozenset({f"feeds.test:{server.port}"}),
            "ports": frozenset({80, 443, canary.port}),
            "resolver": resolve,
        }
        desktop = Desktop(db, server, clock, **settings)
        async with desktop.fetcher:
            yield desktop


@pytest.fixture
def operator(desk: Desktop, clock: MovableClock) -> Talk:
    services = replace(make.services(desk.db), pages=FetchedPages(desk.fetcher))
    return Talk(services, clock).beside(OPERATOR)


def shown(host: str) -> str:
    return host[:40] or "none"


@pytest.mark.parametrize("host", HOSTS, ids=shown)
async def test_no_feed_leads_inside(desk: Desktop, canary: Canary, host: str) -> None:
    feed = await desk.poll(await desk.add_url(f"http://{host}:{canary.port}/f"))
    assert feed.error_code in REFUSED


@pytest.mark.parametrize("host", HOSTS, ids=shown)
async def test_no_redirect_leads_inside(desk: Desktop, canary: Canary, host: str) -> None:
    location = f"http://{host}:{canary.port}/f".encode().decode("latin-1")
    desk.server.put("/f", Answer(status=301, redirect=location))
    feed = await desk.poll(await desk.add_url(desk.server.url("/f", "feeds.test")))
    assert feed.error_code in REFUSED | {"protocol"}
    assert [seen.path for seen in desk.server.seen] == ["/f"]


@pytest.mark.parametrize("host", HOSTS, ids=shown)
async def test_no_address_that_a_person_gives_leads_inside(operator: Talk, canary: Canary, host: str) -> None:
    await operator.says(f"/addsource http://{host}:{canary.port}/f")
    assert operator.buttons() == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/f",
        "gopher://127.0.0.1/f",
        "data:text/xml,<rss/>",
        "unix:///tmp/x",
        "//127.0.0.1/",
    ],
)
async def test_other_schemes_are_no_feeds(desk: Desktop, url: str) -> None:
    assert (await desk.poll(await desk.add_url(url))).error_code == "bad_url"


async def test_the_shell_takes_nothing_from_inside(canary: Canary, empty_address: str, clock: MovableClock) -> None:
    settings = Settings(_env_file=None, database_url=empty_address)
    async with open_core(settings, clock) as core:
        outcome = await Ingest(core).run([canary.url("/f"), "http://localhost/f", "http://[::1]/f"])
    assert len(outcome.report.refused) == 3
    assert outcome.report.new == 0


@pytest.fixture
def empty_address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('shell') / 'k.db'}"


async def test_a_page_that_announces_a_feed_inside_leads_nowhere(operator: Talk, desk: Desktop, canary: Canary) -> None:
    link = f'<link rel="alternate" type="application/rss+xml" href="{canary.url("/f")}">'
    page = f"<html><head>{link}</head><body>Start</body></html>".encode()
    desk.server.put("/", Answer(body=page, content_type="text/html"))
    await operator.says(f"/addsource {desk.server.url('/', 'feeds.test')}")
    operator.hears("I found no feed")


async def test_pictures_and_other_media_are_never_fetched(desk: Desktop, canary: Canary) -> None:
    medium = canary.url("/bild.jpg")
    extra = (
        f"<enclosure url='{medium}' type='image/jpeg' length='9'/><media:content url='{medium}' medium='image'/>"
        f"<media:thumbnail url='{medium}'/><description>&lt;img src='{medium}'&gt; Die Brücke.</description>"
    ).encode()
    body = rss("Eins").replace(b"<rss ", b"<rss xmlns:media='http://search.yahoo.com/mrss/' ")
    desk.server.put("/f", Answer(body=body.replace(b"</item>", extra + b"</item>")))
    await desk.poll(await desk.add_url(desk.server.url("/f", "feeds.test")))
    (clip,) = await desk.clips()
    assert clip.image_url == medium
    assert [seen.path for seen in desk.server.seen] == ["/f"]


async def test_a_name_that_changes_its_address_is_judged_at_each_connection(
    db: Database, clock: MovableClock, canary: Canary
) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["127.0.0.1", "10.0.0.1"]])

    async def changing(host: str, port: int) -> list[str]:
        return next(answers)

    async with FeedServer() as server:
        ports = frozenset({canary.port})
        desk = Desktop(db, server, clock, resolver=changing, ports=ports, allow_private=frozenset())
        async with desk.fetcher:
            url = await desk.add_url(f"http://rebinding.test:{canary.port}/")
            codes = [(await desk.poll(url)).error_code for _ in range(3)]
    assert codes == ["private_address"] * 3


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["93.184.215.14", "127.0.0.1"], ["93.184.215.14"]),
        (["127.0.0.1", "93.184.215.14"], ["93.184.215.14"]),
        (["::1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"], ["2606:2800:21f:cb07:6820:80da:af6b:8b2c"]),
    ],
)
async def test_of_a_name_with_public_and_private_addresses_the_public_ones_are_tried(
    found: list[str], expected: list[str]
) -> None:
    async def both(host: str, port: int) -> list[str]:
        return found

    assert await Addresses(allow_private=False, resolver=both).choose("both.test", 443) == expected


async def test_a_name_with_private_addresses_only_is_refused() -> None:
    with pytest.raises(AddressRefused):
        await Addresses(allow_private=False, resolver=resolve).choose("lan.test", 443)


async def test_the_canary_sings_where_it_may_be_reached(db: Database, clock: MovableClock) -> None:
    async with FeedServer() as server, Canary() as canary:
        desk = Desktop(db, server, clock, allow_private=frozenset({canary.here}))
        async with desk.fetcher:
            assert (await desk.poll(await desk.add_url(canary.url("/f")))).error_code == "no_feed"
        assert canary.requests == 1


async def test_a_source_with_an_address_inside_is_not_kept(operator: Talk, desk: Desktop, canary: Canary) -> None:
    await operator.says(f"/addsource {canary.url('/f')}")
    async with desk.db.read() as tx:
        assert await feeds.sources(tx) == []

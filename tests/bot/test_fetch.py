"""The fetcher against servers on loopback: what it brings, what it refuses, and whom it never reaches.

Long, since every case needs the same servers and resolver, which stand at the top.
"""

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import brotli
import httpcore
import httpx
import pytest
import zstandard

from bot.addresses import NameUnknown, is_public
from bot.fetch import FetchCode, Fetched, Fetcher, FetchError, Limits, NotModified, Outcome, Validators, code_of
from tests.fakes.feeds import Answer, Canary, FeedServer, RawServer

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RSS = b"<rss version='2.0'><channel><title>Nachrichten</title></channel></rss>"
Get = Callable[..., Awaitable[Outcome]]


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    async with Canary() as running:
        yield running


def resolver(table: dict[str, list[str]]) -> Callable[[str, int], Awaitable[list[str]]]:
    async def resolve(host: str, port: int) -> list[str]:
        if host not in table:
            raise NameUnknown(host)
        return table[host]

    return resolve


def fetcher(*allowed: str, names: dict[str, list[str]] | None = None, limits: Limits | None = None) -> Fetcher:
    more = {"resolver": resolver(names)} if names is not None else {}
    return Fetcher(
        contact="https://example.org/bot",
        version="1.2",
        now=lambda: NOW,
        allow_private=frozenset(allowed),
        limits=limits or Limits(total_s=5, spacing_s=0),
        **more,
    )


async def get(server: FeedServer, path: str, **more: object) -> Outcome:
    async with fetcher(server.here) as fetching:
        return await fetching.fetch(server.url(path), **more)  # type: ignore[arg-type]


async def test_a_feed_comes_with_its_headers(server: FeedServer) -> None:
    server.put("/f", Answer(body=RSS, etag='W/"1"', last_modified="Mon, 02 Mar 2026 08:00:00 GMT"))
    outcome = await get(server, "/f")
    assert outcome == Fetched(
        url=server.url("/f"),
        body=RSS,
        content_type="application/rss+xml; charset=utf-8",
        validators=Validators('W/"1"', "Mon, 02 Mar 2026 08:00:00 GMT"),
    )


async def test_the_request_says_who_asks(server: FeedServer) -> None:
    await get(server, "/f")
    headers = server.seen[0].headers
    assert headers["User-Agent"] == "Kurzclips/1.2 (news bot; +https://example.org/bot)"
    assert headers["Accept-Encoding"] == "gzip, deflate, br, zstd"
    assert "Cookie" not in headers


@pytest.mark.parametrize(
    "validators",
    [Validators(etag='"1"'), Validators(last_modified="Mon, 02 Mar 2026 08:00:00 GMT")],
    ids=["etag", "last-modified"],
)
async def test_an_unchanged_feed_is_not_sent_again(server: FeedServer, validators: Validators) -> None:
    server.put("/f", Answer(body=RSS, etag='"1"', last_modified="Mon, 02 Mar 2026 08:00:00 GMT"))
    outcome = await get(server, "/f", validators=validators)
    assert isinstance(outcome, NotModified)
    assert outcome.validators == Validators('"1"', "Mon, 02 Mar 2026 08:00:00 GMT")


async def test_not_modified_without_being_asked_is_a_protocol_error(server: FeedServer) -> None:
    server.put("/f", Answer(status=304))
    assert code(await get(server, "/f")) == "protocol"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw-deflate", "br", "zstd"])
async def test_a_compressed_body_is_unfolded(server: FeedServer, encoding: str) -> None:
    body = RSS * 20_000  # several steps of the decompressor
    server.put("/f", Answer(body=body, encoding=encoding))
    outcome = await get(server, "/f")
    assert isinstance(outcome, Fetched)
    assert outcome.body == body


async def test_gzip_in_several_members_is_unfolded_whole(server: FeedServer) -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"two")
    server.put("/f", Answer(body=body, headers={"Content-Encoding": "gzip"}))
    outcome = await get(server, "/f")
    assert isinstance(outcome, Fetched)
    assert outcome.body == b"one two"


async def test_zstd_in_several_frames_is_unfolded_whole(server: FeedServer) -> None:
    body = zstandard.compress(b"one ") + zstandard.compress(b"two")
    server.put("/f", Answer(body=body, headers={"Content-Encoding": "zstd"}))
    outcome = await get(server, "/f")
    assert isinstance(outcome, Fetched)
    assert outcome.body == b"one two"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(body=b"x" * 200_001), "too_large"),
        (Answer(body=b"\x00" * 50_000_000, encoding="gzip"), "too_large"),
        (Answer(body=b"no gzip at all", headers={"Content-Encoding": "gzip"}), "decoding"),
        (Answer(body=gzip.compress(RSS * 50)[:-20], headers={"Content-Encoding": "gzip"}), "decoding"),
        (Answer(body=b"\x00" * 50_000_000, encoding="br"), "too_large"),
        (Answer(body=b"\x00" * 50_000_000, encoding="zstd"), "too_large"),
        (Answer(body=RSS, headers={"Content-Encoding": "br"}), "decoding"),
        (Answer(body=brotli.compress(RSS * 50)[:-5], headers={"Content-Encoding": "br"}), "decoding"),
        (Answer(body=RSS, headers={"Content-Encoding": "zstd"}), "decoding"),
        (Answer(body=zstandard.compress(RSS * 50)[:-5], headers={"Content-Encoding": "zstd"}), "decoding"),
        (Answer(body=RSS, headers={"Content-Encoding": "compress"}), "decoding"),
        (Answer(body=RSS, headers={"Content-Encoding": "gzip, gzip"}), "decoding"),
        (Answer(body=RSS * 9, hangs="reset"), "protocol"),
        (Answer(status=404), "http_status"),
        (Answer(status=500), "http_status"),
        (Answer(status=204), "http_status"),
        (Answer(status=410), "gone"),
        (Answer(status=302), "protocol"),
        (Answer(status=302, redirect="ftp://example.org/f"), "bad_url"),
        (Answer(status=302, redirect="file:///etc/passwd"), "bad_url"),
        (Answer(status=302, redirect="http://127.0.0.1:22/"), "port_refused"),
        (Answer(status=302, redirect="http://169.254.169.254/latest/meta-data/"), "private_address"),
        (Answer(status=302, redirect="http://[::1]/"), "private_address"),
        (Answer(status=302, redirect="http://[bad/"), "bad_url"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_failure_has_its_code(server: FeedServer, answer: Answer, expected: str) -> None:
    server.put("/f", answer)
    async with fetcher(server.here, limits=Limits(total_s=5, body_bytes=200_000)) as fetching:
        assert code(await fetching.fetch(server.url("/f"))) == expected


async def test_a_body_at_the_limit_is_taken(server: FeedServer) -> None:
    server.put("/f", Answer(body=b"x" * 1000, encoding="gzip"))
    async with fetcher(server.here, limits=Limits(body_bytes=1000)) as fetching:
        assert isinstance(await fetching.fetch(server.url("/f")), Fetched)


async def test_http_status_is_told(server: FeedServer) -> None:
    server.put("/f", Answer(status=403))
    outcome = await get(server, "/f")
    assert isinstance(outcome, FetchError)
    assert outcome.status == 403


@pytest.mark.parametrize(
    ("status", "value", "expected"),
    [
        (429, "120", NOW + timedelta(seconds=120)),
        (503, "Mon, 02 Mar 2026 10:00:00 GMT", NOW + timedelta(hours=1)),
        (429, "Mon, 02 Mar 2026 08:00:00 GMT", NOW),
        (429, "999999999999", NOW + timedelta(days=30)),
        (503, "soon", None),
        (404, "120", None),
    ],
)
async def test_retry_after_is_an_instant(
    server: FeedServer, status: int, value: str, expected: datetime | None
) -> None:
    server.put("/f", Answer(status=status, headers={"Retry-After": value}))
    outcome = await get(server, "/f")
    assert isinstance(outcome, FetchError)
    assert (outcome.code, outcome.retry_at) == ("retry_after" if expected else "http_status", expected)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"Cache-Control": "max-age=600", "Age": "100"}, 500),
        ({"Cache-Control": "s-maxage=9"}, None),
        ({"Expires": "Mon, 02 Mar 2026 09:10:00 GMT", "Date": "Mon, 02 Mar 2026 09:00:00 GMT"}, 600),
        ({"Expires": "Mon, 02 Mar 2020 09:10:00 GMT"}, 0),
        ({"Expires": "-1"}, None),
        ({"Cache-Control": "max-age=9999999999"}, 30 * 86_400),
        ({}, None),
    ],
)
async def test_freshness_is_read(server: FeedServer, headers: dict[str, str], expected: int | None) -> None:
    server.put("/f", Answer(body=RSS, headers=headers))
    outcome = await get(server, "/f")
    assert isinstance(outcome, Fetched)
    assert outcome.fresh_s == expected


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((301,), "/1"),
        ((308, 301), "/2"),
        ((302,), ""),
        ((301, 302), "/1"),
        ((302, 301), ""),
        ((307,), ""),
        ((303,), ""),
    ],
)
async def test_only_permanent_redirects_from_the_start_move_a_feed(
    server: FeedServer, statuses: tuple[int, ...], moved: str
) -> None:
    for number, status in enumerate(statuses):
        server.put(f"/{number}", Answer(status=status, redirect=f"/{number + 1}"))
    server.put(f"/{len(statuses)}", Answer(body=RSS))
    outcome = await get(server, "/0")
    assert isinstance(outcome, Fetched)
    assert (outcome.url, outcome.moved_to) == (server.url(f"/{len(statuses)}"), server.url(moved) if moved else "")


async def test_five_redirects_are_followed_and_a_loop_is_not(server: FeedServer) -> None:
    for number in range(5):
        server.put(f"/{number}", Answer(status=302, redirect=f"/{number + 1}"))
    server.put("/5", Answer(body=RSS))
    server.put("/loop", Answer(status=302, redirect="/loop"))
    assert isinstance(await get(server, "/0"), Fetched)
    assert code(await get(server, "/loop")) == "too_many_redirects"
    assert sum(seen.path == "/loop" for seen in server.seen) == 6


@pytest.mark.parametrize("hangs", ["headers", "body"])
async def test_a_server_that_stalls_runs_into_the_limit(server: FeedServer, hangs: str) -> None:
    server.put("/f", Answer(body=RSS, hangs=hangs))
    async with fetcher(server.here, limits=Limits(total_s=0.2)) as fetching:
        assert code(await fetching.fetch(server.url("/f"))) == "timeout"


@pytest.mark.parametrize(
    ("says", "scheme", "expected"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "http", "protocol"),
        (b"", "http", "protocol"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "http", "protocol"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000, "http", "protocol"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "https", "tls"),
    ],
    ids=["another protocol", "silence", "cut off", "endless header", "no TLS"],
)
async def test_a_server_that_speaks_no_http_is_a_value_too(says: bytes, scheme: str, expected: str) -> None:
    async with RawServer(says) as raw, fetcher(raw.here) as fetching:
        outcome = await fetching.fetch(raw.url("/f", scheme))
    assert code(outcome) in {expected, "cut_off"}


async def test_a_closed_port_is_connect() -> None:
    async with RawServer() as raw:
        here, url = raw.here, raw.url("/")
    async with fetcher(here) as fetching:
        assert code(await fetching.fetch(url)) == "connect"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "http://",
        "http:///x",
        "javascript:alert(1)",
        "http://[::1",
        "http://a b/",
        "http://x:99999/",
        "http://" + "a" * 5000,
        "\x00",
        "http://\ud800/",
    ],
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    async with fetcher(names={}) as fetching:
        assert code(await fetching.fetch(url)) == "bad_url"


async def test_an_unknown_name_is_dns() -> None:
    async with fetcher(names={}) as fetching:
        assert code(await fetching.fetch("http://nowhere.test/")) == "dns"


@pytest.mark.parametrize("port", [22, 25, 3306, 6379, 8000, 65535])
async def test_other_ports_are_refused(port: int) -> None:
    async with fetcher(names={"public.test": ["93.184.215.14"]}) as fetching:
        assert code(await fetching.fetch(f"http://public.test:{port}/")) == "port_refused"


LOOPBACK = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0.0.0.0",  # noqa: S104 - an address to refuse, not to listen on
    "0",
    "localhost",
    "LOCALHOST",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[2002:7f00:1::]",
    "[64:ff9b::7f00:1]",
    "127。0。0。1",
    "①②⑦.0.0.1",
]


@pytest.mark.parametrize("host", LOOPBACK)
async def test_no_form_of_loopback_reaches_the_canary(canary: Canary, host: str) -> None:
    limits = Limits(total_s=3)
    async with Fetcher(contact="", now=lambda: NOW, ports=frozenset({canary.port}), limits=limits) as fetching:
        outcome = await fetching.fetch(f"http://{host}:{canary.port}/")
    assert code(outcome) in {"private_address", "dns", "bad_url"}
    assert canary.connections == 0


async def test_the_canary_would_have_sung(canary: Canary) -> None:
    async with fetcher(canary.here) as fetching:
        assert isinstance(await fetching.fetch(canary.url("/")), Fetched)
    assert (canary.connections, canary.requests) == (1, 1)


async def test_a_redirect_to_a_private_name_never_connects(server: FeedServer, canary: Canary) -> None:
    names = {"feeds.test": ["127.0.0.1"], "inside.test": ["127.0.0.1"], "both.test": ["10.0.0.1", "127.0.0.1"]}
    server.put("/f", Answer(status=301, redirect=f"http://inside.test:{canary.port}/"))
    server.put("/g", Answer(status=301, redirect="http://both.test/"))
    async with fetcher(f"feeds.test:{server.port}", names=names) as fetching:
        assert code(await fetching.fetch(server.url("/f", "feeds.test"))) == "port_refused"
        assert code(await fetching.fetch(server.url("/g", "feeds.test"))) == "private_address"
    assert canary.connections == 0


async def test_a_name_is_resolved_once_so_it_cannot_change_after_the_check(server: FeedServer, canary: Canary) -> None:
    asked = []

    async def changing(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["203.0.113.9"] if len(asked) == 1 else ["127.0.0.1"]

    async with Fetcher(contact="", now=lambda: NOW, limits=Limits(total_s=1), resolver=changing) as fetching:
        assert code(await fetching.fetch("http://rebinding.test/")) == "private_address"
    assert asked == ["rebinding.test"]
    assert canary.connections == 0


async def test_a_private_answer_beside_an_allowed_one_is_skipped(server: FeedServer) -> None:
    server.put("/f", Answer(body=RSS))
    names = {"dual.test": ["127.0.0.2", "127.0.0.1"]}  # nobody listens on the first
    async with fetcher(f"dual.test:{server.port}", names=names) as fetching:
        assert isinstance(await fetching.fetch(server.url("/f", "dual.test")), Fetched)


async def test_allowing_all_private_addresses_is_possible(server: FeedServer) -> None:
    server.put("/f", Answer(body=RSS))
    async with Fetcher(contact="", now=lambda: NOW, allow_private=True) as fetching:
        assert isinstance(await fetching.fetch(server.url("/f", "localhost")), Fetched)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("64:ff9b::5db8:d70e", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("192.0.0.192", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("203.0.113.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::5db8:d70e", False),
        ("2001:0:5db8:d70e::1", False),
        ("2002:5db8:d70e::1", False),
        ("2001:db8::1", False),
        ("fc00::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("3fff::1", False),
    ],
)
def test_only_hosts_of_the_public_internet_are_public(address: str, expected: bool) -> None:
    assert is_public(ip_address(address)) is expected


async def test_two_fetches_of_a_host_at_a_time_and_others_pass_by(server: FeedServer) -> None:
    gate = asyncio.Event()
    server.put("/slow", Answer(body=RSS, gate=gate))
    server.put("/f", Answer(body=RSS))
    names = {"busy.test": ["127.0.0.1"], "calm.test": ["127.0.0.1"]}
    allowed = (f"busy.test:{server.port}", f"calm.test:{server.port}")
    async with fetcher(*allowed, names=names, limits=Limits(overall=3, spacing_s=0)) as fetching:
        waiting = [asyncio.create_task(fetching.fetch(server.url("/slow", "busy.test"))) for _ in range(6)]
        assert isinstance(await fetching.fetch(server.url("/f", "calm.test")), Fetched)
        gate.set()
        outcomes = await asyncio.gather(*waiting)
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)
    assert server.peak[f"busy.test:{server.port}"] == 2
    assert server.peak["*"] <= 3


async def test_fetches_of_one_host_keep_their_distance_and_a_person_does_not_wait(server: FeedServer) -> None:
    server.put("/f", Answer(body=RSS))
    names = {"near.test": ["127.0.0.1"], "far.test": ["127.0.0.1"]}
    allowed = (f"near.test:{server.port}", f"far.test:{server.port}")
    near, far = server.url("/f", "near.test"), server.url("/f", "far.test")
    loop = asyncio.get_running_loop()
    async with fetcher(*allowed, names=names, limits=Limits(spacing_s=0.2)) as fetching:
        began = loop.time()
        await asyncio.gather(fetching.fetch(near), fetching.fetch(near), fetching.fetch(near), fetching.fetch(far))
        assert loop.time() - began >= 0.4
        began = loop.time()
        await asyncio.gather(*(fetching.fetch(near, is_prompt=True) for _ in range(3)))
        assert loop.time() - began < 0.2


async def test_a_host_that_asks_to_come_back_later_is_not_asked_before(server: FeedServer) -> None:
    server.put("/busy", Answer(status=429, headers={"Retry-After": "600"}))
    server.put("/f", Answer(body=RSS))
    at = NOW
    limits = Limits(spacing_s=0)
    allowed = frozenset({server.here})
    async with Fetcher(contact="", now=lambda: at, allow_private=allowed, limits=limits) as fetching:
        assert code(await fetching.fetch(server.url("/busy"))) == "retry_after"
        refused = await fetching.fetch(server.url("/f"))
        assert isinstance(refused, FetchError)
        assert (refused.code, refused.retry_at) == (FetchCode.RETRY_AFTER, NOW + timedelta(minutes=10))
        assert [seen.path for seen in server.seen] == ["/busy"]
        at = NOW + timedelta(minutes=10)
        assert isinstance(await fetching.fetch(server.url("/f")), Fetched)


async def test_waiting_for_a_turn_does_not_use_up_the_time(server: FeedServer) -> None:
    gate = asyncio.Event()
    server.put("/slow", Answer(body=RSS, gate=gate))
    server.put("/f", Answer(body=RSS))
    async with fetcher(server.here, limits=Limits(total_s=0.3, per_host=1, spacing_s=0)) as fetching:
        first = asyncio.create_task(fetching.fetch(server.url("/slow")))
        await asyncio.sleep(0)
        second = asyncio.create_task(fetching.fetch(server.url("/f")))
        assert code(await first) == "timeout"
        assert isinstance(await second, Fetched)


async def test_cookies_are_not_kept(server: FeedServer) -> None:
    server.put("/f", Answer(body=RSS, headers={"Set-Cookie": "id=1; Path=/"}))
    async with fetcher(server.here) as fetching:
        await fetching.fetch(server.url("/f"))
        await fetching.fetch(server.url("/f"))
    assert all("Cookie" not in seen.headers for seen in server.seen)


async def test_no_log_holds_the_query(server: FeedServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.put("/f", Answer(status=500))
    outcome = await get(server, "/f?key=geheim")
    assert not [record.name for record in caplog.records if "geheim" in record.getMessage()]
    assert "geheim" not in repr(outcome)


def all_below(root: type[BaseException]) -> list[type[BaseException]]:
    return [root, *(found for child in root.__subclasses__() for found in all_below(child))]


@pytest.mark.parametrize(
    "kind",
    [
        *all_below(httpx.HTTPError),
        httpx.InvalidURL,
        *all_below(httpcore.NetworkError),
        *all_below(httpcore.TimeoutException),
    ],
    ids=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
def test_each_failure_of_httpx_has_a_code(kind: type[BaseException]) -> None:
    error = kind.__new__(kind, "x")
    assert isinstance(code_of(error), FetchCode)


async def test_a_programming_error_is_not_swallowed() -> None:
    async def broken(host: str, port: int) -> list[str]:
        raise ZeroDivisionError

    async with Fetcher(contact="", now=lambda: NOW, resolver=broken) as fetching:
        with pytest.raises(ZeroDivisionError):
            await fetching.fetch("http://example.test/")


def code(outcome: Outcome) -> str:
    return str(outcome.code) if isinstance(outcome, FetchError) else "none"

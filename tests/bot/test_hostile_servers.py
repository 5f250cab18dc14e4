"""Servers that are odd, broken or mean, polled over HTTP: what is kept of their feeds, or the code that is noted."""

import gzip
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard

from bot.fetch import Limits
from storage.database import Database
from storage.states import FeedState
from tests import make
from tests.dialogue import Talk
from tests.fakes.certificates import self_signed
from tests.fakes.feeds import Answer, FeedServer, RawServer
from tests.make import NOW, MovableClock
from tests.polling import Desktop, rss

LONG_ENOUGH = Limits(total_s=20, spacing_s=0, body_bytes=200_000)
SHORT = replace(LONG_ENOUGH, total_s=0.5)
FEED = rss("Eins")
LONG = rss(*(f"Meldung {number}" for number in range(50)))
ZEROS = b"\x00" * 10_000_000
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(FEED)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


@pytest.fixture
async def desk(db: Database, server: FeedServer, clock: MovableClock) -> AsyncIterator[Desktop]:
    desktop = Desktop(db, server, clock, limits=LONG_ENOUGH, contact="https://example.org/bot")
    async with desktop.fetcher:
        yield desktop


def claiming(body: bytes, encoding: str) -> Answer:
    return Answer(body=body, headers={"Content-Encoding": encoding})


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=FEED),
        Answer(body=FEED, encoding="gzip"),
        Answer(body=FEED, encoding="deflate"),
        Answer(body=FEED, encoding="raw-deflate"),
        Answer(body=FEED, encoding="br"),
        Answer(body=FEED, encoding="zstd"),
        claiming(gzip.compress(FEED[:90]) + gzip.compress(FEED[90:]), "x-gzip"),
        claiming(gzip.compress(FEED) + b"\x00" * 40, "gzip"),
        claiming(FEED, "identity"),
        claiming(FEED, "utf-8"),
        claiming(FEED, "none"),
        Answer(body=FEED, status=203),
        Answer(body=FEED, content_type="text/html"),
        Answer(body=FEED, content_type="application/octet-stream"),
        Answer(body=FEED, content_type="image/png; charset=nonsense"),
    ],
    ids=[
        "plain", "gzip", "deflate", "raw deflate", "br", "zstd", "two members", "padded", "identity", "claims utf-8",
        "claims none", "203", "as HTML", "as bytes", "as picture",
    ],
)  # fmt: skip
async def test_what_can_be_unfolded_is_kept(desk: Desktop, answer: Answer) -> None:
    feed = await desk.poll(await desk.add("/f", answer))
    assert (await desk.titles(), feed.error_code) == (["Eins"], "")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (claiming(FEED, "gzip"), "decoding"),
        (claiming(FEED, "deflate"), "decoding"),
        (claiming(FEED, "br"), "decoding"),
        (claiming(FEED, "zstd"), "decoding"),
        (claiming(gzip.compress(FEED), "br"), "decoding"),
        (claiming(brotli.compress(FEED), "zstd"), "decoding"),
        (claiming(gzip.compress(gzip.compress(FEED)), "gzip, gzip"), "decoding"),
        (claiming(FEED, "compress"), "decoding"),
        (claiming(gzip.compress(LONG)[:-30], "gzip"), "decoding"),
        (claiming(zlib.compress(LONG)[:-30], "deflate"), "decoding"),
        (claiming(brotli.compress(LONG)[:-5], "br"), "decoding"),
        (claiming(zstandard.compress(LONG)[:-5], "zstd"), "decoding"),
        (Answer(body=gzip.compress(FEED)), "no_feed"),
        (Answer(body=b"x" * 200_001), "too_large"),
        (Answer(body=ZEROS, encoding="gzip"), "too_large"),
        (Answer(body=ZEROS, encoding="deflate"), "too_large"),
        (Answer(body=ZEROS, encoding="raw-deflate"), "too_large"),
        (Answer(body=ZEROS, encoding="br"), "too_large"),
        (Answer(body=ZEROS, encoding="zstd"), "too_large"),
        (Answer(body=FEED, hangs="reset"), "protocol"),
        (Answer(status=204), "http_status"),
        (Answer(status=206, body=FEED), "http_status"),
        (Answer(status=304), "protocol"),
        (Answer(status=401), "http_status"),
        (Answer(status=404), "http_status"),
        (Answer(status=418), "http_status"),
        (Answer(status=500), "http_status"),
        (Answer(status=301), "protocol"),
        (Answer(status=302, redirect="/f"), "too_many_redirects"),
        (Answer(status=302, redirect="ftp://127.0.0.1/f"), "bad_url"),
        (Answer(status=302, redirect="gopher://127.0.0.1/f"), "bad_url"),
        (Answer(status=302, redirect="file:///etc/passwd"), "bad_url"),
        (Answer(status=302, redirect="data:text/xml,<rss/>"), "bad_url"),
        (Answer(status=302, redirect="javascript:alert(1)"), "bad_url"),
        (Answer(status=302, redirect="http://[bad/"), "bad_url"),
        (Answer(status=302, redirect="http://127.0.0.1:22/"), "port_refused"),
        (Answer(status=308, redirect="http://192.168.1.1/"), "private_address"),
        (Answer(status=307, redirect="http://169.254.169.254/latest/meta-data/"), "private_address"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_what_cannot_be_had_is_noted_with_its_code(desk: Desktop, answer: Answer, code: str) -> None:
    feed = await desk.poll(await desk.add("/f", answer))
    assert (feed.error_code, feed.error_count, await desk.titles()) == (code, 1, [])
    assert feed.next_due_at == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    "says",
    [
        OK + LENGTH + b"\r\n" + FEED,
        OK + b"\r\n" + FEED,
        OK + LENGTH + LENGTH + b"\r\n" + FEED,
        OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(FEED), FEED),
        OK + b"Transfer-Encoding: chunked\r\n\r\n%x;a=b\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (len(FEED), FEED),
        b"HTTP/1.0 200 OK\r\n\r\n" + FEED,
        b"HTTP/1.1 200 \r\n\r\n" + FEED,
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + LENGTH + b"\r\n" + FEED,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + OK + LENGTH + b"\r\n" + FEED,
        OK + b"X-Motto: Gr\xf6\xdfe \xff\r\n" + LENGTH + b"\r\n" + FEED,
        OK + b"ETag: \xff\"1\"\r\nLast-Modified: gestern\r\n" + LENGTH + b"\r\n" + FEED,
    ],
    ids=[
        "as it should", "until the end", "length said twice", "chunked", "chunked with trailer", "HTTP/1.0",
        "no reason", "early hints", "many continues", "Latin-1 header", "odd validators",
    ],
)  # fmt: skip
async def test_odd_http_is_understood(db: Database, server: FeedServer, clock: MovableClock, says: bytes) -> None:
    async with RawServer(says) as raw:
        assert await polled_raw(Desktop(db, server, clock, **reaching(raw)), raw.url("/f")) == (["Eins"], "")


@pytest.mark.parametrize("hangs", ["headers", "body"])
async def test_a_server_that_stalls_is_left(db: Database, server: FeedServer, clock: MovableClock, hangs: str) -> None:
    desk = Desktop(db, server, clock, limits=SHORT)
    url = server.put("/f", Answer(body=FEED, hangs=hangs))
    assert await polled_raw(desk, url) == ([], "timeout")


def reaching(raw: RawServer, limits: Limits = LONG_ENOUGH) -> dict[str, Any]:
    return {"limits": limits, "allow_private": frozenset({raw.here})}


async def polled_raw(desk: Desktop, url: str) -> tuple[list[str], str]:
    async with desk.fetcher:
        feed = await desk.poll(await desk.add_url(url))
    return await desk.titles(), feed.error_code


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        (RawServer(b""), {"protocol", "cut_off"}),
        (RawServer(b"SSH-2.0-OpenSSH_9.2\r\n"), {"protocol"}),
        (RawServer(FEED), {"protocol"}),
        (RawServer(b"HTTP/1.1 OK\r\n\r\n" + FEED), {"protocol"}),
        (RawServer(b"HTTP/1.1 99999 OK\r\n\r\n" + FEED), {"protocol"}),
        (RawServer(b"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n"), {"http_status", "protocol"}),
        (RawServer(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + FEED), {"protocol", "http_status"}),
        (RawServer(OK + b"Content-Length: 3\r\nContent-Length: 300\r\n\r\n" + FEED), {"protocol"}),
        (RawServer(OK + b"Content-Length: -1\r\n\r\n" + FEED), {"protocol"}),
        (RawServer(OK + b"Content-Length: many\r\n\r\n" + FEED), {"protocol"}),
        (RawServer(OK + b"Content-Length: 99999999999999\r\n\r\n" + FEED), {"too_large"}),
        (RawServer(OK + b"Content-Length: 5000\r\n\r\n" + FEED), {"protocol"}),
        (RawServer(OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n" + FEED), {"protocol"}),
        (RawServer(OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n" + FEED), {"protocol"}),
        (RawServer(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>"), {"protocol"}),
        (RawServer(OK + b"Transfer-Encoding: gzip\r\n\r\n" + FEED), {"protocol"}),
        (RawServer(OK + b"X: a\x00b\r\n\r\n" + FEED), {"protocol"}),
        (RawServer(OK + b"no colon here\r\n\r\n" + FEED), {"protocol"}),
        (RawServer(OK + b"X: " + b"y" * 300_000), {"protocol"}),
        (RawServer(OK, drips=b"X-Header: yes\r\n" * 5_000), {"protocol"}),
        (RawServer(b"HTTP/1.1 100 Continue\r\n\r\n", drips=b"HTTP/1.1 100 Continue\r\n\r\n"), {"timeout"}),
        (RawServer(b"", drips=b"H"), {"timeout", "protocol"}),
        (RawServer(OK + b"X: ", drips=b"y"), {"timeout"}),
        (RawServer(OK + b"\r\n<rss>", drips=b" "), {"timeout"}),
        (RawServer(OK + b"Transfer-Encoding: chunked\r\n\r\n", drips=b"1\r\nx\r\n"), {"timeout"}),
    ],
    ids=[
        "silence", "another protocol", "HTTP/0.9", "no status", "long status", "status 999", "switching",
        "two lengths", "negative length", "length in words", "huge length", "too short", "no chunk size",
        "huge chunk", "chunk cut off", "unknown coding", "NUL in header", "no colon", "endless header",
        "header bomb", "endless continues", "slow first line", "slow header", "slow body", "slow chunks",
    ],
)  # fmt: skip
async def test_what_is_no_http_is_noted_with_its_code(
    db: Database, server: FeedServer, clock: MovableClock, raw: RawServer, codes: set[str]
) -> None:
    limits = SHORT if "timeout" in codes else LONG_ENOUGH
    async with raw:
        titles, code = await polled_raw(Desktop(db, server, clock, **reaching(raw, limits)), raw.url("/f"))
    assert titles == []
    assert code in codes
    assert raw.requests == 1


async def test_a_body_that_its_length_cuts_off_keeps_its_whole_items(
    db: Database, server: FeedServer, clock: MovableClock
) -> None:
    body = rss("Eins", "Zwei")
    async with RawServer(OK + b"Content-Length: %d\r\n\r\n" % (body.index(b"Zwei") + 3) + body) as raw:
        assert await polled_raw(Desktop(db, server, clock, **reaching(raw)), raw.url("/f")) == (["Eins"], "")


@pytest.mark.parametrize("speaks_tls", [True, False], ids=["self-signed", "plain HTTP"])
async def test_a_connection_that_is_not_safe_is_not_used(
    db: Database, server: FeedServer, clock: MovableClock, tmp_path: Path, speaks_tls: bool
) -> None:
    raw = RawServer(OK + LENGTH + b"\r\n" + FEED, tls=self_signed(tmp_path) if speaks_tls else None)
    async with raw:
        assert await polled_raw(Desktop(db, server, clock, **reaching(raw)), raw.url("/f", "https")) == ([], "tls")
    if speaks_tls:
        assert raw.requests == 0


async def test_a_server_that_is_not_there_is_noted(db: Database, server: FeedServer, clock: MovableClock) -> None:
    async with RawServer() as raw:
        desk, url = Desktop(db, server, clock, **reaching(raw)), raw.url("/f")
    assert await polled_raw(desk, url) == ([], "connect")


async def test_who_asks_is_said_with_a_contact(desk: Desktop) -> None:
    await desk.poll(await desk.add("/f", Answer(body=FEED)))
    headers = desk.server.seen[0].headers
    assert headers["User-Agent"] == "Kurzclips (news bot; +https://example.org/bot)"
    assert headers["Accept-Encoding"] == "gzip, deflate, br, zstd"


async def test_after_a_restart_a_feed_is_asked_conditionally(
    db: Database, server: FeedServer, clock: MovableClock, tmp_path: Path
) -> None:
    before = Desktop(db, server, clock)
    modified = "Mon, 23 Nov 2026 08:00:00 GMT"
    async with before.fetcher:
        url = await before.add("/f", Answer(body=FEED, etag='W/"1"', last_modified=modified))
        first = await before.poll(url)
    async with await Database.open(f"sqlite:///{tmp_path / 'k.db'}") as again:
        after = Desktop(again, server, clock)
        async with after.fetcher:
            second = await after.poll(url)
    asked = server.seen[1].headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == (first.etag, modified)
    assert (second.etag, second.error_code) == (first.etag, "")
    assert second.polled_at != first.polled_at


@pytest.mark.parametrize(
    ("status", "value", "pause"),
    [
        (429, "3600", timedelta(hours=1)),
        (503, "3600", timedelta(hours=1)),
        (429, "1", timedelta(minutes=15)),
        (429, "0", timedelta(minutes=15)),
        (429, "999999999999999999999", timedelta(days=30)),
        (429, "-5", timedelta(minutes=15)),
        (429, "1e9", timedelta(minutes=15)),
        (503, "in an hour", timedelta(minutes=15)),
        (503, f"{NOW + timedelta(hours=3):%a, %d %b %Y %H:%M:%S} GMT", timedelta(hours=3)),
        (503, "Thu, 01 Jan 1970 00:00:00 GMT", timedelta(minutes=15)),
        (503, "Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=30)),
        (503, "", timedelta(minutes=15)),
    ],
)
async def test_a_server_that_asks_for_patience_gets_it(
    desk: Desktop, status: int, value: str, pause: timedelta
) -> None:
    feed = await desk.poll(await desk.add("/f", Answer(status=status, headers={"Retry-After": value})))
    assert feed.next_due_at - NOW == pause
    assert feed.error_code in {"retry_after", "http_status"}


@pytest.mark.parametrize(
    ("headers", "at_least", "at_most"),
    [
        ({"Cache-Control": "max-age=7200"}, 120, 132),
        ({"Cache-Control": "public, max-age=7200", "Age": "3600"}, 60, 66),
        ({"Cache-Control": "no-cache"}, 30, 33),
        ({"Cache-Control": "no-store, max-age=0"}, 30, 33),
        ({"Cache-Control": "max-age=99999999999"}, 24 * 60, 26.4 * 60),
        ({"Cache-Control": "max-age=-1"}, 30, 33),
        ({"Cache-Control": "max-age=viel"}, 30, 33),
        ({"Expires": f"{NOW + timedelta(hours=2):%a, %d %b %Y %H:%M:%S} GMT"}, 119, 133),
        ({"Expires": "0"}, 30, 33),
        ({"Expires": "Fri, 31 Dec 9999 23:59:59 GMT"}, 24 * 60, 26.4 * 60),
    ],
    ids=lambda value: " ".join(value.values())[:40] if isinstance(value, dict) else None,
)
async def test_what_the_server_calls_fresh_is_not_asked_for(
    desk: Desktop, headers: dict[str, str], at_least: float, at_most: float
) -> None:
    headers = {"Date": f"{NOW:%a, %d %b %Y %H:%M:%S} GMT", **headers}
    feed = await desk.poll(await desk.add("/f", Answer(body=FEED, headers=headers)))
    assert at_least <= (feed.next_due_at - NOW).total_seconds() / 60 <= at_most


@pytest.mark.parametrize(
    ("channel", "minutes"),
    [
        ("<ttl>240</ttl>", 240),
        ("<ttl>0</ttl>", 30),
        ("<ttl>-5</ttl>", 30),
        ("<ttl>bald</ttl>", 30),
        ("<ttl>999999999999</ttl>", 30),
        ("<ttl>100000</ttl>", 24 * 60),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>", 60),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 360),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>999999</sy:updateFrequency>", 30),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", 24 * 60),
        ("<sy:updatePeriod>selten</sy:updatePeriod>", 30),
    ],
)
async def test_what_the_feed_asks_for_is_kept(desk: Desktop, channel: str, minutes: int) -> None:
    body = rss("Eins", channel=channel).replace(
        b"<rss ", b"<rss xmlns:sy='http://purl.org/rss/1.0/modules/syndication/' "
    )
    feed = await desk.poll(await desk.add("/f", Answer(body=body)))
    assert minutes <= (feed.next_due_at - NOW).total_seconds() / 60 <= minutes * 1.1


async def test_hours_that_a_feed_wants_to_be_left_alone_are_kept(desk: Desktop) -> None:
    skipped = {(NOW.hour + ahead) % 24 for ahead in range(6)}
    hours = "".join(f"<hour>{hour}</hour>" for hour in skipped)
    body = rss("Eins", channel=f"<skipHours>{hours}</skipHours>")
    feed = await desk.poll(await desk.add("/f", Answer(body=body)))
    assert feed.next_due_at.hour not in skipped


async def test_a_feed_that_is_gone_is_retired_and_one_that_is_missing_is_not(desk: Desktop) -> None:
    gone = await desk.poll(await desk.add("/gone", Answer(status=410)))
    missing = await desk.poll(await desk.add("/missing", Answer(status=404)))
    assert (gone.state, missing.state) == (FeedState.RETIRED, FeedState.ACTIVE)


async def test_the_reason_is_told_in_the_chat_and_the_pause_grows_to_a_day(desk: Desktop, clock: MovableClock) -> None:
    url = await desk.add("/f", Answer(status=503))
    pauses = []
    for _ in range(9):
        feed = await desk.poll(url)
        pauses.append(feed.next_due_at - clock.at)
    assert pauses == [min(timedelta(days=1), timedelta(minutes=15) * 2**number) for number in range(9)]
    talk = Talk(make.services(desk.db), clock)
    await talk.through(("/sources", "Bote – its server does not give the feed out"))

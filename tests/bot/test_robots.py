"""robots.txt as sites write it: which of its rules counts for an address."""

from collections.abc import AsyncIterator

import pytest

from bot.fetch import Fetcher, Limits
from bot.robots import MAX_BYTES, Robots
from tests.fakes.feeds import Answer, FeedServer
from tests.make import MovableClock

FOR_ALL = "User-agent: *\n"


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer() as running:
        yield running


async def may_read(server: FeedServer, clock: MovableClock, rules: str | bytes, path: str) -> bool:
    body = rules.encode() if isinstance(rules, str) else rules
    server.put("/robots.txt", Answer(body=body, content_type="text/plain"))
    allowed = frozenset({server.here})
    async with Fetcher(contact="", now=clock, allow_private=allowed, limits=Limits(spacing_s=0)) as fetcher:
        return await Robots(fetcher, clock).may_read(server.url(path))


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        (FOR_ALL + "Disallow: /*/druck", "/news/druck", False),
        (FOR_ALL + "Disallow: /*/druck", "/druck", True),
        (FOR_ALL + "Disallow: /*.pdf$", "/bericht.pdf", False),
        (FOR_ALL + "Disallow: /*.pdf$", "/bericht.pdf?seite=2", True),
        (FOR_ALL + "Disallow: /*?*sessionid=", "/news?a=1&sessionid=7", False),
        (FOR_ALL + "Disallow: /\nAllow: /news/", "/news/1", True),
        (FOR_ALL + "Allow: /news/\nDisallow: /news/intern/", "/news/intern/1", False),
        (FOR_ALL + "Disallow: /news\nAllow: /news", "/news/1", True),
        (FOR_ALL + "Disallow:", "/news/1", True),
        (FOR_ALL + "Disallow: /stra%C3%9Fe", "/straße", False),
        (FOR_ALL + "Disallow: /  # all of it", "/news/1", False),
        ("User-agent: Bot-A\nUser-agent: Kurzclips\nDisallow: /\n\n" + FOR_ALL + "Allow: /", "/news/1", False),
        ("User-agent: Bot-A\nDisallow: /\n\n" + FOR_ALL + "Allow: /", "/news/1", True),
        ("User-agent: KURZCLIPS/2.0\nDisallow: /", "/news/1", True),
        ("User-agent: clips\nDisallow: /", "/news/1", True),
        ("Disallow: /", "/news/1", True),
        ("user-agent:*\r\ndisallow:/news\r\n", "/news/1", False),
        (FOR_ALL + "Crawl-delay: 3600", "/news/1", True),
        (b"\xef\xbb\xbf" + FOR_ALL.encode() + b"Disallow: /", "/news/1", False),
        (b"\xff\xfe\x00\x01", "/news/1", True),
    ],
)
async def test_the_longest_rule_of_our_group_counts(
    server: FeedServer, clock: MovableClock, rules: str | bytes, path: str, expected: bool
) -> None:
    assert await may_read(server, clock, rules, path) is expected


async def test_of_a_huge_file_only_the_beginning_counts(server: FeedServer, clock: MovableClock) -> None:
    padding = "".join(f"Disallow: /{number}/*/x\n" for number in range(MAX_BYTES // 16))
    assert len(padding) > MAX_BYTES
    assert await may_read(server, clock, FOR_ALL + "Disallow: /news\n" + padding, "/news/1") is False
    assert await may_read(server, clock, FOR_ALL + padding + "Disallow: /news\n", "/news/1") is True

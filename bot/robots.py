"""What sites allow robots: robots.txt, asked once a day for each host that articles are read from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from bot.clock import Clock
from bot.fetch import FetchCode, Fetched, Fetcher, FetchError, Outcome

PRODUCT = "Kurzclips"
# Source: RFC 9309, 2.4 (kept for at most a day) and 2.5 (at least 500 KiB are read).
KEPT_FOR = timedelta(hours=24)
CLOSED_FOR = timedelta(hours=1)
MAX_BYTES = 500 * 1024
MAX_HOSTS = 2_000
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules of a host; None where nothing may be read for now."""

    parser: Protego | None
    until: datetime


class Robots:
    """Answers whether a page may be read by a program that nobody sent there."""

    def __init__(self, fetcher: Fetcher, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._rules: dict[str, _Rules] = {}

    async def may_read(self, url: str) -> bool:
        """Whether the site of an address lets us read it; False too where its rules cannot be had at the moment."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        rules = self._rules.get(site)
        if rules is None or rules.until <= self._clock():
            rules = _rules_of(await self._fetcher.fetch(f"{site}/robots.txt"), self._clock())
            if len(self._rules) >= MAX_HOSTS:
                del self._rules[next(iter(self._rules))]
            self._rules[site] = rules
        return rules.parser is not None and rules.parser.can_fetch(url, PRODUCT)


def _rules_of(outcome: Outcome, now: datetime) -> _Rules:
    """Source: RFC 9309, 2.3.1: no file means no rules; a site that fails means that nothing may be read."""
    if isinstance(outcome, Fetched):
        return _Rules(Protego.parse(outcome.body[:MAX_BYTES].decode("utf-8-sig", "replace")), now + KEPT_FOR)
    if isinstance(outcome, FetchError) and _is_absent(outcome):
        return _Rules(Protego.parse(""), now + KEPT_FOR)
    return _Rules(None, now + CLOSED_FOR)


def _is_absent(failure: FetchError) -> bool:
    if failure.code not in {FetchCode.HTTP_STATUS, FetchCode.GONE} or failure.status is None:
        return False
    return 400 <= failure.status < 500 and failure.status != _TOO_MANY_REQUESTS

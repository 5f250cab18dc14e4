"""One conditional GET: limits on size, time, hosts and addresses; every outcome is a value."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import httpx

from bot.addresses import (
    PUBLIC_PORTS,
    Addresses,
    GuardedTransport,
    Resolver,
    system_resolver,
)
from bot.bodies import ACCEPT_ENCODING, BodyTooLarge, read_body
from bot.failures import FAILURES, code_of
from bot.fetched import (
    FetchCode,
    Fetched,
    FetchError,
    NotModified,
    Validators,
    fresh_seconds,
    retry_at,
    validators_of,
)

__all__ = ["FetchCode", "FetchError", "Fetched", "Fetcher", "Limits", "NotModified", "Outcome", "Validators", "code_of"]

Outcome = Fetched | NotModified | FetchError

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.8, */*;q=0.5"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_TAKEN = frozenset({200, 203})
_MAX_URL_LENGTH = 4000
_PORTS = 65_536
_MANY_HOSTS = 10_000
# What is left of a name after IDNA, or the number of an IPv6 address; httpx quotes the rest instead of refusing it.
_HOST = re.compile(rb"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one fetch may take.

    Attributes:
        total_s: seconds from the first connection to the last byte, waiting for a turn not counted.
        body_bytes: of the body as sent, and again decompressed.
        per_host: fetches of one host at a time.
        overall: fetches at a time.
        spacing_s: seconds between the beginnings of two fetches of one host; a person's own request waits for none.
    """

    total_s: float = 20.0
    connect_s: float = 10.0
    body_bytes: int = 15 * 1024 * 1024
    redirects: int = 5
    per_host: int = 2
    overall: int = 50
    spacing_s: float = 1.0


class Fetcher:
    """Fetches documents from public addresses over one shared client: `async with Fetcher(...) as fetcher`.

    Args:
        contact: URL or mail address in the User-Agent, so that a publisher can say what is wrong.
        now: the current instant, for the dates in headers.
        version: of the program, for the User-Agent.
        allow_private: True, or the "host:port" that may be reached though private.
        ports: those that may be reached on public hosts.
        resolver: host, port → addresses; for tests.
    """

    def __init__(
        self,
        *,
        contact: str,
        now: Callable[[], datetime],
        version: str = "",
        allow_private: bool | frozenset[str] = False,
        limits: Limits = Limits(),
        ports: frozenset[int] = PUBLIC_PORTS,
        resolver: Resolver = system_resolver,
    ) -> None:
        # httpx logs each URL with its query, which may hold a key.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._now = now
        self._limits = limits
        self._addresses = Addresses(allow_private=allow_private, ports=ports, resolver=resolver)
        agent = f"Kurzclips{'/' + version if version else ''} (news bot{'; +' + contact if contact else ''})"
        self._agent = agent.encode("ascii", "ignore").decode()
        self._hosts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._turns = asyncio.Semaphore(limits.overall)
        # Host → when it may be asked next, on the loop's clock; and when it asked us to come back.
        self._next_at: dict[str, float] = {}
        self._back_at: dict[str, datetime] = {}
        self._client = self._make_client()

    def _make_client(self) -> httpx.AsyncClient:
        transport = GuardedTransport(
            self._addresses,
            tls=httpx.create_ssl_context(),
            max_connections=self._limits.overall,
            max_idle=max(1, self._limits.overall // 2),
        )
        return httpx.AsyncClient(
            transport=transport,
            trust_env=False,  # a proxy from the environment would connect in our place, past the guard
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # nothing is remembered of a site
            timeout=httpx.Timeout(self._limits.total_s, connect=self._limits.connect_s),
            headers={"User-Agent": self._agent, "Accept": _ACCEPT, "Accept-Encoding": ACCEPT_ENCODING},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def fetch(self, url: str, *, validators: Validators | None = None, is_prompt: bool = False) -> Outcome:
        """The document at an address, or that it has not changed, or why it could not be had.

        Args:
            url: http or https; redirects are followed, each judged like the first address.
            validators: of the last time; without them the document is always sent.
            is_prompt: somebody waits for it: it need not keep its distance from the last request to the host.
        """
        first = self._judge(url)
        if isinstance(first, FetchError):
            return first
        if back_at := self._still_closed(first.host):
            return FetchError(code=FetchCode.RETRY_AFTER, retry_at=back_at, detail=f"{first.host}: not asked")
        if not is_prompt:
            await self._keep_distance(first.host)
        outcome = await self._follow(url, validators)
        if isinstance(outcome, FetchError) and outcome.code is FetchCode.RETRY_AFTER and outcome.retry_at:
            self._back_at[first.host] = outcome.retry_at
        return outcome

    async def post(self, url: str, fields: Mapping[str, str]) -> int | FetchError:
        """Send a form to an address that a feed named: the same guard as for fetching, no redirects, no body kept.

        Returns:
            The status of the answer, or why there was none.
        """
        target = self._judge(url)
        if isinstance(target, FetchError):
            return target
        try:
            async with (
                self._turn(target.host),
                asyncio.timeout(self._limits.total_s),
                self._client.stream("POST", target, data=dict(fields)) as response,
            ):
                return response.status_code
        except TimeoutError:
            return FetchError(code=FetchCode.TIMEOUT, detail=target.host)
        except FAILURES as error:
            return FetchError(code=code_of(error), detail=f"{target.host}: {type(error).__name__}")

    def _still_closed(self, host: str) -> datetime | None:
        """When a host that asked us to come back later may be asked again, None where it may now."""
        back_at = self._back_at.get(host)
        if back_at is not None and back_at <= self._now():
            del self._back_at[host]
            back_at = None
        return back_at

    async def _keep_distance(self, host: str) -> None:
        """Wait until a host was left alone for long enough since the last fetch began."""
        now = asyncio.get_running_loop().time()
        if len(self._next_at) > _MANY_HOSTS:
            self._next_at = {name: at for name, at in self._next_at.items() if at > now}
        begin = max(now, self._next_at.get(host, now))
        self._next_at[host] = begin + self._limits.spacing_s
        if begin > now:
            await asyncio.sleep(begin - now)

    async def _follow(self, url: str, validators: Validators | None) -> Outcome:
        asked = validators if validators and (validators.etag or validators.last_modified) else None
        current, moved_to, is_permanent = url, "", True
        left_s = self._limits.total_s
        loop = asyncio.get_running_loop()
        for _ in range(self._limits.redirects + 1):
            target = self._judge(current)
            if isinstance(target, FetchError):
                return target
            async with self._turn(target.host):
                began = loop.time()
                outcome = await self._timed(target, asked, moved_to, left_s)
                left_s -= loop.time() - began
            if not isinstance(outcome, _Redirect):
                return outcome
            current = outcome.to
            is_permanent = is_permanent and outcome.is_permanent
            moved_to = current if is_permanent else moved_to
        return FetchError(code=FetchCode.TOO_MANY_REDIRECTS)

    def _judge(self, url: str) -> httpx.URL | FetchError:
        """The address as a target, or why it is none; the host's numbers are judged at the connection."""
        try:
            target = httpx.URL(url.strip()) if len(url) <= _MAX_URL_LENGTH else None
        except (httpx.InvalidURL, ValueError, UnicodeError):
            target = None
        if target is None or target.scheme not in {"http", "https"} or not _HOST.fullmatch(target.raw_host):
            return FetchError(code=FetchCode.BAD_URL)
        port = target.port if target.port is not None else (443 if target.scheme == "https" else 80)
        if not 0 < port < _PORTS:
            return FetchError(code=FetchCode.BAD_URL, detail="port")
        if not self._addresses.may_reach_port(target.host, port):
            return FetchError(code=FetchCode.PORT_REFUSED, detail=f"port {port}")
        return target.copy_with(fragment=None)

    @contextlib.asynccontextmanager
    async def _turn(self, host: str) -> AsyncIterator[None]:
        # The host's turn first: who waits for a busy host must not hold a place that others could use.
        of_host = self._hosts.get(host)
        if of_host is None:
            of_host = self._hosts[host] = asyncio.Semaphore(self._limits.per_host)
        async with of_host, self._turns:
            yield

    async def _timed(
        self, target: httpx.URL, asked: Validators | None, moved_to: str, left_s: float
    ) -> "Outcome | _Redirect":
        try:
            async with asyncio.timeout(left_s):
                return await self._exchange(target, asked, moved_to)
        except TimeoutError:
            return FetchError(code=FetchCode.TIMEOUT, detail=target.host)
        except FAILURES as error:
            return FetchError(code=code_of(error), detail=f"{target.host}: {type(error).__name__}")

    async def _exchange(self, target: httpx.URL, asked: Validators | None, moved_to: str) -> "Outcome | _Redirect":
        headers = {}
        if asked and asked.etag:
            headers["If-None-Match"] = asked.etag.encode("latin-1", "ignore").decode("latin-1")
        if asked and asked.last_modified:
            headers["If-Modified-Since"] = asked.last_modified.encode("ascii", "ignore").decode()
        async with self._client.stream("GET", target, headers=headers) as response:
            if response.status_code not in _TAKEN:
                return self._without_body(response, target, asked, moved_to)
            if _length(response) > self._limits.body_bytes:
                raise BodyTooLarge
            body = await read_body(
                response.aiter_raw(),
                encoding=response.headers.get("content-encoding", ""),
                limit_bytes=self._limits.body_bytes,
            )
            return Fetched(
                url=str(target),
                body=body,
                status=response.status_code,
                content_type=response.headers.get("content-type", "")[:200],
                validators=validators_of(response.headers),
                fresh_s=fresh_seconds(response.headers, now=self._now()),
                moved_to=moved_to,
            )

    def _without_body(
        self, response: httpx.Response, target: httpx.URL, asked: Validators | None, moved_to: str
    ) -> "Outcome | _Redirect":
        status, headers = response.status_code, response.headers
        if status in _REDIRECTS and headers.get("location"):
            return _redirect(target, headers["location"], status in _PERMANENT)
        if status == httpx.codes.NOT_MODIFIED and asked:
            return NotModified(
                url=str(target),
                validators=validators_of(headers, asked),
                fresh_s=fresh_seconds(headers, now=self._now()),
                moved_to=moved_to,
            )
        if status in _REDIRECTS or status == httpx.codes.NOT_MODIFIED:
            return FetchError(code=FetchCode.PROTOCOL, status=status, detail=target.host)
        if status == httpx.codes.GONE:
            return FetchError(code=FetchCode.GONE, status=status, detail=target.host)
        back_at = retry_at(headers, now=self._now()) if status in {429, 503} else None
        code = FetchCode.RETRY_AFTER if back_at else FetchCode.HTTP_STATUS
        return FetchError(code=code, status=status, retry_at=back_at, detail=target.host)


@dataclass(frozen=True, slots=True)
class _Redirect:
    to: str
    is_permanent: bool


def _redirect(target: httpx.URL, location: str, is_permanent: bool) -> FetchError | _Redirect:
    try:
        # Header bytes are Latin-1 by rule and UTF-8 by habit; httpx has chosen one already.
        following = target.join(location)
    except (httpx.InvalidURL, ValueError, UnicodeError):
        return FetchError(code=FetchCode.BAD_URL, detail="redirect")
    if target.scheme == "https" and following.scheme == "http" and is_permanent:
        is_permanent = False  # a step down from TLS is followed once, never remembered
    return _Redirect(str(following), is_permanent)


def _length(response: httpx.Response) -> int:
    value = response.headers.get("content-length", "")
    return int(value[:15]) if value.isascii() and value.isdigit() else 0

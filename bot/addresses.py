"""Which addresses may be reached, decided where the connection is made.

A name is resolved once, every answer is judged, and the connection goes to a judged number: a name that
changes its address between check and use has nothing to change, and no packet goes to a refused address.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpcore
import httpx

Resolver = Callable[[str, int], Awaitable[list[str]]]
IPAddress = IPv4Address | IPv6Address

PUBLIC_PORTS = frozenset({80, 443, 8080, 8443})
_MAX_ATTEMPTS = 4
_CONNECT_TIMEOUT_S = 10.0
_NAT64 = IPv6Network("64:ff9b::/96")  # Source: RFC 6052, 2.1
# Special-purpose blocks that `is_global` of Python 3.11 lets through, and ways into IPv4 that no public
# site needs. Source: IANA IPv4 and IPv6 Special-Purpose Address Registries.
_CLOSED = tuple(
    ip_network(block)
    for block in (
        "192.0.0.0/24",  # IETF protocol assignments
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "64:ff9b:1::/48",  # local-use NAT64, RFC 8215
        "100::/64",  # discard only
        "2001::/23",  # Teredo, ORCHID and other protocol assignments
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",  # documentation, RFC 9637
        "5f00::/16",  # segment routing, RFC 9602
        "fec0::/10",  # site-local, deprecated
    )
)


class AddressRefused(Exception):
    """The host leads to no address or port that may be reached."""


class NameUnknown(Exception):
    """The host has no address."""


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to a host of the public internet; IPv4 inside IPv6 is judged as IPv4."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(IPv4Address(address.packed[-4:]))
    if any(address in block for block in _CLOSED if block.version == address.version):
        return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not special


async def system_resolver(host: str, port: int) -> list[str]:
    """The addresses that the machine's own resolver gives; the odd number forms of IPv4 count as names.

    Raises:
        NameUnknown: there are none.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown(host) from error
    return list(dict.fromkeys(str(answer[4][0]) for answer in found))


class Addresses:
    """The rule and the resolver together.

    Args:
        allow_private: True lets everything through; a set of "host:port" lets these through, whatever
            their address and port.
        ports: those that may be reached besides.
        resolver: host and port → addresses as text, in the order to try.
    """

    def __init__(
        self,
        *,
        allow_private: bool | frozenset[str],
        ports: frozenset[int] = PUBLIC_PORTS,
        resolver: Resolver = system_resolver,
    ) -> None:
        self._ports = ports
        self._allow_all = allow_private is True
        self._allowed = (
            frozenset(entry.lower() for entry in allow_private) if isinstance(allow_private, frozenset) else frozenset()
        )
        self._resolver = resolver

    def may_reach_port(self, host: str, port: int) -> bool:
        """Whether a port is one that web sites use, or one the operator named."""
        return port in self._ports or self._is_named(host, port)

    async def choose(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be reached, in the order to try, at most four.

        Raises:
            NameUnknown: the host has no address.
            AddressRefused: none of its addresses may be reached.
        """
        try:
            found = [str(ip_address(host))]
        except ValueError:
            found = await self._resolver(host, port)
        if not found:
            raise NameUnknown(host)
        if not self._is_named(host, port):
            found = [address for address in found if _is_public_text(address)]
        if not found:
            raise AddressRefused(host)
        return found[:_MAX_ATTEMPTS]

    def _is_named(self, host: str, port: int) -> bool:
        name = f"[{host}]" if ":" in host else host
        return self._allow_all or f"{name}:{port}".lower() in self._allowed or f"{host}:{port}".lower() in self._allowed


def _is_public_text(address: str) -> bool:
    try:
        return is_public(ip_address(address))
    except ValueError:
        return False


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to judged addresses only."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that answers."""
        failure: Exception = AddressRefused(host)
        for address in await self._addresses.choose(host, port):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        """Never opened: no feed lives behind a local socket.

        Raises:
            AddressRefused: always.
        """
        raise AddressRefused("unix socket")

    async def sleep(self, seconds: float) -> None:
        """Waits, for httpcore's own retries, which are off."""
        await self._network.sleep(seconds)


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()


class GuardedTransport(httpx.AsyncBaseTransport):
    """An httpx transport over one pool whose connections all pass the guard.

    The network backend is a public seam of httpcore; httpx's own transport does not pass it on. Failures
    keep httpcore's classes.
    """

    def __init__(self, addresses: Addresses, *, tls: ssl.SSLContext, max_connections: int, max_idle: int) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=max_connections,
            max_keepalive_connections=max_idle,
            keepalive_expiry=15.0,
            http1=True,
            http2=False,
            network_backend=_GuardedBackend(addresses),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange, without redirects."""
        response = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        assert not isinstance(response.stream, bytes)  # noqa: S101 - narrows the type; the async pool streams
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response.stream),  # type: ignore[arg-type]
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Closes every connection."""
        await self._pool.aclose()

"""Everything that httpx, httpcore and the guard raise for what a network does, and our code for each."""

import socket
import ssl

import httpcore
import httpx

from bot.addresses import AddressRefused, NameUnknown
from bot.bodies import BodyBroken, BodyTooLarge
from bot.fetched import FetchCode

# Both families: the guarded transport speaks httpcore's, the client above it httpx's own.
FAILURES: tuple[type[Exception], ...] = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpcore.ProxyError,
    httpcore.ConnectionNotAvailable,
    ssl.SSLError,
    AddressRefused,
    NameUnknown,
    BodyTooLarge,
    BodyBroken,
)
# The first that fits counts.
_CODES: tuple[tuple[tuple[type[BaseException], ...], FetchCode], ...] = (
    ((AddressRefused,), FetchCode.PRIVATE_ADDRESS),
    ((NameUnknown,), FetchCode.DNS),
    ((BodyTooLarge,), FetchCode.TOO_LARGE),
    ((BodyBroken, httpx.DecodingError), FetchCode.DECODING),
    ((httpx.TimeoutException, httpcore.TimeoutException), FetchCode.TIMEOUT),
    ((ssl.SSLError,), FetchCode.TLS),
    ((httpx.ConnectError, httpcore.ConnectError, httpx.ProxyError, httpcore.ProxyError), FetchCode.CONNECT),
    ((httpx.NetworkError, httpcore.NetworkError), FetchCode.CUT_OFF),
    ((httpx.TooManyRedirects,), FetchCode.TOO_MANY_REDIRECTS),
    ((httpx.UnsupportedProtocol, httpcore.UnsupportedProtocol, httpx.InvalidURL), FetchCode.BAD_URL),
)


def code_of(error: BaseException) -> FetchCode:
    """The code of a failure that httpx or the guard raised; a cause that says more counts first."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return FetchCode.TLS
        if isinstance(cause, socket.gaierror):
            return FetchCode.DNS
        cause = cause.__cause__ or cause.__context__
    return next((code for classes, code in _CODES if isinstance(error, classes)), FetchCode.PROTOCOL)

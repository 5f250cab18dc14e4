"""Links as documents write them, made absolute; only addresses a reader can open."""

import re
from urllib.parse import quote, urljoin, urlsplit

MAX_URL_LENGTH = 2000
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]|[^\x00-\x7f]")
_BREAKS = re.compile(r"[\t\r\n]+\s*")


def web_url(link: str, base: str = "") -> str:
    """The absolute http(s) address of a link, spaces and letters outside ASCII quoted; "" where it has none.

    Args:
        link: an href as written.
        base: the address that a relative link starts from.
    """
    try:
        joined = urljoin(base, _BREAKS.sub("", link.strip()))
        parts = urlsplit(joined)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host or len(joined) > MAX_URL_LENGTH:
        return ""
    start = len(parts.scheme) + 3 + len(parts.netloc)
    quoted = joined[:start] + _UNSAFE.sub(lambda m: quote(m.group(), safe=""), joined[start:])
    return quoted if not re.search(r"[\s\x00-\x1f<>\"\\]", parts.netloc) else ""

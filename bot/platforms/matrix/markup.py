"""The two forms of words in Matrix: HTML of the allowed subset, and plain text for clients without it.

*Source*: Client-Server API, 11.2.1.1 "m.room.message msgtypes": the tags and attributes that clients show.
"""

import re
from html import escape
from urllib.parse import urlsplit

from bot.i18n import tame

MAX_URL_CHARACTERS = 2000
_SURROGATE = re.compile("[\ud800-\udfff]")
_COMMAND = re.compile(r"/(?=[a-z0-9_]{1,32}(\s|$))")


def clean(words: str) -> str:
    """Words without what no JSON string can carry or what turns the text around."""
    return _SURROGATE.sub("\ufffd", tame(words))


def web_address(url: str) -> str:
    """The address if it is one of the web that can stand in a link, else ""."""
    if not url.isprintable() or " " in url or len(url) > MAX_URL_CHARACTERS or _SURROGATE.search(url):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and host else ""


def typed(words: str) -> str:
    """Something to be typed, as it is typed here: clients take a slash for a command of their own."""
    return _COMMAND.sub("!", words, count=1) if _COMMAND.match(words) else words


class MatrixHtml:
    """Words in HTML; only `a b i code` are ever written here."""

    def text(self, words: str) -> str:
        """Plain words, escaped; line ends are kept."""
        return escape(clean(words)).replace("\n", "<br>")

    def strong(self, inner: str) -> str:
        """Bold."""
        return f"<b>{inner}</b>"

    def quiet(self, inner: str) -> str:
        """Italic."""
        return f"<i>{inner}</i>"

    def code(self, words: str) -> str:
        """To be typed exactly so."""
        return f"<code>{escape(clean(typed(words)))}</code>"

    def link(self, inner: str, url: str) -> str:
        """A link; the words alone where the address is none of the web."""
        target = web_address(url)
        return f'<a href="{escape(target)}">{inner}</a>' if target else inner


class MatrixPlain:
    """The same words without markup."""

    def text(self, words: str) -> str:
        """The words."""
        return clean(words)

    def strong(self, inner: str) -> str:
        """The words."""
        return inner

    def quiet(self, inner: str) -> str:
        """The words."""
        return inner

    def code(self, words: str) -> str:
        """To be typed exactly so."""
        return clean(typed(words))

    def link(self, inner: str, url: str) -> str:
        """The words with the address."""
        target = web_address(url)
        return f"{inner} ({target})" if target else inner

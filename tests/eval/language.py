"""Language identification of short headlines full of foreign names, with and without what the feed states."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from handlers.news.language import identify

HEADLINES = Path(__file__).with_name("headlines.toml")
CONFIGURED = ("de", "en", "ru", "fr")


def headlines() -> list[tuple[str, str]]:
    """(headline, language) of the file beside this one."""
    lists = tomllib.loads(HEADLINES.read_text(encoding="utf-8"))
    return [(line, language) for language, text in lists.items() for line in text.strip().splitlines()]


def rows() -> Iterator[tuple[str, str, float]]:
    """(set, method, share of right answers of 0..100)."""
    known = headlines()
    for method, stated in (("text alone", False), ("with the feed's statement", True)):
        right = sum(
            identify(line, allowed=CONFIGURED, stated=language if stated else "") == language
            for line, language in known
        )
        yield f"{len(known)} headlines", method, round(100 * right / len(known), 1)

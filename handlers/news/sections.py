"""What the address of an article says about its topic: many papers have the section in its path."""

from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

from handlers.news.lexicon import load

_PARTS = 4


@cache
def _topic_of() -> Mapping[str, str]:
    return {part: topic for topic, parts in load("sections").items() for part in parts.split()}


def topic_of(url: str) -> str:
    """The IPTC topic of the first part of the path that is a section we know, "" where there is none.

    Panorama, regions, news and opinion are no topics; a word inside a headline in the path is no section.
    """
    try:
        parts = urlsplit(url).path.lower().split("/")[1:-1][:_PARTS]
    except ValueError:
        return ""
    known = _topic_of()
    return next((known[part] for part in parts if part in known), "")

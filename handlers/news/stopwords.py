"""Words that say nothing about what a text is about, per language."""

from functools import cache

from handlers.news.lexicon import load


@cache
def stopwords(language: str) -> frozenset[str]:
    """The folded stop words of a language, empty for one that has no list."""
    listed = load("stopwords").get(language, "")
    return frozenset(str(listed).split())

"""Words that say nothing about what a text is about, per language."""

from functools import cache

from handlers.news.lexicon import load


@cache
def stopwords(language: str) -> frozenset[str]:
    """The folded stop words of a language, empty for one that has no list."""
    listed = load("stopwords").get(language, "")
    return frozenset(str(listed).split())


@cache
def empty_nouns(language: str) -> frozenset[str]:
    """Folded nouns that are no keyword of anything; only German writes them like names and needs the list."""
    return frozenset(str(load("stopwords").get(f"{language}_nouns", "")).split())


@cache
def numerals() -> frozenset[str]:
    """Folded words for numbers in all languages; what two headlines count alike is not what they are about."""
    return frozenset(str(load("stopwords")["numerals"]).split())


@cache
def plain_nouns(language: str) -> frozenset[str]:
    """Folded German nouns that say nothing of their own, which may stand in a summary though not in its text."""
    return frozenset(str(load("stopwords").get(f"{language}_plain_nouns", "")).split())

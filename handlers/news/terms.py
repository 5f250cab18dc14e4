"""Words of a text as search and comparison see them: folded, stemmed, counted."""

import math
import re
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import repeat
from typing import cast

import snowballstemmer

from handlers.news.items import SearchText
from handlers.news.stopwords import stopwords

MAX_BAG = 60
COMPOUND_LETTERS = 9
_TITLE_WEIGHT = 2.0
_LEAD_WEIGHT = 1.3
_MAX_WORD = 64

# Snowball's own names; a language without a stemmer keeps its folded words.
_STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
_WORD = re.compile(r"\d+(?:[.,:]\d+)+|[^\W_]+")
_INVISIBLE = re.compile("[\u00ad\u0300-\u036f\u200b-\u200d\u2060\ufeff]")
_SPECIAL = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "ё": "е", "þ": "th", "ð": "d"}
_UMLAUT_SPELLINGS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_local = threading.local()


def _folding_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(char): plain for char, plain in _SPECIAL.items()}
    for code in (*range(0xC0, 0x250), *range(0x370, 0x400), *range(0x1E00, 0x2000)):
        base = "".join(part for part in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(part))
        if base != chr(code):
            table.setdefault(code, base)
    table.update(dict.fromkeys(range(0x300, 0x370)))
    table.update(dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)))
    return table


_FOLDING = _folding_table()


def fold(text: str) -> str:
    """The text in lower case without accents: Häuser → hauser, Straße → strasse, ёлка → елка.

    The Russian й stays, since it is a letter of its own and stemming needs it. Idempotent.
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).lower().translate(_FOLDING))


@lru_cache(maxsize=100_000)
def fold_word(word: str) -> str:
    """As fold, remembered, for single words."""
    return fold(word)[:_MAX_WORD]


@lru_cache(maxsize=1024)
def tokens(text: str) -> tuple[str, ...]:
    """The words and numbers of a text as they are written, in order; 3:1 and 12,5 stay whole."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return tuple(_WORD.findall(text))


@lru_cache(maxsize=1024)
def words(text: str) -> tuple[str, ...]:
    """The folded words and numbers of a text in order, one for each of its tokens."""
    return tuple(map(fold_word, tokens(text)))


def _stemmer(language: str) -> Callable[[str], str] | None:
    # A stemmer keeps the word it works on as state, so every thread has its own.
    name = _STEMMERS.get(language)
    if name is None:
        return None
    known = _local.__dict__
    if name not in known:
        known[name] = snowballstemmer.stemmer(name).stemWord
    return cast("Callable[[str], str]", known[name])


@lru_cache(maxsize=150_000)
def stem(word: str, language: str) -> str:
    """The stem of one folded word; numbers and languages without a stemmer keep the word."""
    if len(word) < 3 or word[0].isdigit():
        return word
    stemming = _stemmer(language)
    return fold(stemming(word)) if stemming else word


@lru_cache(maxsize=1024)
def _stems(text: str, language: str) -> tuple[str, ...]:
    return tuple(map(stem, words(text), repeat(language)))


def stems(text: str, language: str) -> list[str]:
    """The stems of a text in reading order, stop words included so that phrases can be found."""
    return list(_stems(text, language))


@lru_cache(maxsize=16)
def stopstems(language: str) -> frozenset[str]:
    """Stop words as stems, together with the words themselves."""
    plain = stopwords(language)
    return plain | {stem(word, language) for word in plain}


@lru_cache(maxsize=1024)
def content_stems(text: str, language: str) -> frozenset[str]:
    """The set of stems that carry meaning: no stop words, no single letters, no bare single digits."""
    stops = stopstems(language)
    return frozenset(part for part in _stems(text, language) if len(part) > 1 and part not in stops)


def query_stems(word: str, languages: Iterable[str]) -> set[str]:
    """All stems a typed word may have over the languages, so that one index serves them all.

    "haeuser" is also looked up as "hauser", since people type umlauts that way; several words give all their stems.
    """
    found: set[str] = set()
    for folded in words(word):
        spellings = {folded}
        for long, short in _UMLAUT_SPELLINGS:
            spellings |= {spelling.replace(long, short) for spelling in spellings}
        found.add(folded)
        found |= {stem(spelling, language) for spelling in spellings for language in languages}
    return found


def search_text(title: str, body_paragraphs: Sequence[str], language: str) -> SearchText:
    """What search indexes of a clip: stems of title and body, and the long words for search by parts."""
    compounds = dict.fromkeys(
        word for text in (title, *body_paragraphs) for word in words(text) if len(word) >= COMPOUND_LETTERS
    )
    return SearchText(
        title=" ".join(_stems(title, language)),
        body=" ".join(part for paragraph in body_paragraphs for part in _stems(paragraph, language)),
        compounds=" ".join(word for word in compounds if not word[0].isdigit()),
    )


def bag(title: str, paragraphs: Sequence[str], language: str) -> dict[str, float]:
    """The stems a clip is compared by with their weights: title and first paragraph count more, at most 60.

    Weights grow with the logarithm of the count, so that a word said ten times does not drown the rest.
    """
    return dict(_bag(title, tuple(paragraphs), language))


@lru_cache(maxsize=16)
def _bag(title: str, paragraphs: tuple[str, ...], language: str) -> dict[str, float]:
    counts: defaultdict[str, float] = defaultdict(float)
    for part in _stems(title, language):
        counts[part] += _TITLE_WEIGHT
    for position, paragraph in enumerate(paragraphs):
        weight = _LEAD_WEIGHT if position == 0 else 1.0
        for part in _stems(paragraph, language):
            counts[part] += weight
    stops = stopstems(language)
    kept = [(part, count) for part, count in counts.items() if len(part) > 1 and part not in stops]
    kept.sort(key=lambda pair: (-pair[1], pair[0]))
    return {part: round(1.0 + math.log(count), 3) for part, count in kept[:MAX_BAG]}

"""Whether a summary that a language model wrote says only what its clip says, as far as words can show it.

Names, numbers and quotations have to stand in the clip, in the clip's language, and the text has to be plain sentences.
It errs towards refusing: then the clip's own sentences are shown. Who did what to whom it cannot check.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum

from handlers.news import language as languages
from handlers.news.sentence_kinds import is_complete
from handlers.news.sentences import split
from handlers.news.stopwords import numerals, stopwords
from handlers.news.terms import fold_word, stem, tokens

MAX_LETTERS = 700
MIN_LETTERS = 40


class Flaw(StrEnum):
    """Why a summary is refused."""

    LENGTH = "length"
    HIDDEN = "hidden"
    MARKUP = "markup"
    LINK = "link"
    QUOTE = "quote"
    NUMBER = "number"
    NAME = "name"
    LANGUAGE = "language"


_MARKUP = re.compile(r"[<>{}\[\]|\\`*_#=~^]|&#?\w+;")
# An address, a bare domain, an account, a command: what a platform would make something to press of.
_LINK = re.compile(r"://|\bwww\.|[^\W_]\.[^\W\d_]{2,}|@|(?:^|[\s(])[/!][^\W\d]", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,:/–-]\d+)*(?:[\s\u202f]\d{3}(?!\d))*")
_THOUSANDS = re.compile(r"(?<=\d)[.,\s\u202f](?=\d{3}(?!\d))")
_QUOTE_MARKS = '„“”"«»‹›‚‘'
_QUOTED = re.compile(f"[{_QUOTE_MARKS}]([^{_QUOTE_MARKS}]*)[{_QUOTE_MARKS}]")
# Beside these a number says something else; by their beginnings, since each has many forms.
_MAGNITUDES = (
    "million", "billion", "trillion", "milliard", "mrd", "mio", "миллион", "миллиард", "триллион", "млн", "млрд",
)  # fmt: skip
_ARTICLES_TOO = frozenset({"one", "один", "null"})
# What is left of a compound beside a part of it; of "Nigeria" only "ia" is left beside "Niger".
_LEAST_PART = 4
_LEAST_REST = 3


def flaw(text: str, *, title: str, paragraphs: Sequence[str], language: str, allowed: Sequence[str]) -> Flaw | None:
    """What is wrong with a summary, None where nothing was found.

    Args:
        text: the summary.
        title: the clip's headline.
        paragraphs: its text.
        language: the clip's language, in which the summary has to be.
        allowed: the configured languages.
    """
    if not MIN_LETTERS <= len(text) <= MAX_LETTERS or not is_complete(text):
        return Flaw.LENGTH
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"} for char in text):
        return Flaw.HIDDEN
    plain = unicodedata.normalize("NFKC", text)
    if _MARKUP.search(plain):
        return Flaw.MARKUP
    if _LINK.search(plain):
        return Flaw.LINK
    source = unicodedata.normalize("NFKC", "\n".join((title, *paragraphs)))
    if not _quotes_hold(plain, source):
        return Flaw.QUOTE
    if not _figures(plain) <= _figures(source, with_parts=True) or not _counted(plain) <= _counted(source):
        return Flaw.NUMBER
    known = _Known(source, language)
    if not all(known.has(word) for word in _names(plain, language)):
        return Flaw.NAME
    return None if languages.identify(plain, allowed=allowed) == language else Flaw.LANGUAGE


def _quotes_hold(text: str, source: str) -> bool:
    """Whether every quotation is closed, and stands in the clip word by word."""
    if sum(text.count(mark) for mark in _QUOTE_MARKS) % 2:
        return False
    said = _spaced(source)
    return all(_spaced(inner).strip(" .,!?…") in said for inner in _QUOTED.findall(text))


def _spaced(text: str) -> str:
    return " ".join("".join(" " if char in _QUOTE_MARKS else char for char in text).split())


def _figures(text: str, *, with_parts: bool = False) -> set[str]:
    """The numbers of a text without marks of thousands, and the parts of 3:1 or 2024-2025 where wanted."""
    found = {_THOUSANDS.sub("", number).replace(",", ".") for number in _NUMBER.findall(text)}
    parts = {part for number in found for part in re.split(r"[:/–-]", number)} if with_parts else set()
    return found | parts


def _counted(text: str) -> set[str]:
    """Numbers that are written as words, and what they count in."""
    found = set()
    for word in map(fold_word, tokens(text)):
        if word in numerals() - _ARTICLES_TOO:
            found.add(word)
        found |= {magnitude for magnitude in _MAGNITUDES if word.startswith(magnitude)}
    return found


def _names(text: str, language: str) -> Iterator[str]:
    """The words that may name something: written with a capital, but no function word at the start of a sentence."""
    common = stopwords(language)
    for sentence in split(text, language):
        for place, word in enumerate(tokens(sentence)):
            is_plain = fold_word(word) in common and (place == 0 or len(word) == 1)
            if any(char.isupper() for char in word) and not is_plain:
                yield word


class _Known:
    """The words of a clip."""

    def __init__(self, source: str, language: str) -> None:
        self._language = language
        self._words = {fold_word(word) for word in tokens(source)}
        self._stems = {stem(word, language) for word in self._words}

    def has(self, word: str) -> bool:
        """Whether the clip has a word in some form; in German also where it is a part of one of its compounds."""
        folded = fold_word(word)
        root = stem(folded, self._language)
        if folded in self._words or root in self._stems:
            return True
        is_compounding = self._language == "de" and len(root) >= _LEAST_PART
        return is_compounding and any(_is_part(root, whole) for whole in self._stems)


def _is_part(part: str, whole: str) -> bool:
    rest = len(whole) - len(part)
    return rest >= _LEAST_REST and (whole.startswith(part) or whole.endswith(part))

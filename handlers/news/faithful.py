"""Whether a summary that a language model wrote says only what its clip says, as far as words can show it.

Names, numbers with what they count in, and quotations have to stand in the clip, most other words too; the text has to
be plain sentences in the clip's language. It errs towards refusing: then the clip's own sentences are shown. Who did
what to whom it cannot check, nor whether two numbers of the clip changed places.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from enum import StrEnum

from handlers.news import language as languages
from handlers.news.figures import days, figures, is_measure
from handlers.news.sentence_kinds import is_complete
from handlers.news.sentences import split
from handlers.news.stopwords import plain_nouns, stopwords
from handlers.news.terms import content_stems, fold_word, stem, tokens

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
    WORDS = "words"


_MARKUP = re.compile(r"[<>{}\[\]|\\`*_#=~^]|&#?\w+;")
# An address, a bare domain, an account, a command: what a platform would make something to press of.
_LINK = re.compile(r"://|\bwww\.|[^\W_]\.[^\W\d_]{2,}|@|(?:^|[\s(])[/!][^\W\d]", re.IGNORECASE)
_QUOTE_MARKS = '„“”"«»‹›‚‘'
_QUOTED = re.compile(f"[{_QUOTE_MARKS}]([^{_QUOTE_MARKS}]*)[{_QUOTE_MARKS}]")
_NAMES_IN_A_ROW = re.compile(r"[^\W\d_a-zà-öø-ÿа-яё][\w-]*(?: [^\W\d_a-zà-öø-ÿа-яё][\w-]*)*")
# A text of nothing but names must not take the square of its length.
_LONGEST_ROW = 6
_APOSTROPHES = re.compile(r"(?<!\w)'([^']+)'(?!\w)")
# Letters, marks that belong to them, digits and signs of money; pictures and private signs are no news.
_FOREIGN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "So", "Sk", "Zl", "Zp"})
_SIGNS = frozenset("°№")
_BEHIND_LATIN = "\u0250"
# So much of what a summary says has to be said in the clip in some form of the same words.
_LEAST_SHARE = 0.5
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
    plain = unicodedata.normalize("NFKC", text)
    source = unicodedata.normalize("NFKC", "\n".join((title, *paragraphs)))
    return _looks(text, plain, source, language) or _says(plain, source, language, allowed)


def _looks(text: str, plain: str, source: str, language: str) -> Flaw | None:
    """What is wrong with the signs that a summary consists of."""
    if any(unicodedata.category(char) in _FOREIGN for char in text if char not in _SIGNS):
        return Flaw.HIDDEN
    strange = (word for word in tokens(plain) if _is_of_other_script(word, language))
    if not set(strange) <= set(tokens(source)):
        return Flaw.HIDDEN
    if _MARKUP.search(plain):
        return Flaw.MARKUP
    return Flaw.LINK if _LINK.search(plain) else None


def _is_of_other_script(word: str, language: str) -> bool:
    if language == "ru":
        return any(char.isalpha() and char < _BEHIND_LATIN for char in word)
    return any(char.isalnum() and char >= _BEHIND_LATIN for char in word)


def _says(plain: str, source: str, language: str, allowed: Sequence[str]) -> Flaw | None:
    """What a summary says that the clip does not."""
    if not _quotes_hold(plain, source):
        return Flaw.QUOTE
    if not (figures(plain, language) <= figures(source, language) and days(plain) <= days(source)):
        return Flaw.NUMBER
    known = _Known(source, language)
    if not (all(known.has(word) for word in _names(plain, language)) and known.pairs_hold(plain)):
        return Flaw.NAME
    if languages.identify(plain, allowed=allowed) != language:
        return Flaw.LANGUAGE
    said = content_stems(plain, language)
    shared = sum(map(known.has_stem, said))
    return None if shared >= _LEAST_SHARE * len(said) else Flaw.WORDS


def _quotes_hold(text: str, source: str) -> bool:
    """Whether every quotation is closed, and stands in the clip word by word."""
    if sum(text.count(mark) for mark in _QUOTE_MARKS) % 2:
        return False
    said = _spaced(source)
    quoted = _QUOTED.findall(text) + _APOSTROPHES.findall(text)
    return all(_spaced(inner).strip(" .,!?…") in said for inner in quoted)


def _spaced(text: str) -> str:
    return " ".join("".join(" " if char in _QUOTE_MARKS else char for char in text).split())


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
        self._written = tokens(source)
        self._words = {fold_word(word) for word in self._written}
        self._stems = {stem(word, language) for word in self._words}
        self._behind = _neighbours(source)
        self._before = _neighbours(source, turned=True)

    def has(self, word: str) -> bool:
        """Whether the clip has a word in some form; in German also where it is a part of one of its compounds."""
        # "US" is another word than "us".
        if len(word) > 1 and word.isupper():
            return word in self._written
        folded = fold_word(word)
        is_harmless = is_measure(folded) or folded in plain_nouns(self._language)
        return is_harmless or folded in self._words or self._has_root(folded)

    def has_stem(self, root: str) -> bool:
        """Whether the clip has a word of a stem, or in German a compound with it."""
        return root in self._stems or (self._is_compounding(root) and any(_is_part(root, each) for each in self._stems))

    def pairs_hold(self, text: str) -> bool:
        """Whether no two names were put together that each stand with other ones in the clip."""
        for first, behind in _neighbours(text).items():
            known = self._behind.get(first, {""})
            for second in behind - known - {""}:
                if "" not in known | self._before.get(second, {""}):
                    return False
        return True

    def _has_root(self, folded: str) -> bool:
        root = stem(folded, self._language)
        return self.has_stem(root) or (self._is_compounding(root) and self._is_composed(folded))

    def _is_compounding(self, root: str) -> bool:
        return self._language == "de" and len(root) >= _LEAST_PART

    def _is_composed(self, folded: str) -> bool:
        """Whether a word is put together from two words of the clip."""
        for place in range(_LEAST_PART, len(folded) - _LEAST_PART + 1):
            heads = {folded[:place], folded[:place].removesuffix("s")}
            if stem(folded[place:], "de") in self._stems and any(stem(head, "de") in self._stems for head in heads):
                return True
        return False


def _neighbours(text: str, *, turned: bool = False) -> dict[str, set[str]]:
    """Name → the names behind it in a row (before it where turned), "" where it stands without one."""
    found: dict[str, set[str]] = {}
    for match in _NAMES_IN_A_ROW.finditer(text):
        row = [fold_word(word) for word in tokens(match[0])]
        if turned:
            row.reverse()
        for place, one in enumerate(row):
            found.setdefault(one, set()).update(row[place + 1 : place + _LONGEST_ROW] or [""])
    return found


def _is_part(part: str, whole: str) -> bool:
    rest = len(whole) - len(part)
    return rest >= _LEAST_REST and (whole.startswith(part) or whole.endswith(part))

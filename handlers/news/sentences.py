"""Cuts a paragraph into whole sentences; a quotation of several sentences stays in one piece."""

import re
from collections.abc import Iterator
from functools import lru_cache

import sentencex  # type: ignore[import-untyped]

from handlers.news.lexicon import load

_MAX_QUOTE = 900
_MAX_PIECES = 8
_LONGEST_WORD = 40
# An abbreviation that may also end a sentence; a capital that follows it then begins the next one.
_MAY_END = {"ru": {"г", "гг", "руб", "долл", "тыс", "млн", "млрд", "трлн", "э", "в", "вв"}, "de": {"S", "a", "s", "o"}}
_LAST_WORD = re.compile(r"(?:^|[\s(„“\"«'’])([^\W\d_]+)\.$")
_ORDINAL = re.compile(r"(?:^|\s)(\w+,?)\s\d{1,2}\.$")
_AFTER_ORDINAL = re.compile(
    r"(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b"
)
_NEW_SENTENCE = re.compile(
    r"(?:Der|Die|Das|Er|Sie|Es|Ein|Eine|Zu|In|Am|Im|Auf|Für|Mit|Nach|Bei|Wie|Dann|Danach|Damit)\b"
)
_BEFORE_ORDINAL = frozenset(
    [
        "am",
        "im",
        "der",
        "die",
        "das",
        "den",
        "dem",
        "des",
        "vom",
        "zum",
        "zur",
        "bis",
        "beim",
        "ab",
        "seit",
        "dieser",
        "diesem",
        "diesen",
        "ihr",
        "ihre",
        "ihren",
        "ihrem",
        "ihrer",
        "sein",
        "seine",
        "seinen",
        "seinem",
        "seiner",
        "jeder",
        "jedem",
        "jeden",
        "ein",
        "einer",
        "einem",
        "eines",
        "eine",
        "einen",
    ]
)
_INITIAL = re.compile(r"(?:^|\s)[A-ZÄÖÜА-ЯЁ]\.$")
_CONTINUES = re.compile(r"^[a-zäöüßà-ÿа-яё,;:)\]–—-]")
# sentencex 1.0 never cuts before a number.
_BEFORE_NUMBER = re.compile(r"[.!?]\s(?=\d)")
_WORD_BEFORE = re.compile(r"[^\W\d_]{4,}$")


def _is_open(text: str) -> bool:
    """Whether a quotation begins in the text and does not end in it."""
    if text.count('"') % 2:
        return True
    if "„" in text:
        return text.count("„") > text.count("“") + text.count("”")
    if "»" in text or "«" in text:
        return text.count("»") != text.count("«")
    return text.count("“") > text.count("”")


def has_loose_ends(text: str) -> bool:
    """Whether a quotation or a bracket is opened or closed in the text, but not both."""
    if text.count("(") != text.count(")") or _is_open(text):
        return True
    return "„" in text and text.count("“") + text.count("”") > text.count("„")


def _belongs_together(piece: str, following: str, language: str) -> bool:
    if _CONTINUES.match(following):
        # A dash behind a closed quotation goes on with who says so; behind a full stop it begins something new.
        is_dash = following[0] in "–—-" and following[1:2].isspace()
        return not (is_dash and (piece[-1:] in "“”»" or (piece[-1:] in ".!?" and following[2:3].isupper())))
    if _INITIAL.search(piece):
        return True
    last = _LAST_WORD.search(piece)
    if last and last[1] in _abbreviations(language):
        return last[1] not in _MAY_END.get(language, set()) or not following[:1].isupper()
    if language == "de":
        ordinal = _ORDINAL.search(piece)
        if ordinal and _AFTER_ORDINAL.match(following):
            return True
        return bool(ordinal and ordinal[1].lower() in _BEFORE_ORDINAL and not _NEW_SENTENCE.match(following))
    return False


@lru_cache(maxsize=32)
def _abbreviations(language: str) -> frozenset[str]:
    # What sentencex 1.0 still cuts at.
    return frozenset(str(load("wording")["abbreviations"].get(language, "")).split())


def _with_quotes_closed(pieces: list[str]) -> list[str]:
    whole: list[str] = []
    position = 0
    while position < len(pieces):
        piece, end = pieces[position], position + 1
        if _is_open(piece):
            joined, last = piece, end
            while last < len(pieces) and last - position < _MAX_PIECES and _is_open(joined):
                joined, last = f"{joined} {pieces[last]}", last + 1
            # A quotation that never ends is a slip of the pen and must not swallow the paragraph.
            if not _is_open(joined) and len(joined) <= _MAX_QUOTE:
                piece, end = joined, last
        whole.append(piece)
        position = end
    return whole


def split(text: str, language: str) -> list[str]:
    """The sentences of a paragraph in order, white space folded; joined with a blank they are the paragraph again.

    Never cuts after "z. B.", "Dr.", "12." in a date, "Mrd.", "U.S." and the like.
    """
    return list(_split(text, language))


def _raw_pieces(text: str, language: str) -> Iterator[str]:
    for raw in sentencex.segment(language, text):
        start = 0
        for match in _BEFORE_NUMBER.finditer(raw):
            word = _WORD_BEFORE.search(raw, max(start, match.start() - _LONGEST_WORD), match.start())
            if word and word[0] not in _abbreviations(language):
                yield raw[start : match.end()].strip()
                start = match.end()
        if rest := raw[start:].strip():
            yield rest


@lru_cache(maxsize=512)
def _split(text: str, language: str) -> tuple[str, ...]:
    folded = " ".join(text.replace("\ufeff", " ").split())
    if not folded:
        return ()
    pieces: list[str] = []
    for piece in _raw_pieces(folded, language):
        if pieces and _belongs_together(pieces[-1], piece, language):
            pieces[-1] = f"{pieces[-1]} {piece}"
        else:
            pieces.append(piece)
    joined: list[str] = []
    for piece in _with_quotes_closed(pieces):
        if joined and _CONTINUES.match(piece) and _belongs_together(joined[-1], piece, language):
            joined[-1] = f"{joined[-1]} {piece}"
        else:
            joined.append(piece)
    return tuple(joined)

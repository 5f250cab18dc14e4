"""What a person types into a search → what is looked for: words, phrases, exclusions and operators.

kernkraft "kleine Reaktoren" -Frankreich topic:energie source:dw lang:de since:7d before:2026-11-01
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from handlers.news.terms import content_stems, query_stems, stem, words
from storage.clips import ClipFilter
from storage.search import SearchQuery

MAX_CHARACTERS = 256
MAX_WORDS = 24
_TOKEN = re.compile(r"(-?)(?:\"([^\"]*)\"?|„([^“”\"]*)[“”\"]?|«([^»]*)»?|(\S+))")
_SPAN = re.compile(r"(\d{1,4})([hdwm])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1), "m": timedelta(days=30)}
_OPERATORS = {
    "topic": "topic", "thema": "topic", "тема": "topic", "thème": "topic",
    "source": "source", "quelle": "source", "источник": "source",
    "lang": "language", "sprache": "language", "язык": "language", "langue": "language",
    "since": "since", "seit": "since", "с": "since", "depuis": "since",
    "before": "before", "vor": "before", "bis": "before", "до": "before", "avant": "before",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A search as it was meant.

    Attributes:
        words: folded words that must occur, in any form.
        is_open: the last word may go on (somebody is still typing).
        topic: as typed, "" where not given; so are source and language.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[str, ...] = ()
    is_open: bool = False
    topic: str = ""
    source: str = ""
    language: str = ""
    since: datetime | None = None
    before: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Neither words nor phrases."""
        return not (self.words or self.phrases)

    @property
    def says_nothing(self) -> bool:
        """Not even an operator that would choose clips."""
        return self.is_empty and not (self.topic or self.source or self.language or self.since or self.before)


def read(text: str, *, now: datetime, is_typing: bool = False) -> Wanted:
    """What a line of search means; an operator with an unreadable value counts as a word."""
    found: dict[str, str] = {}
    since: datetime | None = None
    before: datetime | None = None
    plain: list[str] = []
    phrases: list[tuple[str, ...]] = []
    excluded: list[str] = []
    text = text[:MAX_CHARACTERS]
    for minus, *quoted, word in _TOKEN.findall(text):
        phrase = words("".join(quoted))
        name, colon, value = word.partition(":")
        operator = _OPERATORS.get(name.casefold(), "") if colon and value else ""
        at = instant(value, now) if operator in {"since", "before"} else None
        if operator == "since" and at:
            since = at
        elif operator == "before" and at:
            before = at
        elif operator and operator not in {"since", "before"}:
            found[operator] = value
        elif minus:
            excluded += phrase or words(word)
        elif len(phrase) > 1:
            phrases.append(phrase)
        else:
            plain += phrase or words(word)
    is_open = is_typing and bool(plain) and bool(text) and (text[-1].isalnum())
    return Wanted(
        words=tuple(plain[:MAX_WORDS]),
        phrases=tuple(phrases[:4]),
        excluded=tuple(excluded[:MAX_WORDS]),
        is_open=is_open,
        topic=found.get("topic", ""),
        source=found.get("source", ""),
        language=found.get("language", "").lower(),
        since=since,
        before=before,
    )


def instant(value: str, now: datetime) -> datetime | None:
    """A span before now (7d, 24h, 2w) or the beginning of a day in UTC (2026-11-01); None where it is neither."""
    match = _SPAN.fullmatch(value.lower())
    if match:
        return now - int(match[1]) * _UNITS[match[2]]
    try:
        return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
    except ValueError:
        return None


def to_query(
    wanted: Wanted,
    *,
    languages: Sequence[str],
    reader_language: str,
    longer: Mapping[str, Sequence[str]],
    where: ClipFilter,
) -> SearchQuery:
    """The search in stems.

    Args:
        languages: in which a word may be meant.
        reader_language: its stop words are not looked for, unless there is nothing else.
        longer: word → stems of the archive that contain it ("gericht" → "bundesverfassungsgericht").
        where: the filter that the operators came to.

    Words count in any form and inside of longer ones, but clips that have the words themselves come first.
    """
    telling = [word for word in wanted.words if content_stems(word, reader_language)] or list(wanted.words)
    is_open = wanted.is_open and bool(telling) and telling[-1] == wanted.words[-1]
    groups = [_forms(word, languages, longer) for word in (telling[:-1] if is_open else telling)]
    return SearchQuery(
        groups=tuple(groups),
        own=tuple(_forms(word, languages, {}) for word in telling),
        prefix=telling[-1] if is_open else "",
        prefix_or=_forms(telling[-1], languages, longer) if is_open else (),
        phrases=tuple(_phrase(phrase, languages) for phrase in wanted.phrases),
        excluded=tuple(form for word in wanted.excluded for form in sorted(query_stems(word, languages))),
        where=where,
    )


def _forms(word: str, languages: Iterable[str], longer: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*sorted(query_stems(word, languages)), *longer.get(word, ()))))


def _phrase(phrase: Sequence[str], languages: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The phrase in the stems of each language, since nobody says which one is meant."""
    return tuple(dict.fromkeys(tuple(stem(word, language) for word in phrase) for language in languages))

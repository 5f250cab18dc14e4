"""The names and things a clip is about, as they are written, for buttons, tags and the reader's eye."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from handlers.news.sentences import split
from handlers.news.stopwords import stopwords
from handlers.news.terms import fold_word, stem, tokens

MAX_KEYWORDS = 8
_MAX_WORDS = 4
_MAX_LETTERS = 60
_LONG_NOUN = 10
_TITLE_BONUS = 2.5
_WORD = re.compile(r"[^\W_]+(?:[-’'&][^\W_]+)*")
# Small words that join the parts of a name: Leyen, Gaulle, Twente, Nations unies need them.
_JOINERS = frozenset(["von", "der", "van", "de", "du", "des", "del", "della", "di", "da", "al", "el", "la", "le", "ten", "und", "of", "the"])
_NAME_JOINERS = {"de": {"von", "der", "van", "de", "zu"}, "en": {"of", "the", "van", "de", "von", "der"}, "fr": {"de", "du", "des", "la", "le"}}
_TITLES = frozenset(
    ["herr", "frau", "dr", "prof", "mr", "mrs", "ms", "sir", "m", "mme", "monsieur", "madame", "kanzler", "prasident", "minister", "ministerin", "premier", "president", "prime", "minister", "le", "la", "les", "der", "die", "das", "the", "ein", "eine", "l", "d", "господин", "г-н"]
)


@dataclass(slots=True)
class _Candidate:
    forms: Counter[str] = field(default_factory=Counter)
    score: float = 0.0
    first: int = 0
    in_title: bool = False


def _runs(sentence: str, language: str, *, skip_first: bool) -> Iterator[tuple[str, ...]]:
    """Runs of capitalised words; a German noun is a run of its own unless an adjective or name joins it."""
    run: list[str] = []
    last_end = 0
    joiners = _NAME_JOINERS.get(language, set())
    for number, match in enumerate(_WORD.finditer(sentence)):
        word = match[0]
        gap = sentence[last_end : match.start()]
        last_end = match.end()
        if run and gap.strip(" "):
            yield tuple(run)
            run = []
        capital = word[0].isupper() and (number > 0 or not skip_first)
        if capital and fold_word(word) not in stopwords(language) or run and word in joiners:
            run.append(word)
        else:
            if run:
                yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def _trimmed(run: tuple[str, ...]) -> tuple[str, ...]:
    parts = list(run)
    while parts and (parts[-1].islower() or fold_word(parts[-1]) in _JOINERS):
        parts.pop()
    while parts and (fold_word(parts[0]) in _TITLES or fold_word(parts[0]) in _JOINERS):
        parts.pop(0)
    return tuple(parts)


def _worth(parts: tuple[str, ...], language: str) -> float:
    if len(parts) > 1:
        return 1.6
    word = parts[0]
    if word.isupper() or (not word.islower() and any(letter.isupper() for letter in word[1:])):
        return 1.3
    if language == "de":
        return 1.1 if len(word) >= _LONG_NOUN else 0.7
    return 1.2


def _collect(text: str, language: str, found: dict[str, _Candidate], *, title: bool) -> None:
    for sentence in split(text, language):
        # A capital at the start of a sentence says nothing, except where nouns are written so anyway.
        for run in _runs(sentence, language, skip_first=language != "de"):
            parts = _trimmed(run)
            if not parts or len(parts) > _MAX_WORDS or len(" ".join(parts)) > _MAX_LETTERS or len(parts[0]) < 2:
                continue
            key = " ".join(stem(fold_word(part), language) for part in parts)
            candidate = found.setdefault(key, _Candidate(first=len(found)))
            candidate.forms[" ".join(parts)] += 1
            candidate.score += _worth(parts, language)
            candidate.in_title = candidate.in_title or title


def extract(title: str, paragraphs: Sequence[str], language: str) -> tuple[str, ...]:
    """Up to eight names and telling nouns of a clip in the spelling of the text, the most telling first."""
    found: dict[str, _Candidate] = {}
    for paragraph in paragraphs:
        _collect(paragraph, language, found, title=False)
    _collect(title, language, found, title=True)
    in_title = {stem(fold_word(token), language) for token in tokens(title)}
    for key, candidate in found.items():
        if candidate.in_title or all(part in in_title for part in key.split()):
            candidate.score += _TITLE_BONUS
        candidate.score -= 0.03 * candidate.first
    order = sorted(found.items(), key=lambda pair: (-pair[1].score, pair[1].first))
    chosen: dict[str, str] = {}
    for key, candidate in order:
        if len(chosen) == MAX_KEYWORDS:
            break
        if candidate.score < 0.9 or _is_part_of_chosen(key, chosen):
            continue
        chosen[key] = candidate.forms.most_common(1)[0][0]
    return tuple(chosen.values())


def _is_part_of_chosen(key: str, chosen: dict[str, str]) -> bool:
    parts = set(key.split())
    return any(parts <= set(other.split()) or set(other.split()) <= parts for other in chosen)

"""The names and things a clip is about, as they are written, for buttons, tags and the reader's eye."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from handlers.news.sentence_kinds import without_dateline
from handlers.news.sentences import split
from handlers.news.similarity import is_generic
from handlers.news.stopwords import empty_nouns, stopwords
from handlers.news.terms import fold_word, stem

MAX_KEYWORDS = 8
_MAX_WORDS = 4
_MAX_LETTERS = 50
_LONG_NOUN = 10
_TITLE_BONUS = 2.5
_MIN_SCORE = 1.05
_LATER = 0.02
_SENTENCES = 40
_WORD = re.compile(r"[^\W_]+(?:[-’'&][^\W_]+)*")
_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀ-ŽА-ЯЁІЇЄҐΑ-Ω][^\W_]*(?:[-’'&][^\W_]+)*"
_MAX_RUN = 120
_ROMAN = re.compile(r"^[IVXLC]+e?$")
_POSSESSIVE = re.compile(r"['’]s$")
_ELIDED = re.compile(r"^(?:[dlnsj]|qu)['’]", re.IGNORECASE)
# Small words inside names; German has too many genitives for them.
_JOINERS = {"en": {"of", "the", "van", "de", "von", "der"}, "fr": {"de", "du", "des", "la"}, "de": {"van", "de"}}
# A German title of a person: "Vorstandschefin Petra Lohmann" is known by her name.
_PERSON = re.compile(
    r"(?:erin|chef|chefin|login|minister|sprecher|leiter|präsident|kanzler|besitzer|trainer|anwalt)(?:in)?$"
)


_RUSSIAN_VERB = re.compile(r"(?:[аяиеыо]л[аои]?|[аяиеыо]л[аои]?с[ья]|[аеяюиу]ть?ся|ать|ить|еть|[аяеу]ют|[ияе]т)$")


@dataclass(slots=True)
class _Candidate:
    first: int
    forms: dict[str, int] = field(default_factory=dict)
    score: float = 0.0
    in_title: bool = False

    def spelling(self) -> str:
        # Of inflected forms the commonest, then the shortest, is nearest to what a dictionary has.
        return min(self.forms, key=lambda form: (-self.forms[form], len(form)))


def _clean(word: str, language: str) -> str:
    if "'" not in word and "’" not in word:
        return word
    if language == "fr":
        return _ELIDED.sub("", word)
    return _POSSESSIVE.sub("", word) if language == "en" else word


@cache
def _run_pattern(language: str) -> re.Pattern[str]:
    """Matches capitalised words that follow each other, with the small words of names between them."""
    joiners = "|".join(sorted(_JOINERS.get(language, ())))
    between = rf" (?:(?:{joiners}) )*" if joiners else " "
    return re.compile(rf"(?<![\w-]){_CAPITAL}(?:{between}{_CAPITAL})*")


def _parts_of(run: str, language: str, *, starts_sentence: bool) -> Iterator[tuple[str, ...]]:
    """The run cut at stop words; except in German, a capital at the start of a sentence is no sign of a name."""
    words = run.split(" ")[1 if starts_sentence and language != "de" else 0 :]
    stops, joiners = stopwords(language), _JOINERS.get(language, set())
    part: list[str] = []
    for word in words:
        clean = _POSSESSIVE.sub("", word) if language == "en" else word
        if fold_word(clean) in stops and clean not in joiners:
            yield tuple(part)
            part = []
        elif part or clean not in joiners:
            part.append(clean)
    yield tuple(part)


def _trimmed(run: Sequence[str], language: str) -> tuple[str, ...]:
    """A run without small words at its end and, in German, without the common noun before a name."""
    parts = list(run)
    while parts and parts[-1].islower():
        parts.pop()
    while len(parts) > 1 and language == "de" and _is_common(parts[0], language):
        parts.pop(0)
    return tuple(parts)


def _is_common(word: str, language: str) -> bool:
    folded = fold_word(word)
    if folded in empty_nouns(language) or _PERSON.search(word.lower()):
        return True
    return is_generic(stem(folded, language), language)


def _worth(parts: Sequence[str], language: str) -> float:
    """How telling a run is, 0 where it is none."""
    word = parts[0]
    if len(parts) > 1:
        return 1.7
    if fold_word(word) in empty_nouns(language) or len(word) < 2 or _ROMAN.match(word):
        return 0.0
    if word[1:] != word[1:].lower():
        return 1.1
    if language == "de":
        return 1.1 if len(word) >= _LONG_NOUN else 0.7
    return 1.2


def _key(parts: Iterable[str], language: str) -> str:
    return " ".join(stem(fold_word(part), language) for part in parts)


@lru_cache(maxsize=30_000)
def _named(run: str, language: str, *, starts_sentence: bool) -> tuple[tuple[str, str, float], ...]:
    """Key, spelling and worth of each keyword in a run."""
    found = []
    for part in _parts_of(run, language, starts_sentence=starts_sentence):
        name = _trimmed(part, language)
        text = " ".join(name)
        if name and len(name) <= _MAX_WORDS and len(text) <= _MAX_LETTERS:
            worth = _worth(name, language)
            if worth:
                found.append((_key(name, language), text, worth))
    return tuple(found)


def _collect(sentence: str, language: str, found: dict[str, _Candidate], *, title: bool) -> None:
    for run in _run_pattern(language).finditer(sentence):
        starts_sentence = not sentence[: run.start()].strip(" „“\"«»'(–—-") if run.start() < 3 else False
        for key, text, worth in _named(run[0][:_MAX_RUN], language, starts_sentence=starts_sentence):
            candidate = found.setdefault(key, _Candidate(first=len(found)))
            candidate.forms[text] = candidate.forms.get(text, 0) + 1
            candidate.score += worth
            candidate.in_title = candidate.in_title or title


def _collect_phrases(title: str, body: Sequence[str], language: str, found: dict[str, _Candidate]) -> None:
    """Common words of the title that the text takes up again, for languages that do not write nouns with capitals."""
    said = Counter(_clean(word, language) for text in body for word in _WORD.findall(text))
    lowered: Counter[str] = Counter()
    for word, times in said.items():
        lowered[word.lower()] += times
    joined = f" {' '.join(_WORD.findall(' '.join(body).lower()))} "
    run: list[str] = []
    for word in [*(_clean(match, language) for match in _WORD.findall(title)), ""]:
        if _may_be_keyword(word, language) and lowered[word.lower()]:
            # A word that the text never writes small is a name.
            run.append(word if word.lower() not in said else word.lower())
            continue
        for start, one in enumerate(run):
            pair = run[start : start + 2]
            if len(pair) == 2 and f" {' '.join(pair).lower()} " in joined:
                _add_phrase(pair, language, found, 1.5)
            if len(one) > 4:
                _add_phrase([one], language, found, 0.5 + 0.2 * min(lowered[one.lower()], 4))
        run = []


def _may_be_keyword(word: str, language: str) -> bool:
    folded = fold_word(word)
    if len(folded) < 3 or folded in stopwords(language) or "'" in word or "’" in word:
        return False
    return not (language == "ru" and _RUSSIAN_VERB.search(word))


def _add_phrase(parts: Sequence[str], language: str, found: dict[str, _Candidate], score: float) -> None:
    key = _key(parts, language)
    if key not in found:
        text = " ".join(parts)
        found[key] = _Candidate(len(found), {text: 1}, score - _TITLE_BONUS / 2, in_title=True)


def extract(title: str, paragraphs: Sequence[str], language: str) -> tuple[str, ...]:
    """Up to eight names and telling nouns of a clip in the spelling of the text, the most telling first."""
    found: dict[str, _Candidate] = {}
    texts = [without_dateline(text) if place == 0 else text for place, text in enumerate(paragraphs[:_SENTENCES])]
    body = [sentence for text in texts for sentence in split(text, language)][:_SENTENCES]
    for sentence in body:
        _collect(sentence, language, found, title=False)
    _collect(title, language, found, title=True)
    if language != "de":
        _collect_phrases(title, body, language, found)
    in_title = set(_key(_WORD.findall(title), language).split())
    for key, candidate in found.items():
        told = candidate.in_title or all(part in in_title for part in key.split())
        candidate.score += (_TITLE_BONUS if told else 0.0) - _LATER * candidate.first
    chosen: dict[str, str] = {}
    for key, candidate in sorted(found.items(), key=lambda pair: (-pair[1].score, pair[1].first)):
        if len(chosen) == MAX_KEYWORDS:
            break
        if candidate.score >= _MIN_SCORE and not _overlaps_chosen(key, chosen):
            chosen[key] = candidate.spelling()
    return tuple(chosen.values())


def _overlaps_chosen(key: str, chosen: Iterable[str]) -> bool:
    parts = set(key.split())
    return any(parts <= set(other.split()) or set(other.split()) <= parts for other in chosen)

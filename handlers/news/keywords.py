"""The names and things a clip is about, as they are written, for buttons, tags and the reader's eye."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

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
    forms: Counter[str] = field(default_factory=Counter)
    score: float = 0.0
    in_title: bool = False

    def spelling(self) -> str:
        # Of inflected forms the commonest, then the shortest, is nearest to what a dictionary has.
        return min(self.forms, key=lambda form: (-self.forms[form], len(form)))


def _clean(word: str, language: str) -> str:
    if language == "fr":
        return _ELIDED.sub("", word)
    return _POSSESSIVE.sub("", word) if language == "en" else word


def _runs(sentence: str, language: str) -> Iterator[list[str]]:
    """Runs of capitalised words; except in German, the first word of a sentence is no sign of a name."""
    run: list[str] = []
    last_end = 0
    joiners, stops = _JOINERS.get(language, set()), stopwords(language)
    first = 0 if language == "de" else 1
    for number, match in enumerate(_WORD.finditer(sentence)):
        word = match[0]
        if language != "de":
            word = _clean(word, language)
        if run and sentence[last_end : match.start()] != " ":
            yield run
            run = []
        last_end = match.end()
        if number >= first and word[:1].isupper() and fold_word(word) not in stops:
            run.append(word)
        elif run and word in joiners:
            run.append(word)
        elif run:
            yield run
            run = []
    if run:
        yield run


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
    if any(letter.isupper() for letter in word[1:]):
        return 1.1
    if language == "de":
        return 1.1 if len(word) >= _LONG_NOUN else 0.7
    return 1.2


def _key(parts: Iterable[str], language: str) -> str:
    return " ".join(stem(fold_word(part), language) for part in parts)


def _collect(sentence: str, language: str, found: dict[str, _Candidate], *, title: bool) -> None:
    for run in _runs(sentence, language):
        parts = _trimmed(run, language)
        if not parts or len(parts) > _MAX_WORDS or len(" ".join(parts)) > _MAX_LETTERS:
            continue
        worth = _worth(parts, language)
        if worth:
            candidate = found.setdefault(_key(parts, language), _Candidate(first=len(found)))
            candidate.forms[" ".join(parts)] += 1
            candidate.score += worth
            candidate.in_title = candidate.in_title or title


def _collect_phrases(title: str, body: Sequence[str], language: str, found: dict[str, _Candidate]) -> None:
    """Common words of the title that the text takes up again, for languages that do not write nouns with capitals."""
    said = Counter(_clean(word, language) for text in body for word in _WORD.findall(text))
    lowered = Counter(word.lower() for word in said.elements())
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
        found[key] = _Candidate(len(found), Counter((text,)), score - _TITLE_BONUS / 2, in_title=True)


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

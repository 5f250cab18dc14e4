"""Topic terms in a form in which every word of a text is looked up once."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from handlers.news.items import TopicDefinition
from handlers.news.stopwords import stopwords
from handlers.news.terms import fold_word, stem, words

_LITERAL_LETTERS = 3
_MAX_KNOWN = 60_000
_MAX_MATCHERS = 12
# What German grammar may add to the end of a compound.
_ENDINGS = ("", "s", "es", "e", "en", "n", "er", "ern", "in", "innen")


@dataclass(frozen=True, slots=True)
class Hit:
    """One term found: the number of its topic and what it weighs, less than zero where it speaks against."""

    topic: int
    weight: float

    def scaled(self, share: float) -> "Hit":
        """The same hit with a part of its weight."""
        return Hit(self.topic, self.weight * share)


@dataclass(frozen=True, slots=True)
class _Part:
    """One word of a term: what to look for and how it must sit in the word of the text."""

    kind: str
    text: str

    def fits(self, word: str, stemmed: str) -> bool:
        match self.kind:
            case "literal":
                return word == self.text
            case "stem":
                return stemmed == self.text
            case "prefix":
                return word.startswith(self.text)
            case "infix":
                return self.text in word
            case _:
                return any(word.endswith(self.text + ending) for ending in _ENDINGS)


def _part(pattern: str, language: str) -> _Part | None:
    bare = pattern.strip("*=")
    folded = fold_word(bare) if bare.isalnum() else "".join(words(bare))
    if not folded:
        return None
    if pattern.startswith("*") and pattern.endswith("*"):
        return _Part("infix", folded)
    if pattern.endswith("*"):
        return _Part("prefix", folded)
    if pattern.startswith("*"):
        return _Part("suffix", folded)
    if pattern.startswith("=") or len(folded) <= _LITERAL_LETTERS:
        return _Part("literal", folded)
    return _Part("stem", stem(folded, language))


# The lexicon is compiled twice for each language: alone, and with the operator's topics.
@lru_cache(maxsize=30_000)
def _parse(term: str, language: str) -> tuple[tuple[_Part, ...], float]:
    text, _, boost = term.partition("^")
    try:
        weight = float(boost) if boost else 1.0
    except ValueError:
        weight = 1.0
    patterns = text.replace("-", " ").replace("'", " ").replace("’", " ").split()
    parts = tuple(part for part in (_part(pattern, language) for pattern in patterns) if part)
    return parts, min(max(weight, 0.0), 10.0)


@dataclass(frozen=True, slots=True)
class _Term:
    hit: Hit
    rest: tuple[_Part, ...]


@dataclass(slots=True)
class Matcher:
    """The terms of some topics in one language, ready to be asked word by word. Safe to share between threads."""

    stops: frozenset[str] = frozenset()
    _by_kind: dict[str, dict[str, list[_Term]]] = field(default_factory=dict)
    _shortest: dict[str, int] = field(default_factory=dict)
    _known: dict[str, tuple[_Term, ...]] = field(default_factory=dict)

    def add(self, term: str, language: str, topic: int, sign: float = 1.0) -> None:
        """Take one written term for the topic of that number."""
        parts, weight = _parse(term, language)
        if not parts:
            return
        first = parts[0]
        table = self._by_kind.setdefault(first.kind, defaultdict(list))
        table[first.text].append(_Term(Hit(topic, weight * sign), parts[1:]))
        self._shortest[first.kind] = min(self._shortest.get(first.kind, 99), len(first.text))

    def places(self, folded: Sequence[str]) -> list[int]:
        """The places of a text at which there may be hits: most words are known to say nothing."""
        known = self._known
        return [place for place, word in enumerate(folded) if known.get(word, True)]

    def hits(self, folded: Sequence[str], stemmed: Sequence[str], position: int) -> list[Hit]:
        """What the word at this position says, the strongest hit of each topic."""
        word = folded[position]
        terms = self._known.get(word)
        if terms is None:
            terms = tuple(self._look_up(word, stemmed[position]))
            if word in self.stops:
                # "werden" has the stem of "Werder"; a stop word can only begin a phrase.
                terms = tuple(term for term in terms if term.rest)
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[word] = terms
        if not terms:
            return []
        best: dict[int, Hit] = {}
        for term in terms:
            if term.rest and not _follows(term.rest, folded, stemmed, position + 1):
                continue
            known = best.get(term.hit.topic)
            if known is None or abs(term.hit.weight) > abs(known.weight):
                best[term.hit.topic] = term.hit
        return list(best.values())

    def _look_up(self, word: str, stemmed: str) -> Iterator[_Term]:
        yield from self._by_kind.get("literal", {}).get(word, ())
        yield from self._by_kind.get("stem", {}).get(stemmed, ())
        for kind, piece in self._pieces(word):
            yield from self._by_kind[kind].get(piece, ())

    def _pieces(self, word: str) -> Iterator[tuple[str, str]]:
        length = len(word)
        if "prefix" in self._by_kind:
            for end in range(self._shortest["prefix"], length + 1):
                yield "prefix", word[:end]
        if "suffix" in self._by_kind:
            ends = {length - len(ending) for ending in _ENDINGS if word.endswith(ending)}
            for end in ends:
                for start in range(max(end - self._shortest["suffix"] + 1, 0)):
                    yield "suffix", word[start:end]
        if "infix" in self._by_kind:
            shortest = self._shortest["infix"]
            seen = {word[a:b] for a in range(length) for b in range(a + shortest, length + 1)}
            for piece in seen:
                yield "infix", piece


def _follows(rest: Sequence[_Part], folded: Sequence[str], stemmed: Sequence[str], position: int) -> bool:
    if position + len(rest) > len(folded):
        return False
    return all(part.fits(folded[position + i], stemmed[position + i]) for i, part in enumerate(rest))


_Topics = tuple[TopicDefinition, ...]
_by_identity: dict[tuple[str, tuple[int, ...]], tuple[_Topics, Matcher]] = {}
_lock = threading.Lock()


def matcher_for(topics: _Topics, language: str) -> Matcher:
    """The matcher of these topics in this language, compiled at first use (0.1 s for the lexicon).

    Found again at once for the same objects, and by content for equal ones. The objects are kept alive as long as they
    are remembered, so that an identity cannot be given again.
    """
    key = (language, tuple(map(id, topics)))
    known = _by_identity.get(key)
    if known is None:
        known = (topics, _compiled(language, tuple(_Terms.of(topic, language) for topic in topics)))
        with _lock:
            if len(_by_identity) >= _MAX_MATCHERS:
                _by_identity.clear()
            _by_identity[key] = known
    return known[1]


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a definition says in one language, comparable by content."""

    own: tuple[str, ...]
    unless: tuple[str, ...]

    @classmethod
    def of(cls, topic: TopicDefinition, language: str) -> "_Terms":
        label = topic.labels.get(language, "")
        own = (*topic.terms.get(language, ()), *topic.terms.get("*", ()), *((f"{label}^2",) if label else ()))
        return cls(own, tuple(topic.unless))


@lru_cache(maxsize=12)
def _compiled(language: str, topics: tuple[_Terms, ...]) -> Matcher:
    matcher = Matcher(stopwords(language))
    for number, topic in enumerate(topics):
        for term in dict.fromkeys(topic.own):
            matcher.add(term, language, number)
        for term in topic.unless:
            matcher.add(term, language, number, sign=-1.0)
    return matcher

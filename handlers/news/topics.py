"""Which topics a clip is about, from the words it uses, with the words that say so.

Terms are written as in the lexicon: "wort" is that word in any inflection ("=wort" only as written, as are words of up
to three letters), "wort*" begins with it, "*wort" is a compound that ends with it, "*wort*" contains it, several words
are a phrase; "^2" after a term makes it count twice, "^0.5" half.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import repeat
from types import MappingProxyType

from handlers.news.iptc import with_lexicon
from handlers.news.items import TopicDefinition, TopicScore
from handlers.news.terms import fold_word, stem, tokens, words
from handlers.news.topic_terms import Hit, Matcher, matcher_for

_TITLE_WEIGHT = 2.5
_HINT_WEIGHT = 3.0
_LEAD_WEIGHT = 1.4
_MIN_RAW = 3.2
_MIN_RAW_PER_WORD = 0.012
_RELATIVE = 0.45
_MAX_RANKED = 4
_MIN_OWN_RAW = 1.4
# The first topic needs less than further ones: nearly all news has one, and two words that speak for it are a sign. In
# running text, which a list of names is not, one ordinary word is.
_MIN_FIRST = 1.4
_MIN_FIRST_PER_WORD = 0.004
_MIN_TOLD = 0.65
_RUNNING_WORDS = 12
_RUNNING_STOPS = 0.2
# What nearness in meaning above the mean of all topics is worth beside the root of what the words say, by measurement
# on newspapers' sections; and how near a text has to be that no word of the lexicon speaks for.
_MEANING_WEIGHT = 15.0
_NEAR_ENOUGH = 0.26
_NEARER_THAN_OTHERS = 0.11
# What the section in an article's address is worth on the same scale.
_SECTION_WEIGHT = 2.0
_IPTC = "medtop:"
# stem → (how often it was found, weighted by place; weight of its term)
_Terms = dict[str, tuple[float, float]]
_MAX_BECAUSE = 6
_SMALL = 3
_LEAST = 0.001
_UNLESS_COST = 3.0


def _found(matcher: Matcher, folded: Sequence[str], language: str, ranked: frozenset[int]) -> list[tuple[Hit, str]]:
    """The hits of one text with the folded word that made each; what speaks for many topics speaks softly."""
    stemmed = list(map(stem, folded, repeat(language)))
    found: list[tuple[Hit, str]] = []
    for position in matcher.places(folded):
        word = folded[position]
        hits = matcher.hits(folded, stemmed, position)
        if not hits:
            continue
        shared = sum(hit.topic in ranked for hit in hits)
        share = 1.0 / math.sqrt(max(shared, 1))
        found += [(hit.scaled(share) if shared > 1 and hit.topic in ranked else hit, word) for hit in hits]
    return found


def _evidence(
    matcher: Matcher, texts: Sequence[tuple[Sequence[str], float]], language: str, ranked: frozenset[int]
) -> dict[int, _Terms]:
    """Topic → stem → (how often, weighted by place; weight of the term)."""
    evidence: defaultdict[int, _Terms] = defaultdict(dict)
    for folded, place in texts:
        for hit, word in _found(matcher, folded, language, ranked):
            key = stem(word, language)
            count, weight = evidence[hit.topic].get(key, (0.0, 0.0))
            evidence[hit.topic][key] = (count + place, hit.weight if abs(hit.weight) > abs(weight) else weight)
    return evidence


def _raw(terms: _Terms) -> float:
    return sum(
        weight * (1.0 + math.log(max(count, 1.0))) if weight > 0 else weight * _UNLESS_COST
        for count, weight in terms.values()
    )


def _is_enough(terms: _Terms, raw: float, length: int) -> bool:
    # One word alone makes a topic only when it is a strong one and stands in the title.
    speaking = [(count, weight) for count, weight in terms.values() if weight >= 0.5]
    alone = any(count >= _TITLE_WEIGHT and weight >= 1.9 for count, weight in speaking)
    return raw >= _MIN_RAW + _MIN_RAW_PER_WORD * length and (len(speaking) > 1 or alone)


def _is_meant(terms: _Terms, raw: float) -> bool:
    # An operator's topic is a query: a word of it in the title, or two mentions in the text.
    return raw >= _MIN_OWN_RAW and sum(count for count, weight in terms.values() if weight > 0) >= 2.0


def score(
    title: str,
    paragraphs: Sequence[str],
    language: str,
    topics: Sequence[TopicDefinition],
    *,
    hints: Sequence[str] = (),
    meaning: Mapping[str, float] = MappingProxyType({}),
    section: str = "",
) -> tuple[TopicScore, ...]:
    """The topics of a clip, best first, only those that its words or its meaning carry; empty when unsure.

    IPTC topics compete with each other; a topic of the operator is a query of its own and only has to be met.
    Passing the same TopicDefinition objects again is quickest; equal ones cost a comparison of their terms.

    Args:
        title: the headline.
        paragraphs: the text without notices and references.
        language: of the text; terms of that language and those of any ("*") are looked for.
        topics: the definitions that compete; an IPTC topic without terms of its own has those of the lexicon.
        hints: what the publisher itself files the clip under (section, categories).
        meaning: topic → how near it is in meaning, where an encoder is installed.
        section: the topic that the address of the article says, "" where it says none.
    """
    matcher = matcher_for(with_lexicon(topics), language)
    texts = [(title, _TITLE_WEIGHT), *((hint, _HINT_WEIGHT) for hint in hints)]
    texts += [(paragraph, _LEAD_WEIGHT if place == 0 else 1.0) for place, paragraph in enumerate(paragraphs)]
    folded = [(words(text), place) for text, place in texts]
    length = sum(len(text) for text, _ in folded)
    ranked = frozenset(number for number, topic in enumerate(topics) if topic.id.startswith(_IPTC))
    evidence = _evidence(matcher, folded, language, ranked)
    raws = {topic: _raw(terms) for topic, terms in evidence.items()}
    told = _with_meaning(raws, {number: meaning.get(topics[number].id) for number in ranked})
    told |= _with_section(told, [number for number in ranked if topics[number].id == section])
    kept = _kept(told, raws, evidence, ranked, length)
    first = max(ranked, key=lambda topic: (told.get(topic, 0.0), -topic), default=-1)
    if first not in kept and first >= 0:
        is_near = topics[first].id in (_nearest(meaning), section)
        is_told = told.get(first, 0.0) >= _MIN_TOLD and _is_running([text for text, _ in folded], matcher.stops)
        if is_near or is_told or _may_be_first(evidence.get(first, {}), raws.get(first, 0.0), length):
            kept.append(first)
    if not kept:
        return ()
    wanted = {key for topic in kept for key in evidence.get(topic, ())}
    surfaces = _surfaces([text for text, _ in texts], language, wanted)
    # An operator's topic is a narrower view of a clip than the IPTC's, which goes first.
    most = max((_confidence(told[topic], length) for topic in kept if topic in ranked), default=1.0 + _LEAST)
    found = [
        TopicScore(
            topics[topic].id,
            _confidence(told[topic], length, most=1.0 if topic in ranked else round(most - _LEAST, 3)),
            _because(evidence.get(topic, {}), surfaces, matcher.stops),
        )
        for topic in sorted(kept, key=lambda topic: -told[topic])
    ]
    return tuple(sorted(found, key=lambda topic: -topic.score))


def _with_section(told: Mapping[int, float], filed: Sequence[int]) -> dict[int, float]:
    """What is told of the topics that the publisher files the clip under, on the same scale."""
    return {topic: (math.sqrt(max(told.get(topic, 0.0), 0.0)) + _SECTION_WEIGHT) ** 2 for topic in filed}


def _with_meaning(raws: Mapping[int, float], near: Mapping[int, float | None]) -> dict[int, float]:
    """What words and meaning say together, on the scale of the words."""
    known = {topic: value for topic, value in near.items() if value is not None}
    if not known:
        return dict(raws)
    mean = sum(known.values()) / len(known)
    found = dict(raws)
    for topic, value in known.items():
        both = math.sqrt(max(raws.get(topic, 0.0), 0.0)) + _MEANING_WEIGHT * (value - mean)
        found[topic] = max(both, 0.0) ** 2
    return found


def _nearest(meaning: Mapping[str, float]) -> str:
    """The topic that a text is clearly near to in meaning, "" where there is none."""
    if not meaning:
        return ""
    nearest = max(meaning, key=lambda topic: meaning[topic])
    mean = sum(meaning.values()) / len(meaning)
    is_near = meaning[nearest] >= _NEAR_ENOUGH and meaning[nearest] - mean >= _NEARER_THAN_OTHERS
    return nearest if is_near else ""


def _kept(
    told: Mapping[int, float],
    raws: Mapping[int, float],
    evidence: Mapping[int, _Terms],
    ranked: frozenset[int],
    length: int,
) -> list[int]:
    """The topics that their words carry by themselves."""
    order = sorted(raws, key=lambda topic: (-told[topic], topic))
    best = max((told[topic] for topic in told if topic in ranked), default=0.0)
    near = [topic for topic in order if topic in ranked and told[topic] >= best * _RELATIVE]
    kept = [topic for topic in near if _is_enough(evidence[topic], raws[topic], length)][:_MAX_RANKED]
    return kept + [topic for topic in order if topic not in ranked and _is_meant(evidence[topic], raws[topic])]


def _may_be_first(terms: _Terms, raw: float, length: int) -> bool:
    speaking = [weight for _, weight in terms.values() if weight >= 0.5]
    return len(speaking) > 1 and raw >= _MIN_FIRST + _MIN_FIRST_PER_WORD * length


def _is_running(texts: Sequence[Sequence[str]], stops: frozenset[str]) -> bool:
    """Whether these are sentences of the language: every few words a small one."""
    count = sum(len(text) for text in texts)
    small = sum(sum(map(stops.__contains__, text)) for text in texts)
    return count >= _RUNNING_WORDS and small >= _RUNNING_STOPS * count


def _confidence(raw: float, length: int, *, most: float = 1.0) -> float:
    return max(min(round(1.0 - math.exp(-raw / (5.0 + 0.03 * length)), 3), most), _LEAST)


def _because(terms: _Terms, surfaces: Mapping[str, str], stops: frozenset[str]) -> tuple[str, ...]:
    speaking = [(key, weight * (1.0 + math.log(max(count, 1.0)))) for key, (count, weight) in terms.items()]
    speaking.sort(key=lambda pair: -pair[1])
    said = [surfaces.get(key, key) for key, value in speaking if value > 0]
    # A phrase is known by its first word, and "per" (Kopf) or "von" (der Leyen) tell a person nothing.
    telling = [word for word in said if fold_word(word) not in stops and not (len(word) <= _SMALL and word.islower())]
    return tuple(telling[:_MAX_BECAUSE])


def _surfaces(texts: Sequence[str], language: str, wanted: set[str]) -> dict[str, str]:
    """The first spelling in the texts of each wanted stem."""
    spellings: dict[str, str] = {}
    for text in texts:
        for token, word in zip(tokens(text), words(text), strict=True):
            key = stem(word, language)
            if key in wanted and key not in spellings:
                spellings[key] = token
                if len(spellings) == len(wanted):
                    return spellings
    return spellings

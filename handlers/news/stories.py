"""Decides which story a new clip joins: the clips of several sources about one event."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from handlers.news.duplicates import is_same_text
from handlers.news.similarity import Candidate, Comparison, is_generic, meaning, scores_of, shared_names
from handlers.news.terms import content_stems, stems, tokens

JOIN_AT = 0.24
# Above that a story takes the clips of another one: a clip has shown that both tell the same.
MERGE_AT = 0.34
# The same text again, whatever else its story tells.
CERTAIN = 0.9
_MEAN_AT_LEAST = 0.16
_TITLE_SHARE = 0.1
_SAME_SOURCE = 0.93
_OTHER_RESULT = 0.4
_OTHER_NAMES = 0.28
_OTHER_NAMES_OF_ONE_EVENT = 0.85
_OTHER_WORDS = 0.9
# What terms.bag gives a word of the title that the text takes up: 1 + ln(2 + 1) and more.
_IN_TITLE_AND_TEXT = 2.05
_NO_EVENT_WORD_SHARED = 0.85
_EVENT_WORDS = 4.0
# Sources that copy one pattern of words with other names in it are more alike than any two reports of one event.
_ONE_PATTERN = 0.45
# A word that so many clips have, or one of so many, names one thing.
_FEW = 5
_ONE_OF = 200
# Clips of one language that tell one event are about so near in meaning; what is nearer or farther counts half.
_USUAL_MEANING = 0.5
_MEANING_SHARE = 0.5
_MOST_BY_MEANING = 0.1
# Of two languages meaning has to carry it, with the names and numbers that both have; of unlike clips some reach 0.62.
_ACROSS_AT = 0.7
_NAME_SHARE = 0.03
_MOST_NAMES = 4
_FRESH = timedelta(hours=24)
_FADED = timedelta(hours=72)
_WINDOW = timedelta(days=7)
_FADED_SHARE = 0.7
_MAX_MEMBERS = 30
# A story is looked at again when it has grown to one of these sizes.
SPLIT_SIZES = frozenset({4, 8, 16, 32})
_APART = 0.08
# From so many clips on a story is a whole, to which a new clip has to be this much like on average.
GROWN = 8
_LIKE_ALL = 0.18


def similarity(a: Candidate, b: Candidate, comparison: Comparison) -> float:
    """How sure we are that two clips tell the same event, 0..1, before time is considered."""
    if a.language != b.language:
        return _across(a, b)
    kept = _other_matter(a, b)
    if is_same_text(a.signature, b.signature) and kept == 1.0:
        return 1.0
    cosine = comparison.cosine(a, b)
    if cosine == 0.0:
        return 0.0
    value = (1.0 - _TITLE_SHARE) * cosine + _TITLE_SHARE * comparison.title_overlap(a, b)
    shares_event = _shares_event_words(a, b, comparison)
    if kept == _OTHER_NAMES and cosine < _ONE_PATTERN and _titles_share_rare_word(a, b, comparison):
        kept = _OTHER_NAMES_OF_ONE_EVENT
    value *= kept
    ours, theirs = scores_of(a), scores_of(b)
    if ours and theirs and not ours & theirs:
        value *= _OTHER_RESULT
    if not shares_event:
        value *= _NO_EVENT_WORD_SHARED
    near = meaning(a, b)
    if near is not None:
        value += max(-_MOST_BY_MEANING, min(_MOST_BY_MEANING, _MEANING_SHARE * (near - _USUAL_MEANING)))
    return max(0.0, value * (_SAME_SOURCE if a.source_id == b.source_id else 1.0))


def _across(a: Candidate, b: Candidate) -> float:
    """The same for two languages, whose words cannot be compared, on the same scale."""
    near = meaning(a, b)
    if near is None:
        return 0.0
    value = near + _NAME_SHARE * min(shared_names(a, b), _MOST_NAMES) - _ACROSS_AT + JOIN_AT
    return max(0.0, min(value, 0.9))


def _other_matter(a: Candidate, b: Candidate) -> float:
    """What is left of a similarity where each clip is about something that the other does not mention.

    What a clip is about stands in its title and in its text. Sources fill the same sentences with other names every
    day, so that names on both sides that the other lacks tell two events from each other; other words only hint at it.
    """
    ours, theirs = _own_matter(a, b), _own_matter(b, a)
    if not ours or not theirs:
        return 1.0
    return _OTHER_NAMES if True in ours.values() and True in theirs.values() else _OTHER_WORDS


def _own_matter(a: Candidate, b: Candidate) -> dict[str, bool]:
    """The stems that only the first clip is about, with whether they are written like a name or number."""
    own = {
        stem
        for stem in content_stems(a.title, a.language) - b.terms.keys()
        if a.terms.get(stem, 0.0) >= _IN_TITLE_AND_TEXT and not is_generic(stem, a.language)
    }
    if not own:
        return {}
    spelled = zip(stems(a.title, a.language), tokens(a.title), strict=True)
    return {stem: not word[0].islower() for stem, word in spelled if stem in own}


def _shares_event_words(a: Candidate, b: Candidate, comparison: Comparison) -> bool:
    """Whether telling words of one title occur in the other clip, and the other way round."""
    in_a = content_stems(a.title, a.language) & b.terms.keys()
    in_b = content_stems(b.title, b.language) & a.terms.keys()
    told = (
        sum(comparison.rarity(stem, a.language) for stem in in_a),
        sum(comparison.rarity(stem, b.language) for stem in in_b),
    )
    return min(told) >= _EVENT_WORDS


def _titles_share_rare_word(a: Candidate, b: Candidate, comparison: Comparison) -> bool:
    """Whether both titles name something that few clips name: then what else each of them names is of one event."""
    few = max(_FEW, comparison.documents // _ONE_OF)
    shared = content_stems(a.title, a.language) & content_stems(b.title, b.language)
    return any(comparison.document_counts.get(stem, 0) <= few and not is_generic(stem, a.language) for stem in shared)


def _nearness(gap: timedelta) -> float:
    """What a distance in time leaves of a similarity: all for a day, fading to the end of the window, then nothing."""
    if gap <= _FRESH:
        return 1.0
    if gap <= _FADED:
        return 1.0 - (1.0 - _FADED_SHARE) * ((gap - _FRESH) / (_FADED - _FRESH))
    if gap > _WINDOW:
        return 0.0
    return _FADED_SHARE * (1.0 - 0.5 * ((gap - _FADED) / (_WINDOW - _FADED)))


def neighbours(clip: Candidate, candidates: Sequence[Candidate], comparison: Comparison) -> list[tuple[int, float]]:
    """The stories near a clip with the values they are judged by, best first, so that a person can see why.

    A story is judged by the mean over its clips as much as by the nearest of them: by the nearest alone, stories grow
    into each other link by link.
    """
    members: defaultdict[int, list[Candidate]] = defaultdict(list)
    for other in candidates:
        if other.story_id is not None and other.clip_id != clip.clip_id:
            members[other.story_id].append(other)
    found = []
    for story, clips in members.items():
        clips.sort(key=lambda other: abs(other.published_at - clip.published_at))
        nearness = _nearness(abs(clips[0].published_at - clip.published_at))
        if nearness == 0.0:
            continue
        values = [
            similarity(clip, other, comparison)
            for other in clips[:_MAX_MEMBERS]
            if clip.language == other.language or meaning(clip, other) is not None
        ]
        if not values:
            continue
        nearest, mean = max(values), sum(values) / len(values)
        if mean >= _MEAN_AT_LEAST or nearest == 1.0:
            value = nearest if nearest == 1.0 else (nearest + mean) / 2
            found.append((story, round(value * nearness, 4)))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def is_like_all(clip: Candidate, members: Sequence[Candidate], comparison: Comparison) -> bool:
    """Whether a clip is like some clips on average, those of its language or with a meaning to compare."""
    values = [
        similarity(clip, other, comparison)
        for other in members
        if clip.language == other.language or meaning(clip, other) is not None
    ]
    return not values or sum(values) / len(values) >= _LIKE_ALL


def choose(
    clip: Candidate, candidates: Sequence[Candidate], *, document_counts: Mapping[str, int], documents: int
) -> int | None:
    """The story that a new clip joins, None where it begins one.

    Args:
        clip: the new clip.
        candidates: recent clips with their stories; best those that share rare stems with the clip.
        document_counts: stem → number of clips that have it.
        documents: number of all clips.
    """
    comparison = Comparison(document_counts, documents, is_about_events=True)
    found = neighbours(clip, candidates, comparison)
    return found[0][0] if found and found[0][1] >= JOIN_AT else None


def halves(members: Sequence[Candidate], comparison: Comparison) -> tuple[list[Candidate], list[Candidate]] | None:
    """A story cut into two that have nothing to do with each other, None where it is one.

    The two clips that are least alike gather the others around them; each half needs two clips.
    """
    if len(members) < min(SPLIT_SIZES):
        return None
    values = {
        (i, j): similarity(members[i], members[j], comparison)
        for i in range(len(members))
        for j in range(i + 1, len(members))
    }
    first, second = min(values, key=lambda pair: (values[pair], pair))

    def value(i: int, j: int) -> float:
        return 1.0 if i == j else values[min(i, j), max(i, j)]

    ours = [i for i in range(len(members)) if value(i, first) >= value(i, second)]
    theirs = [i for i in range(len(members)) if i not in ours]
    if min(len(ours), len(theirs)) < 2:
        return None
    between = sum(value(i, j) for i in ours for j in theirs) / (len(ours) * len(theirs))
    if between >= _APART:
        return None
    return [members[i] for i in ours], [members[i] for i in theirs]

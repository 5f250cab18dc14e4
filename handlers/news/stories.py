"""Decides which story a new clip joins: the clips of several sources about one event."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from handlers.news.duplicates import is_same_text
from handlers.news.similarity import Candidate, Comparison, scores_of
from handlers.news.terms import content_stems

JOIN_AT = 0.30
_MEAN_AT_LEAST = 0.20
_TITLE_SHARE = 0.35
_SAME_SOURCE = 0.93
_OTHER_RESULT = 0.4
_NO_EVENT_WORD_SHARED = 0.72
_EVENT_WORD = 4.0
_FRESH = timedelta(hours=24)
_FADED = timedelta(hours=72)
_WINDOW = timedelta(days=7)
_FADED_SHARE = 0.7
_MAX_MEMBERS = 30


def similarity(a: Candidate, b: Candidate, comparison: Comparison) -> float:
    """How sure we are that two clips tell the same event, 0..1, before time is considered."""
    if is_same_text(a.signature, b.signature):
        return 1.0
    cosine = comparison.cosine(a, b)
    if cosine == 0.0:
        return 0.0
    value = (1.0 - _TITLE_SHARE) * cosine + _TITLE_SHARE * comparison.title_overlap(a, b)
    ours, theirs = scores_of(a), scores_of(b)
    if ours and theirs and not ours & theirs:
        value *= _OTHER_RESULT
    if not _shares_event_word(a, b, comparison):
        value *= _NO_EVENT_WORD_SHARED
    return value * (_SAME_SOURCE if a.source_id == b.source_id else 1.0)


def _shares_event_word(a: Candidate, b: Candidate, comparison: Comparison) -> bool:
    """Whether a telling word of one title occurs in the other clip, and the other way round."""
    in_a = content_stems(a.title, a.language) & b.terms.keys()
    in_b = content_stems(b.title, b.language) & a.terms.keys()
    return any(comparison.rarity(stem, a.language) >= _EVENT_WORD for stem in in_a) and any(
        comparison.rarity(stem, b.language) >= _EVENT_WORD for stem in in_b
    )


def _nearness(gap: timedelta) -> float:
    """What a distance in time leaves of a similarity: all for a day, fading to the end of the window, then nothing."""
    if gap <= _FRESH:
        return 1.0
    if gap <= _FADED:
        return 1.0 - (1.0 - _FADED_SHARE) * ((gap - _FRESH) / (_FADED - _FRESH))
    if gap > _WINDOW:
        return 0.0
    return _FADED_SHARE * (1.0 - 0.5 * ((gap - _FADED) / (_WINDOW - _FADED)))


def neighbours(
    clip: Candidate, candidates: Sequence[Candidate], *, document_counts: Mapping[str, int], documents: int
) -> list[tuple[int, float]]:
    """The stories near a clip with the values they are judged by, best first, so that a person can see why.

    A story is judged by the mean over its clips as much as by the nearest of them: by the nearest alone, stories grow
    into each other link by link.
    """
    comparison = Comparison(document_counts, documents, is_about_events=True)
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
        values = [similarity(clip, other, comparison) for other in clips[:_MAX_MEMBERS]]
        nearest, mean = max(values), sum(values) / len(values)
        if mean >= _MEAN_AT_LEAST or nearest == 1.0:
            value = nearest if nearest == 1.0 else (nearest + mean) / 2
            found.append((story, round(value * nearness, 4)))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


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
    found = neighbours(clip, candidates, document_counts=document_counts, documents=documents)
    return found[0][0] if found and found[0][1] >= JOIN_AT else None

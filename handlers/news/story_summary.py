"""One paragraph about a story from several sources: each sentence is one of theirs, and says whose."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.news.sentence_kinds import is_attribution
from handlers.news.summary import LONG_LETTERS, SHORT_LETTERS, Scored, facts, news_sentences, opening
from handlers.news.terms import content_stems

MAX_SENTENCES = 5
_LOOKED_AT = 8
# A sentence of another source belongs to the matter by two words that it shares with what is told, and adds to it by
# being new for the greater part.
_MIN_SHARED = 2
_MIN_NEW = 0.6
_FACTS_SHARE = 0.5
_POSITION_STEP = 0.16


@dataclass(frozen=True, slots=True)
class Telling:
    """A clip as one of the tellings of a story."""

    clip_id: int
    source_id: int
    title: str
    paragraphs: tuple[str, ...]
    language: str


def story_summary(clips: Sequence[Telling]) -> tuple[tuple[str, int], ...]:
    """Sentences with the numbers of the clips they are quoted from: the first clip's opening, then what others add.

    Empty where the first clip has no sentence that can open a summary. At most 700 characters.

    Args:
        clips: of one story, the one to begin with first; of each other source only the first counts, and only clips in
            the language of the first are quoted.
    """
    if not clips:
        return ()
    first = clips[0]
    begin = opening(first.title, first.paragraphs, first.language, SHORT_LETTERS)
    if not begin:
        return ()
    chosen = [(one.text, first.clip_id) for one in begin]
    said = frozenset().union(*(one.stems for one in begin))
    matter = said | content_stems(first.title, first.language)
    seen = {first.source_id}
    for clip in clips[1:]:
        if clip.source_id in seen or clip.language != first.language or len(chosen) >= MAX_SENTENCES:
            continue
        seen.add(clip.source_id)
        added = _best(clip, matter, said)
        if added is not None and sum(len(text) + 1 for text, _ in chosen) + len(added.text) <= LONG_LETTERS:
            chosen.append((added.text, clip.clip_id))
            said |= added.stems
    return tuple(chosen)


def _best(clip: Telling, matter: frozenset[str], said: frozenset[str]) -> Scored | None:
    """The sentence of a clip that adds most to what is said already, None where it adds nothing."""
    found: list[tuple[float, Scored]] = []
    for rank, one in enumerate(news_sentences(clip.title, clip.paragraphs, clip.language)[:_LOOKED_AT]):
        new = len(one.stems - said) / len(one.stems)
        is_fit = not one.leans and not is_attribution(one.text) and len(one.text) <= SHORT_LETTERS
        if is_fit and new >= _MIN_NEW and len(one.stems & matter) >= _MIN_SHARED:
            found.append((new / (1.0 + _POSITION_STEP * rank) + _FACTS_SHARE * facts(one.text), one))
    return max(found, key=lambda pair: pair[0])[1] if found else None

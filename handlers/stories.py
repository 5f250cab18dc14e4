"""Puts new clips into stories, in the order in which they were published.

What likeness needs of recent clips is kept in memory between batches, since a batch compares its clips with the same
few hundred neighbours again and again; the rows stay the truth, and the memory is dropped when a transaction fails.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from handlers.news import stories
from handlers.news.related import Candidate
from storage import intake, outlines, search
from storage.database import Tx
from storage.tables import Clip, Story

WINDOW = timedelta(days=7)
CANDIDATES = 16
QUERY_STEMS = 8
KEPT_OUTLINES = 2_000
KEPT_COUNTS = 100_000


class StoryFinder:
    """Finds the story that each new clip tells."""

    def __init__(self) -> None:
        self._outlines: OrderedDict[int, Candidate] = OrderedDict()
        self._counts: dict[str, int] = {}

    def forget(self) -> None:
        """Drop what is remembered; the next batch reads it anew."""
        self._outlines.clear()
        self._counts.clear()

    async def place(self, tx: Tx, clips: Sequence[Clip], counts: Mapping[str, int]) -> None:
        """Join each clip to a story, or begin one; called in the transaction that wrote the clips.

        Args:
            clips: new clips, with their numbers.
            counts: what the batch adds to the number of clips that contain a stem.
        """
        for stem, number in counts.items():
            if stem in self._counts:
                self._counts[stem] += number
        await self._read_counts(tx, {"", *(stem for clip in clips for stem in clip.terms)})
        begun: list[Clip] = []
        placed: dict[int, int] = {}
        for clip in sorted(clips, key=lambda each: (each.published_at, each.id or 0)):
            story = await self._choose(tx, clip)
            if story is None:
                begun.append(clip)
                story = -len(begun)
            placed[clip.id or 0] = story
            self._keep(candidate(clip, story))
        numbers = await intake.add_stories(tx, [_first(clip) for clip in begun])
        final = {clip: numbers[-story - 1] if story < 0 else story for clip, story in placed.items()}
        for clip_id, story in final.items():
            self._keep(replace(self._outlines[clip_id], story_id=story))
        await intake.assign_stories(tx, final)
        grown = [story for clip, story in placed.items() if story > 0]
        shared = [final[clip] for clip, story in placed.items() if story < 0]
        await intake.recount_stories(tx, {*grown, *(s for s in shared if shared.count(s) > 1)})
        while len(self._outlines) > KEPT_OUTLINES:
            self._outlines.popitem(last=False)

    async def _choose(self, tx: Tx, clip: Clip) -> int | None:
        counts, documents = self._counts, max(1, self._counts.get("", 1))
        heavy = sorted(clip.terms, key=lambda stem: (-clip.terms[stem] / (counts.get(stem, 0) + 5), stem))
        near = await search.similar(tx, heavy[:QUERY_STEMS], since=clip.published_at - WINDOW, limit=CANDIDATES)
        candidates = await self._candidates(tx, [clip_id for clip_id in near if clip_id != clip.id])
        return stories.choose(candidate(clip, None), candidates, document_counts=counts, documents=documents)

    async def _candidates(self, tx: Tx, clip_ids: Sequence[int]) -> list[Candidate]:
        missing = [clip_id for clip_id in clip_ids if clip_id not in self._outlines]
        if missing:
            found = await outlines.outlines(tx, missing)
            await self._read_counts(tx, {stem for outline in found for stem in outline.terms})
            for outline in found:
                self._keep(candidate(outline, outline.story_id))
        return [self._outlines[clip_id] for clip_id in clip_ids if clip_id in self._outlines]

    def _keep(self, clip: Candidate) -> None:
        self._outlines[clip.clip_id] = clip
        self._outlines.move_to_end(clip.clip_id)

    async def _read_counts(self, tx: Tx, stems: Iterable[str]) -> None:
        if len(self._counts) > KEPT_COUNTS:
            self._counts.clear()
        missing = [stem for stem in stems if stem not in self._counts]
        if missing:
            self._counts.update(dict.fromkeys(missing, 0))
            self._counts.update(await intake.term_counts(tx, missing))


def candidate(clip: Clip | outlines.Outline, story_id: int | None) -> Candidate:
    """A clip as the likeness functions take it."""
    return Candidate(
        clip_id=(clip.id or 0) if isinstance(clip, Clip) else clip.clip_id,
        story_id=story_id,
        source_id=clip.source_id,
        language=clip.language,
        published_at=clip.published_at,
        terms=clip.terms,
        signature=clip.signature,
        title=clip.title,
    )


def _first(clip: Clip) -> Story:
    """The story that a clip begins."""
    at = clip.published_at
    return Story(
        title=clip.title, language=clip.language, clip_count=1, source_count=1, first_at=at, last_at=at, moved_at=at
    )

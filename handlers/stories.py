"""Puts new clips into stories, whoever tells them and in whatever language, and mends stories that grew wrong.

What likeness needs of recent clips is kept in memory between batches, since each new clip is compared with the same few
thousand neighbours; the rows stay the truth, and the memory is dropped when a transaction fails.
"""

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from handlers.news import stories
from handlers.news.related import Candidate
from handlers.news.similarity import Comparison
from handlers.news.vectors import unpack
from handlers.news.window import KEPT_STEMS, STEMS_OF, Window
from handlers.ports import Vectors
from storage import intake, outlines, vectors
from storage.database import Tx
from storage.tables import Clip, Story

WINDOW = timedelta(days=7)
CANDIDATES = 16
NEAR_IN_MEANING = 8
KEPT_OUTLINES = 3_000
KEPT_COUNTS = 100_000
KEPT_STORIES = 2_000
# Of a story that is looked at again.
MAX_MEMBERS = 32
_TOGETHER = 500


class StoryFinder:
    """Finds the story that each new clip tells."""

    def __init__(self) -> None:
        self._outlines: OrderedDict[int, Candidate] = OrderedDict()
        self._counts: dict[str, int] = {}
        # Story → its newest clips, oldest first.
        self._members: OrderedDict[int, list[int]] = OrderedDict()
        self._comparison: Comparison | None = None
        # Of the clips of one batch, which are looked at several times.
        self._told: dict[int, list[tuple[str, float]]] = {}
        self._window: Window | None = None
        self._newest = 0
        self._model = ""
        self.is_outdated = False

    def forget(self) -> None:
        """Drop what is remembered; the next batch reads it anew."""
        self._outlines.clear()
        self._counts.clear()
        self._members.clear()
        self._comparison = None
        self._window = None

    async def place(
        self,
        tx: Tx,
        clips: Sequence[Clip],
        counts: Mapping[str, int],
        *,
        encoded: Vectors | None = None,
        model: str = "",
    ) -> None:
        """Join each clip to a story, or begin one; called in the transaction that wrote the clips.

        Args:
            clips: new clips, with their numbers.
            counts: what the batch adds to the number of clips that contain a stem.
            encoded: one row for each clip, where there is an encoder.
            model: the encoder's name.
        """
        self._model = model
        self._told.clear()
        for stem, number in counts.items():
            if stem in self._counts:
                self._counts[stem] += number
        await self._read_counts(tx, {"", *(stem for clip in clips for stem in clip.terms)})
        await self._catch_up(tx, clips)
        work = _Work(self, tx)
        near = self._near(encoded)
        begun = [candidate(clip, None) for clip in clips]
        # Read together: one statement for all of them costs little more than one for each.
        await self.candidates(tx, {each for clip in begun for each in self.alike(clip)}.union(*near))
        order = sorted(range(len(clips)), key=lambda place: (clips[place].published_at, clips[place].id or 0))
        for place in order:
            vector = None if encoded is None else encoded[place]
            await work.place(candidate(clips[place], None, vector), near[place] if near else ())
        await work.write()
        if self.is_outdated:
            self.forget()
        for kept, most in ((self._outlines, KEPT_OUTLINES), (self._members, KEPT_STORIES)):
            while len(kept) > most:
                kept.popitem(last=False)

    def _near(self, encoded: Vectors | None) -> list[list[int]]:
        if encoded is None or self._window is None:
            return []
        return self._window.near(np.ascontiguousarray(encoded), NEAR_IN_MEANING)

    async def _catch_up(self, tx: Tx, clips: Sequence[Clip]) -> None:
        """Take up what came since the last batch, through another process too; all that is recent at the first one."""
        own = {clip.id for clip in clips}
        since = max((clip.published_at for clip in clips), default=None)
        if since is None:
            return
        is_first = self._window is None
        self._window = self._window or Window()
        after = 0 if is_first else self._newest
        known = [each for each in await outlines.after(tx, after, since - WINDOW, STEMS_OF) if each not in own]
        for start in range(0, len(known), _TOGETHER):
            part = known[start : start + _TOGETHER]
            for found in await self._read(tx, part, keep=False):
                self._look_at(found)
                # Another process put it there.
                self._members.pop(found.story_id or 0, None)
        self._newest = max([self._newest, *known, *(clip.id or 0 for clip in clips)])

    def _look_at(self, clip: Candidate) -> None:
        if self._window is not None:
            self._window.add(clip.clip_id, [stem for stem, _ in self.weighed(clip)], clip.vector)
            self._told.pop(clip.clip_id, None)

    def weighed(self, clip: Candidate) -> list[tuple[str, float]]:
        """The stems of a clip with what each tells, those that tell most first."""
        known = self._told.get(clip.clip_id)
        if known is None:
            documents = max(1, self._counts.get("", 1)) + 400
            counted = ((stem, weight, self._counts.get(stem, 0) + 1) for stem, weight in clip.terms.items())
            told = [(stem, weight * math.log(documents / count)) for stem, weight, count in counted]
            told.sort(key=lambda pair: (-pair[1], pair[0]))
            known = self._told[clip.clip_id] = told[:KEPT_STEMS]
        return known

    def alike(self, clip: Candidate) -> list[int]:
        """The recent clips that share most of a clip's telling stems."""
        return self._window.alike(self.weighed(clip), CANDIDATES) if self._window is not None else []

    def comparison(self) -> Comparison:
        """Weighs stems by how rare they are, as counted anew when the archive has grown by a fiftieth."""
        documents = max(1, self._counts.get("", 1))
        known = self._comparison
        if known is None or not known.documents <= documents <= known.documents * 1.02 or known.size > KEPT_OUTLINES:
            self._comparison = known = Comparison(self._counts, documents, is_about_events=True)
        return known

    async def around(self, tx: Tx, clip: Candidate, model: str = "") -> list[Candidate]:
        """The clips that a stored one is compared with, earlier and later ones; for a finder that places nothing.

        Args:
            model: the encoder's name, "" where there is none.
        """
        self._model = model
        await self._read_counts(tx, {"", *clip.terms})
        span = (clip.published_at - WINDOW, clip.published_at + WINDOW)
        self._window = Window()
        known = [each for each in await outlines.between(tx, *span, STEMS_OF) if each != clip.clip_id]
        for start in range(0, len(known), _TOGETHER):
            for found in await self._read(tx, known[start : start + _TOGETHER], keep=False):
                self._look_at(found)
        near = self._near(None if clip.vector is None else clip.vector[np.newaxis])
        return await self.candidates(tx, [*self.alike(clip), *(near[0] if near else ())])

    async def candidates(self, tx: Tx, clip_ids: Iterable[int]) -> list[Candidate]:
        """Clips as they are compared, from memory as far as they are there."""
        wanted = list(dict.fromkeys(clip_ids))
        missing = [clip_id for clip_id in wanted if clip_id not in self._outlines]
        if missing:
            await self._read(tx, missing, keep=True)
        found = [clip_id for clip_id in wanted if clip_id in self._outlines]
        for clip_id in found:
            self._outlines.move_to_end(clip_id)
        return [self._outlines[clip_id] for clip_id in found]

    async def _read(self, tx: Tx, clip_ids: Sequence[int], *, keep: bool) -> list[Candidate]:
        found = await outlines.outlines(tx, clip_ids)
        stored = await vectors.of_clips(tx, self._model, clip_ids) if self._model else {}
        await self._read_counts(tx, {stem for outline in found for stem in outline.terms})
        read = []
        for outline in found:
            vector = unpack(stored[outline.clip_id]) if outline.clip_id in stored else None
            read.append(candidate(outline, outline.story_id, vector))
        if keep:
            for each in read:
                self.keep(each)
        return read

    async def members(self, tx: Tx, story: int) -> list[int]:
        """The newest clips of a stored story, oldest first."""
        if story not in self._members:
            self._members[story] = (await outlines.of_story(tx, story, MAX_MEMBERS))[::-1]
        self._members.move_to_end(story)
        return self._members[story]

    def keep_members(self, story_of: Mapping[int, int], left: Iterable[int]) -> None:
        """Remember which clips are in which stories now: those that were moved, and the stories that they left."""
        for story in left:
            if story in self._members:
                self._members[story] = [clip_id for clip_id in self._members[story] if clip_id not in story_of]
        for clip_id, story in story_of.items():
            if story in self._members:
                self._members[story] = [*self._members[story], clip_id][-MAX_MEMBERS:]

    def keep(self, clip: Candidate, *, is_new: bool = False) -> None:
        """Remember a clip as it is now."""
        self._outlines[clip.clip_id] = clip
        self._outlines.move_to_end(clip.clip_id)
        if is_new:
            self._look_at(clip)

    async def _read_counts(self, tx: Tx, stems: Iterable[str]) -> None:
        if len(self._counts) > KEPT_COUNTS:
            self._counts.clear()
        missing = [stem for stem in {"", *stems} if stem not in self._counts]
        if missing:
            self._counts.update(dict.fromkeys(missing, 0))
            self._counts.update(await intake.term_counts(tx, missing))


class _Work:
    """What one batch does to stories; numbers below zero stand for those that it begins."""

    def __init__(self, finder: StoryFinder, tx: Tx) -> None:
        self._finder = finder
        self._tx = tx
        # One for the batch: what rare words weigh changes too little within it to be counted anew.
        self._comparison = finder.comparison()
        self._begun: list[Candidate] = []
        self._placed: dict[int, int] = {}
        self._changed: set[int] = set()

    async def place(self, clip: Candidate, near: Sequence[int]) -> None:
        """Choose the story of one clip, and look again at what it joined."""
        others = await self._finder.candidates(self._tx, [*self._finder.alike(clip), *near])
        found = stories.neighbours(clip, others, self._comparison)
        while found and stories.JOIN_AT <= found[0][1] < stories.CERTAIN and not await self._belongs(clip, found[0][0]):
            found = found[1:]
        if found and found[0][1] >= stories.JOIN_AT:
            story = found[0][0]
            self._put(clip, story, is_new=True)
            if len(found) > 1 and found[1][1] >= stories.MERGE_AT:
                await self._merge(story, found[1][0])
            await self._split(story)
        else:
            self._begin(clip, is_new=True)

    async def _belongs(self, clip: Candidate, story: int) -> bool:
        """Whether a clip is like a grown story as a whole, and not only like those of its clips that are nearest.

        Without that a story grows into the next one link by link, and in the end all news of a language is one.
        """
        numbers = await self._numbers(story)
        if len(numbers) < stories.GROWN:
            return True
        some = await self._finder.candidates(self._tx, numbers[:: max(1, len(numbers) // stories.GROWN)])
        return stories.is_like_all(clip, some, self._comparison)

    def _begin(self, clip: Candidate, *, is_new: bool = False) -> None:
        self._begun.append(clip)
        self._put(clip, -len(self._begun), is_new=is_new)

    def _put(self, clip: Candidate, story: int, *, is_new: bool = False) -> None:
        if clip.story_id is not None:
            self._changed.add(clip.story_id)
        self._changed.add(story)
        self._placed[clip.clip_id] = story
        self._finder.keep(replace(clip, story_id=story), is_new=is_new)

    async def _members(self, story: int) -> list[Candidate]:
        """The clips of a story as they are by now, the newest of a large one."""
        return await self._finder.candidates(self._tx, await self._numbers(story))

    async def _numbers(self, story: int) -> list[int]:
        stored = await self._finder.members(self._tx, story) if story > 0 else []
        moved = [clip_id for clip_id, to in self._placed.items() if to == story]
        return [*(each for each in stored if self._placed.get(each, story) == story and each not in moved), *moved]

    async def _merge(self, story: int, other: int) -> None:
        """Two stories that a clip is near to become one, where their clips are near to each other as well."""
        ours, theirs = await self._members(story), await self._members(other)
        if len(ours) + len(theirs) > MAX_MEMBERS:
            return
        values = [stories.similarity(a, b, self._comparison) for a in ours for b in theirs]
        if not values or sum(values) / len(values) < stories.JOIN_AT:
            return
        for clip in theirs:
            self._put(clip, story)

    async def _split(self, story: int) -> None:
        """A story that has grown is cut where its halves have nothing to do with each other."""
        if len(await self._numbers(story)) not in stories.SPLIT_SIZES:
            return
        members = await self._members(story)
        cut = stories.halves(members, self._comparison)
        if cut is not None:
            smaller = min(cut, key=len)
            self._begin(smaller[0])
            for clip in smaller[1:]:
                self._put(clip, -len(self._begun))

    async def write(self) -> None:
        """Write down where all clips belong."""
        await self._leave_forgotten()
        numbers = await intake.add_stories(self._tx, [_first(clip) for clip in self._begun])
        final = {clip: numbers[-story - 1] if story < 0 else story for clip, story in self._placed.items()}
        for clip in await self._finder.candidates(self._tx, final):
            self._finder.keep(replace(clip, story_id=final[clip.clip_id]))
        await intake.assign_stories(self._tx, final)
        self._finder.keep_members(final, self._changed)
        counted = list(final.values())
        # A story that begins with one clip is counted right already.
        grown = {numbers[-s - 1] if s < 0 else s for s in self._changed}
        alone = {story for story in numbers if counted.count(story) == 1}
        await intake.recount_stories(self._tx, grown - alone)
        await intake.drop_untold(self._tx, [story for story in grown if story not in counted])

    async def _leave_forgotten(self) -> None:
        """Stories that were forgotten with their clips, which memory still has, begin anew with what joined them."""
        joined = {story for story in self._placed.values() if story > 0}
        gone = joined - await intake.known_stories(self._tx, joined) if joined else set()
        for story in sorted(gone):
            clips = [clip_id for clip_id, to in self._placed.items() if to == story]
            for number, clip in enumerate(await self._finder.candidates(self._tx, clips)):
                if number:
                    self._put(clip, -len(self._begun))
                else:
                    self._begin(clip)
        self._finder.is_outdated = bool(gone)


def candidate(clip: Clip | outlines.Outline, story_id: int | None, vector: Vectors | None = None) -> Candidate:
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
        vector=vector,
    )


def _first(clip: Candidate) -> Story:
    """The story that a clip begins."""
    at = clip.published_at
    return Story(
        title=clip.title, language=clip.language, clip_count=1, source_count=1, first_at=at, last_at=at, moved_at=at
    )

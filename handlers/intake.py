"""From raw items to stored clips: what is new, what changed, what is known, what a source keeps repeating.

Reading, analysing and writing are three steps, so that no transaction is open while texts are analysed. The uniqueness
of the identity keys decides at the end what is new; doing the same work twice adds nothing.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from handlers.news import identity, topic_meaning
from handlers.news.analyse import analyse
from handlers.news.iptc import iptc_topics
from handlers.news.items import Analysis, RawItem, RawReference, Refusal, TopicDefinition
from handlers.news.vectors import pack, text_of, unpack
from handlers.ports import Desk, Encoder, Offload, Vectors
from handlers.prepared import Item, apart, changed_values, computed, parts_of, prepare, row
from handlers.repeats import all_repeats
from handlers.retention import SEEN_AGAIN_AFTER
from handlers.stories import StoryFinder
from storage import clips, intake, retention, vectors
from storage.database import Database, Tx
from storage.states import TopicKind
from storage.tables import Clip, Source, Topic

BATCH = 50


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What became of some items.

    Attributes:
        clip_ids: the clip of each item that was new, changed or known, in the order of the items.
    """

    new: int = 0
    updated: int = 0
    known: int = 0
    refused: tuple[Refusal, ...] = ()
    clip_ids: tuple[int, ...] = ()

    def __add__(self, other: "IntakeReport") -> "IntakeReport":
        return IntakeReport(
            self.new + other.new,
            self.updated + other.updated,
            self.known + other.known,
            self.refused + other.refused,
            self.clip_ids + other.clip_ids,
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """What storage knows of a batch before it is analysed.

    Attributes:
        notices: source → fingerprints of what it is known to repeat.
        seen: source → fingerprint of a paragraph → the first clip that has it.
    """

    topics: tuple[TopicDefinition, ...]
    clip_of: Mapping[str, int]
    hashes: Mapping[int, str]
    notices: Mapping[int, set[str]]
    seen: Mapping[int, Mapping[str, int]]


@dataclass(slots=True)
class _Plan:
    """Items sorted by what is to be done with them.

    Attributes:
        known: id() of an item → the clip that it is.
    """

    new: list[Item] = field(default_factory=list)
    changed: list[tuple[int, Item]] = field(default_factory=list)
    known: dict[int, int] = field(default_factory=dict)


class Intake:
    """Takes in items of one source or of many."""

    def __init__(self, db: Database, desk: Desk, offload: Offload, encoder: Encoder | None = None) -> None:
        self._db = db
        self._encoder = encoder
        self._meanings: topic_meaning.Meanings | None = None
        self._languages = tuple(desk.news_languages)
        self._offload = offload
        self._stories = StoryFinder()

    async def take_in(self, items: Sequence[RawItem], *, source: Source, now: datetime) -> IntakeReport:
        """Keep items of a source in portions of fifty, each in one transaction.

        Raises:
            StorageError: the database refused; the portions before are kept.
        """
        return (await self.take_in_all([(source, items)], now=now))[0]

    async def take_in_all(
        self, by_source: Sequence[tuple[Source, Sequence[RawItem]]], *, now: datetime
    ) -> list[IntakeReport]:
        """Keep items of several sources as if they were one document: few transactions for many feeds.

        Returns:
            What became of the items of each.

        Raises:
            StorageError: the database refused; the portions before are kept.
        """
        reports = [IntakeReport() for _ in by_source]
        prepared = [
            (place, item)
            for place, (source, items) in enumerate(by_source)
            for item in apart([prepare(raw, source) for raw in items])
        ]
        for start in range(0, len(prepared), BATCH):
            part = prepared[start : start + BATCH]
            for (place, _), became in zip(part, await self._take_batch([item for _, item in part], now), strict=True):
                reports[place] += became
        return reports

    async def not_forgotten(self, items: Sequence[RawItem], *, source: Source, now: datetime) -> list[RawItem]:
        """The items of a feed without those that were taken in once and are forgotten by now.

        Raises:
            StorageError: the database refused.
        """
        keys_of = [identity.keys(raw, source_key=source.slug) for raw in items]
        async with self._db.read() as tx:
            buried = await retention.buried(tx, {key for keys in keys_of for key in keys})
        still_shown = [key for key, seen_at in buried.items() if seen_at < now - SEEN_AGAIN_AFTER]
        if still_shown:
            async with self._db.write() as tx:
                await retention.see_again(tx, still_shown, now)
        return [raw for raw, keys in zip(items, keys_of, strict=True) if buried.keys().isdisjoint(keys)]

    async def are_news(self, items: Sequence[RawItem], *, source: Source) -> list[bool]:
        """For each item whether it is not known yet, or not as it is now.

        Raises:
            StorageError: the database refused.
        """
        prepared = apart([prepare(raw, source) for raw in items])
        async with self._db.read() as tx:
            clip_of = await clips.by_keys(tx, {key for item in prepared for key in item.keys})
            hashes = await intake.content_hashes(tx, set(clip_of.values()))
        plan = _sort(prepared, clip_of, hashes)
        news = {id(item) for item in plan.new} | {id(item) for _, item in plan.changed}
        return [id(item) in news for item in prepared]

    async def _take_batch(self, items: Sequence[Item], now: datetime) -> list[IntakeReport]:
        """Keep one portion; what became of each item, in their order."""
        async with self._db.read() as tx:
            known = await _read_known(tx, items)
        plan = _sort(items, known.clip_of, known.hashes)
        repeated = all_repeats(items, known.clip_of, known.notices, known.seen)
        work = [*plan.new, *(item for _, item in plan.changed)]
        encoded = await self._encode(work)
        near = [{}] * len(work) if encoded is None else [self._nearness(row) for row in encoded]
        analysed = await self._offload(self._analysing(work, near, repeated, known.topics)) if work else []
        async with self._writing() as tx:
            new_ids = await self._write_new(tx, plan.new, analysed[: len(plan.new)], now, encoded)
            for (clip_id, item), analysis in zip(plan.changed, analysed[len(plan.new) :], strict=True):
                values, parts = row(item, analysis, now)
                await intake.revise(tx, clip_id, changed_values(values), parts, now)
            await self._keep_vectors(tx, [*new_ids, *(clip_id for clip_id, _ in plan.changed)], encoded)
            await self._relearn_all(tx, known, repeated)
        return _became(items, plan, new_ids)

    def _analysing(
        self,
        work: Sequence[Item],
        near: Sequence[Mapping[str, float]],
        repeated: Mapping[int, set[str]],
        topics: Sequence[TopicDefinition],
    ) -> Callable[[], list[Analysis]]:
        """The work of analysing items, for a thread."""

        def analyse_all() -> list[Analysis]:
            return [
                analyse(
                    item.raw,
                    allowed=self._languages,
                    stated=item.raw.language or item.source.language,
                    repeated=repeated[item.source.id or 0],
                    topics=topics,
                    meaning=meaning,
                )
                for item, meaning in zip(work, near, strict=True)
            ]

        return analyse_all

    async def _relearn_all(self, tx: Tx, known: _Known, repeated: Mapping[int, set[str]]) -> None:
        """Take what turned out to be a notice out of the clips that had it first."""
        for source_id, prints in repeated.items():
            seen = known.seen[source_id]
            relearned = {seen[print_] for print_ in prints - known.notices[source_id] if print_ in seen}
            for clip_id in sorted(relearned):
                await self._relearn(tx, clip_id, prints, known.topics)

    async def _encode(self, work: Sequence[Item]) -> Vectors | None:
        """What the encoder makes of the items, outside of any transaction; None without one."""
        if self._encoder is None or not work or not await self.knows_meanings():
            return None
        raws = [item.raw for item in work]
        return await self._encoder.encode([text_of(raw.title, raw.paragraphs or (raw.teaser,)) for raw in raws])

    async def knows_meanings(self) -> bool:
        """Whether topics can be told by meaning; asks the encoder once, so not to be called in a transaction."""
        if self._encoder is not None and self._meanings is None:
            self._meanings = topic_meaning.Meanings.shipped(self._encoder.name)
        if self._encoder is not None and self._meanings is None:
            prototypes = await self._encoder.encode(topic_meaning.texts())
            self._meanings = topic_meaning.Meanings.of(prototypes) if prototypes is not None else None
        return self._meanings is not None

    def _nearness(self, vector: Vectors) -> dict[str, float]:
        return self._meanings.nearness(vector) if self._meanings is not None else {}

    async def nearness_of(self, tx: Tx, clip_id: int) -> dict[str, float]:
        """Topic → how near a clip that is kept already is to it in meaning; empty without an encoder."""
        model = self._encoder.name if self._encoder is not None else ""
        stored = await vectors.of_clips(tx, model, [clip_id])
        return self._nearness(unpack(stored[clip_id])) if stored else {}

    async def again(self, tx: Tx, clip: Clip) -> Analysis:
        """What would be computed now of what is kept of a clip; what its source filed it under is not kept."""
        source_id = clip.source_id
        repeated = (await intake.known_notices(tx, [source_id]))[source_id]
        return await self._again(tx, clip, repeated, await _known_topics(tx))

    async def _again(self, tx: Tx, clip: Clip, repeated: set[str], topics: Sequence[TopicDefinition]) -> Analysis:
        raw = RawItem(title=clip.title, paragraphs=tuple(clip.paragraphs), teaser=clip.teaser, url=clip.url)
        near = await self.nearness_of(tx, clip.id or 0)
        return analyse(
            raw, allowed=self._languages, stated=clip.language, repeated=repeated, topics=topics, meaning=near
        )

    async def _keep_vectors(self, tx: Tx, clip_ids: Sequence[int | None], encoded: Vectors | None) -> None:
        if self._encoder is None or encoded is None:
            return
        packed = {each: pack(row) for each, row in zip(clip_ids, encoded, strict=True) if each is not None}
        await vectors.keep(tx, self._encoder.name, packed)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Tx]:
        try:
            async with self._db.write() as tx:
                yield tx
        except BaseException:
            # What the finder learnt in a transaction that was rolled back never happened.
            self._stories.forget()
            raise

    async def _write_new(
        self,
        tx: Tx,
        items: Sequence[Item],
        analysed: Sequence[Analysis],
        now: datetime,
        encoded: Vectors | None,
    ) -> list[int | None]:
        rows = [row(item, analysis, now) for item, analysis in zip(items, analysed, strict=True)]
        ids = await intake.add(tx, rows)
        places = [place for place, clip_id in enumerate(ids) if clip_id is not None]
        added = [rows[place] for place in places]
        counts: Counter[str] = Counter()
        for _, parts in added:
            counts.update({*parts.search[0].split(), *parts.search[1].split(), ""})
        await intake.count_terms(tx, counts)
        fresh = None if encoded is None else encoded[places]
        model = self._encoder.name if self._encoder is not None else ""
        await self._stories.place(tx, [clip for clip, _ in added], counts, encoded=fresh, model=model)
        await intake.resolve_references(tx, [clip.id or 0 for clip, _ in added])
        return ids

    async def _relearn(self, tx: Tx, clip_id: int, repeated: set[str], topics: Sequence[TopicDefinition]) -> None:
        """Analyse a stored clip again, now that one of its paragraphs turned out to be a notice."""
        clip = await clips.get(tx, clip_id)
        if clip is None:
            return
        analysis = await self._again(tx, clip, repeated, topics)
        kept = await clips.notices(tx, clip_id)
        old = await clips.references(tx, clip_id)
        references = tuple(RawReference(each.title, each.url) for each in old)
        analysis = replace(
            analysis, notices=tuple(kept) + analysis.notices, references=references + analysis.references
        )
        values = computed(analysis)
        await intake.recompute(tx, clip_id, values, parts_of((), analysis))
        await intake.resolve_references(tx, [clip_id])


async def _read_known(tx: Tx, items: Sequence[Item]) -> _Known:
    source_ids = sorted({item.source.id or 0 for item in items})
    clip_of = await clips.by_keys(tx, {key for item in items for key in item.keys})
    return _Known(
        topics=await _known_topics(tx),
        clip_of=clip_of,
        hashes=await intake.content_hashes(tx, set(clip_of.values())),
        notices=await intake.known_notices(tx, source_ids),
        seen=await intake.seen_paragraphs(tx, source_ids, {p for item in items for p in item.paragraphs}),
    )


async def _known_topics(tx: Tx) -> tuple[TopicDefinition, ...]:
    own = (_definition(topic) for topic in await clips.topics(tx) if topic.kind == TopicKind.CUSTOM)
    return (*iptc_topics(), *own)


def _definition(topic: Topic) -> TopicDefinition:
    terms = {language: tuple(words) for language, words in topic.terms.items()}
    return TopicDefinition(topic.id, topic.labels, terms, tuple(topic.unless))


def _sort(items: Iterable[Item], clip_of: Mapping[str, int], hashes: Mapping[int, str]) -> _Plan:
    plan = _Plan()
    taken: set[str] = set()
    for item in items:
        clip_id = next((clip_of[key] for key in item.keys if key in clip_of), None)
        if clip_id is None:
            if taken.isdisjoint(item.keys):
                plan.new.append(item)
            taken.update(item.keys)
        elif hashes.get(clip_id) == item.content_hash or clip_id in (known for known, _ in plan.changed):
            plan.known[id(item)] = clip_id
        else:
            plan.changed.append((clip_id, item))
    return plan


def _became(items: Sequence[Item], plan: _Plan, new_ids: Sequence[int | None]) -> list[IntakeReport]:
    """What became of each item; one that another one of the batch tells already is known with it."""
    numbers = {id(item): clip_id for item, clip_id in zip(plan.new, new_ids, strict=True)}
    changed = {id(item): clip_id for clip_id, item in plan.changed}
    reports = []
    for item in items:
        if id(item) in changed:
            reports.append(IntakeReport(updated=1, clip_ids=(changed[id(item)],)))
        elif id(item) in numbers:
            clip_id = numbers[id(item)]
            reports.append(IntakeReport(known=1) if clip_id is None else IntakeReport(new=1, clip_ids=(clip_id,)))
        else:
            known = plan.known.get(id(item))
            reports.append(IntakeReport(known=1, clip_ids=(known,) if known is not None else ()))
    return reports

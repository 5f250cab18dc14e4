"""From raw items to stored clips: what is new, what changed, what is known, what a source keeps repeating.

Reading, analysing and writing are three steps, so that no transaction is open while texts are analysed. The uniqueness
of the identity keys decides at the end what is new; doing the same work twice adds nothing.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from handlers.news import identity, notices
from handlers.news.analyse import analyse
from handlers.news.iptc import iptc_topics
from handlers.news.items import Analysis, RawItem, RawReference, Refusal, TopicDefinition
from handlers.news.terms import fold
from handlers.news.vectors import pack, text_of
from handlers.ports import Desk, Encoder, Offload, Vectors
from handlers.retention import SEEN_AGAIN_AFTER
from handlers.stories import StoryFinder
from storage import clips, intake, retention, vectors
from storage.database import Database, Tx
from storage.intake import ClipParts
from storage.states import TopicKind
from storage.tables import Clip, Reference, Source, Topic

BATCH = 50
MAX_TEASER_CHARS = 1000
MAX_FUTURE = timedelta(minutes=10)


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
class _Item:
    raw: RawItem
    keys: tuple[str, ...]
    content_hash: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What storage knows of a batch before it is analysed."""

    topics: tuple[TopicDefinition, ...]
    clip_of: Mapping[str, int]
    hashes: Mapping[int, str]
    notices: set[str]
    seen: Mapping[str, int]


@dataclass(slots=True)
class _Plan:
    """Items sorted by what is to be done with them."""

    new: list[_Item] = field(default_factory=list)
    changed: list[tuple[int, _Item]] = field(default_factory=list)
    known: list[int] = field(default_factory=list)


class Intake:
    """Takes in items of one source at a time."""

    def __init__(self, db: Database, desk: Desk, offload: Offload, encoder: Encoder | None = None) -> None:
        self._db = db
        self._encoder = encoder
        self._languages = tuple(desk.news_languages)
        self._offload = offload
        self._stories = StoryFinder()

    async def take_in(self, items: Sequence[RawItem], *, source: Source, now: datetime) -> IntakeReport:
        """Keep items of a source in portions of fifty, each in one transaction.

        Raises:
            StorageError: the database refused; the portions before are kept.
        """
        report = IntakeReport()
        prepared = _apart([_prepare(raw, source) for raw in items])
        for start in range(0, len(prepared), BATCH):
            report += await self._take_batch(prepared[start : start + BATCH], source, now)
        return report

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
        prepared = _apart([_prepare(raw, source) for raw in items])
        async with self._db.read() as tx:
            known = await _read_known(tx, prepared, source)
        plan = _sort(prepared, known)
        news = {id(item) for item in plan.new} | {id(item) for _, item in plan.changed}
        return [id(item) in news for item in prepared]

    async def _take_batch(self, items: Sequence[_Item], source: Source, now: datetime) -> IntakeReport:
        async with self._db.read() as tx:
            known = await _read_known(tx, items, source)
        plan = _sort(items, known)
        repeated = known.notices | _repeats(items, known)
        work = [*plan.new, *(item for _, item in plan.changed)]
        stated = source.language

        def analyse_all() -> list[Analysis]:
            return [
                analyse(
                    item.raw,
                    allowed=self._languages,
                    stated=item.raw.language or stated,
                    repeated=repeated,
                    topics=known.topics,
                )
                for item in work
            ]

        analysed = await self._offload(analyse_all) if work else []
        encoded = await self._encode(work, analysed)
        relearned = {known.seen[print_] for print_ in repeated - known.notices if print_ in known.seen}
        async with self._writing() as tx:
            new = analysed[: len(plan.new)]
            new_ids = await self._write_new(tx, plan.new, new, source, now, encoded)
            for (clip_id, item), analysis in zip(plan.changed, analysed[len(plan.new) :], strict=True):
                values, parts = _row(item, analysis, source, now)
                await intake.revise(tx, clip_id, _changed_values(values), parts, now)
            await self._keep_vectors(tx, [*new_ids, *(clip_id for clip_id, _ in plan.changed)], encoded)
            for clip_id in sorted(relearned):
                await self._relearn(tx, clip_id, repeated, known.topics)
        fresh = [clip_id for clip_id in new_ids if clip_id is not None]
        return IntakeReport(
            new=len(fresh),
            updated=len(plan.changed),
            known=len(plan.known) + len(new_ids) - len(fresh),
            clip_ids=tuple(fresh + [clip_id for clip_id, _ in plan.changed] + plan.known),
        )

    async def _encode(self, work: Sequence[_Item], analysed: Sequence[Analysis]) -> Vectors | None:
        """What the encoder makes of the items, outside of any transaction; None without one."""
        if self._encoder is None or not work:
            return None
        texts = [
            text_of(item.raw.title, analysis.paragraphs or (item.raw.teaser,))
            for item, analysis in zip(work, analysed, strict=True)
        ]
        return await self._encoder.encode(texts)

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
        items: Sequence[_Item],
        analysed: Sequence[Analysis],
        source: Source,
        now: datetime,
        encoded: Vectors | None,
    ) -> list[int | None]:
        rows = [_row(item, analysis, source, now) for item, analysis in zip(items, analysed, strict=True)]
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
        raw = RawItem(title=clip.title, paragraphs=tuple(clip.paragraphs), teaser=clip.teaser, url=clip.url)
        analysis = analyse(raw, allowed=self._languages, stated=clip.language, repeated=repeated, topics=topics)
        kept = await clips.notices(tx, clip_id)
        old = await clips.references(tx, clip_id)
        references = tuple(RawReference(row.title, row.url) for row in old)
        analysis = replace(
            analysis, notices=tuple(kept) + analysis.notices, references=references + analysis.references
        )
        values = _computed(analysis)
        await intake.recompute(tx, clip_id, values, _parts((), analysis))
        await intake.resolve_references(tx, [clip_id])


def _prepare(raw: RawItem, source: Source) -> _Item:
    keys, content_hash = identity.keys(raw, source_key=source.slug), identity.content_hash(raw)
    if raw.full_text:
        teaser = raw.teaser or " ".join(raw.paragraphs)[:MAX_TEASER_CHARS]
        raw = replace(raw, paragraphs=raw.full_text, teaser=teaser, full_text=())
    prints = tuple(notices.fingerprint(text) for text in raw.paragraphs if notices.may_repeat(text))
    return _Item(raw, keys, content_hash, prints)


def _apart(items: list[_Item]) -> list[_Item]:
    """Items of one document that share an address but have ids of their own are a live blog: there ids count."""
    ids_at: dict[str, set[str]] = {}
    for item in items:
        for key in item.keys:
            if key.startswith("url:"):
                ids_at.setdefault(key, set()).add(item.keys[0])
    shared = {key for key, ids in ids_at.items() if len(ids) > 1}
    if not shared:
        return items
    return [
        replace(item, keys=tuple(key for key in item.keys if key not in shared)) if item.raw.external_id else item
        for item in items
    ]


async def _read_known(tx: Tx, items: Sequence[_Item], source: Source) -> _Known:
    source_id = source.id or 0
    clip_of = await clips.by_keys(tx, {key for item in items for key in item.keys})
    return _Known(
        topics=(
            *iptc_topics(),
            *(_definition(topic) for topic in await clips.topics(tx) if topic.kind == TopicKind.CUSTOM),
        ),
        clip_of=clip_of,
        hashes=await intake.content_hashes(tx, set(clip_of.values())),
        notices=await intake.known_notices(tx, source_id),
        seen=await intake.seen_paragraphs(tx, source_id, {p for item in items for p in item.paragraphs}),
    )


def _definition(topic: Topic) -> TopicDefinition:
    terms = {language: tuple(words) for language, words in topic.terms.items()}
    return TopicDefinition(topic.id, topic.labels, terms, tuple(topic.unless))


def _sort(items: Iterable[_Item], known: _Known) -> _Plan:
    plan = _Plan()
    taken: set[str] = set()
    for item in items:
        clip_id = next((known.clip_of[key] for key in item.keys if key in known.clip_of), None)
        if clip_id is None:
            if taken.isdisjoint(item.keys):
                plan.new.append(item)
            taken.update(item.keys)
        elif known.hashes.get(clip_id) == item.content_hash or clip_id in (known_id for known_id, _ in plan.changed):
            plan.known.append(clip_id)
        else:
            plan.changed.append((clip_id, item))
    return plan


def _repeats(items: Sequence[_Item], known: _Known) -> set[str]:
    """Paragraphs that stand in several clips of the source, but not because one clip was published again.

    An item whose greater part stood in one and the same earlier clip is that clip under another name, which says
    nothing about notices.
    """
    counts: Counter[str] = Counter()
    for item in items:
        own = {known.clip_of[key] for key in item.keys if key in known.clip_of}
        earlier = Counter(known.seen[p] for p in set(item.paragraphs) if p in known.seen and known.seen[p] not in own)
        republished = {clip for clip, shared in earlier.items() if shared > 1 and shared * 2 > len(item.paragraphs)}
        for paragraph in set(item.paragraphs):
            first = known.seen.get(paragraph)
            counts[paragraph] += 1
            if first is not None and first not in own and first not in republished:
                counts[paragraph] += 1
    repeated = {paragraph for paragraph, number in counts.items() if number > 1}
    return repeated - _within_twins(items)


def _within_twins(items: Sequence[_Item]) -> set[str]:
    """Paragraphs that several items of one batch share because the items are the same text."""
    first_with: dict[str, _Item] = {}
    shared: set[str] = set()
    for item in items:
        same = [p for p in item.paragraphs if p in first_with and first_with[p].keys != item.keys]
        if len(same) > 1 and len(same) * 2 > len(item.paragraphs):
            shared.update(same)
        for paragraph in item.paragraphs:
            first_with.setdefault(paragraph, item)
    return shared


def title_key(title: str) -> str:
    """What stays of a title when case, accents and punctuation go; finds the clip that a reference names."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(title)).split())[:200]


def _row(item: _Item, analysis: Analysis, source: Source, now: datetime) -> tuple[Clip, ClipParts]:
    raw = item.raw
    published = raw.published_at or now
    image = next((medium.url for medium in raw.media if medium.kind == "image"), "")
    video = next((medium for medium in raw.media if medium.kind == "video"), None)
    clip = Clip(
        source_id=source.id or 0,
        external_id=raw.external_id,
        url=raw.url,
        title=raw.title,
        title_key=title_key(raw.title),
        teaser=raw.teaser,
        author=raw.author,
        published_at=now if published > now + MAX_FUTURE else published,
        added_at=now,
        updated_at=now,
        content_hash=item.content_hash,
        image_url=image,
        video_url=video.url if video else "",
        video_s=video.duration_s if video else None,
        **_computed(analysis),
    )
    return clip, replace(_parts(item.keys, analysis), paragraphs=item.paragraphs)


def _computed(analysis: Analysis) -> dict[str, Any]:
    return {
        "paragraphs": list(analysis.paragraphs),
        "language": analysis.language,
        "summary_line": analysis.summary.line,
        "summary_short": analysis.summary.short,
        "summary_long": analysis.summary.long,
        "keywords": list(analysis.keywords),
        "terms": dict(analysis.terms),
        "signature": analysis.signature,
    }


def _parts(keys: tuple[str, ...], analysis: Analysis) -> ClipParts:
    return ClipParts(
        keys=keys,
        topics=tuple((topic.topic_id, topic.score) for topic in analysis.topics),
        references=tuple(_reference(reference) for reference in analysis.references),
        notices=tuple((notices.fingerprint(text), text) for text in analysis.notices),
        paragraphs=(),
        search=(analysis.search.title, analysis.search.body),
    )


def _reference(raw: RawReference) -> Reference:
    address = identity.canonical_url(raw.url) if raw.url else ""
    key = identity.keys(RawItem(title="", url=address), source_key="")[0] if address else ""
    return Reference(clip_id=0, position=0, title=raw.title, url=raw.url, url_key=key, title_key=title_key(raw.title))


def _changed_values(clip: Clip) -> dict[str, object]:
    """The columns of a revised clip; when it was published and first seen stays as it was."""
    return clip.model_dump(
        exclude={"id", "story_id", "source_id", "published_at", "added_at", "updated_at", "revision"}
    )

"""Search as chat and inline mode share it: operators resolved, compounds opened, typos forgiven."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from types import MappingProxyType

from rapidfuzz.distance import OSA

from handlers.context import Services
from handlers.errors import Declined
from handlers.lookup import find_wish
from handlers.nearby import Nearby
from handlers.news import compounds, pieces, query
from handlers.news.query import Wanted
from handlers.news.terms import content_stems, query_stems, stem
from handlers.news.vectors import unpack
from handlers.ports import Desk, Vectors
from handlers.reply import Code, Listing, _
from storage import clips, intake, search, vectors
from storage.clips import ClipFilter
from storage.database import Tx
from storage.search import Hit, SearchQuery
from storage.states import SubscriptionKind

SHORTEST_PART = 4
TYPO_LENGTH = 4
SHORT_WORD = 5
TOO_FAR = 99
MAX_NEAREST = 5
# More clips than these are not ranked for a question; in an archive of a million that takes some 50 ms.
MOST_LOOSE = 5_000
# So many words are a question rather than terms.
QUESTION_WORDS = 5
# Of the hits of a question so many are looked at more closely.
RERANKED = 40
# What nearness in meaning weighs beside the words and their parts.
MEANING = 0.5
# What is so near answers although it shares no word; what has nothing to do with a question stays below 0.28.
MEANT = 0.35
# A word or two mean too much.
LEAST_MEANT = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        clip_ids: best first, at most the limit.
        has_more: there are further ones behind the limit.
        instead: for each word the stems that were looked for because the words typed led to nothing; empty otherwise.
        is_loose: no clip has all the words; these have some of them.
        groups: for each word that was looked for, the stems it may have; marks what answers the search.
    """

    clip_ids: tuple[int, ...]
    has_more: bool
    instead: tuple[tuple[str, ...], ...] = ()
    is_loose: bool = False
    groups: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What was asked for, by meaning.

    Attributes:
        vector: of length 1, by the encoder of the clips that `nearby` holds.
    """

    vector: Vectors
    nearby: Nearby


async def meaning_of(services: Services, typed: str) -> Meaning | None:
    """What a search means; None without an encoder, and where there is little to mean. Not for a transaction."""
    encoder, nearby = services.encoder, services.nearby
    words = [word for word in typed.split() if ":" not in word]
    if encoder is None or nearby is None or len(words) < LEAST_MEANT:
        return None
    encoded = await encoder.encode([" ".join(words)])
    return None if encoded is None else Meaning(encoded[0], nearby)


@dataclass(frozen=True, slots=True)
class Search:
    """One search of one reader.

    Attributes:
        meaning: of what is asked for, where it is known; without it words alone decide.
    """

    desk: Desk
    language: str
    now: datetime
    meaning: Meaning | None = None

    async def find(self, tx: Tx, wanted: Wanted, *, limit: int, offset: int = 0, may_loosen: bool = False) -> Found:
        """The clips that a search means; the newest ones that pass its operators where it has no words.

        Where nothing is found, words that no clip has are taken for typing errors. Every page of a search takes the
        same way, so that pages fit together.

        Args:
            may_loosen: where no clip has all the words, take those that have some; people ask whole questions.

        Raises:
            Declined: a topic, source or language of the operators does not exist.
        """
        where = await self._filter(tx, wanted)
        if wanted.is_empty:
            newest = await clips.latest(tx, where, limit + 1, offset)
            return Found(tuple(newest[:limit]), len(newest) > limit)
        is_question = may_loosen and len(wanted.words) >= QUESTION_WORDS and not wanted.phrases
        if is_question and await search.is_met(tx, await self._asked(tx, wanted, where)):
            # That a clip happens to have every little word of a question says little about its answer.
            return replace(await self._loose(tx, wanted, where, limit, offset), is_loose=False)
        found = None if is_question else await self._page(tx, wanted, where, limit, offset)
        if found is not None:
            return found
        opened = await self._opened(tx, wanted)
        if opened.words != wanted.words and (second := await self._page(tx, opened, where, limit, offset)):
            return replace(second, instead=tuple((stem(word, self.language),) for word in opened.words))
        meant = await self._meant(tx, wanted)
        corrected = replace(wanted, words=tuple(stems[0] for stems in meant), is_open=False)
        if corrected.words != wanted.words:
            also = {stems[0]: stems[1:] for stems in meant}
            if second := await self._page(tx, corrected, where, limit, offset, also):
                return replace(second, instead=meant)
        return await self._loose(tx, corrected, where, limit, offset) if may_loosen else Found((), has_more=False)

    async def _page(
        self,
        tx: Tx,
        wanted: Wanted,
        where: ClipFilter,
        limit: int,
        offset: int,
        also: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> Found | None:
        """A page of what has all the words; None where no clip has, so that every page takes the same way."""
        found = await self._search(tx, wanted, where, limit, offset, also)
        is_there = found.clip_ids or (offset and (await self._search(tx, wanted, where, 1, 0, also)).clip_ids)
        return found if is_there else None

    async def _opened(self, tx: Tx, wanted: Wanted) -> Wanted:
        """The search with each compound that nobody has written opened into its parts."""
        words: list[str] = []
        for word in wanted.words:
            is_long = len(word) >= 2 * compounds.SHORTEST
            parts = None if not is_long or await self._is_known(tx, word) else await self._parts(tx, word)
            words += parts or (word,)
        return replace(wanted, words=tuple(words), is_open=wanted.is_open and len(words) == len(wanted.words))

    async def _parts(self, tx: Tx, word: str) -> tuple[str, str] | None:
        cuts = {part for cut in compounds.openings(word) for part in cut}
        # Whoever reads in another language may look for a German word, and German has the compounds.
        for language in dict.fromkeys((self.language, "de")):
            counts = await intake.term_counts(tx, {stem(part, language) for part in cuts})
            if parts := compounds.opened(word, partial(stem, language=language), counts):
                return parts
        return None

    async def _search(
        self,
        tx: Tx,
        wanted: Wanted,
        where: ClipFilter,
        limit: int,
        offset: int,
        also: Mapping[str, Sequence[str]],
    ) -> Found:
        asked = await self._asked(tx, wanted, where, also)
        hits = await search.find(tx, asked, now=self.now, limit=limit + 1, offset=offset)
        return _found(hits, limit, asked)

    async def _asked(
        self, tx: Tx, wanted: Wanted, where: ClipFilter, also: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> SearchQuery:
        longer = {word: list(also.get(word, ())) for word in wanted.words}
        for word in wanted.words:
            if len(word) >= SHORTEST_PART:
                longer[word] += await search.containing(tx, word)
        for word in wanted.words:
            for form in sorted(query_stems(word, self.desk.news_languages)):
                if form != word and len(form) >= SHORTEST_PART:
                    longer[word] += await search.containing(tx, form)
        asked = query.to_query(
            wanted, languages=self.desk.news_languages, reader_language=self.language, longer=longer, where=where
        )
        if len(asked.prefix) == 1:
            # A letter begins too many words to look all of them up while somebody types on.
            begun = tuple(dict.fromkeys((*asked.prefix_or, *await search.beginning(tx, asked.prefix))))
            asked = replace(asked, prefix="", groups=(*asked.groups, begun))
        return asked

    async def _loose(self, tx: Tx, wanted: Wanted, where: ClipFilter, limit: int, offset: int) -> Found:
        """Clips with any of the words, in their own forms only: parts of compounds would drown what is meant."""
        if len(wanted.words) + len(wanted.phrases) < 2:
            return Found((), has_more=False)
        languages = self.desk.news_languages
        telling = tuple(word for word in wanted.words if all(content_stems(word, each) for each in languages))
        asked = query.to_query(
            replace(wanted, words=telling or wanted.words),
            languages=languages,
            reader_language=self.language,
            longer={},
            where=where,
        )
        rare = await self._rare(tx, asked)
        hits = await self._best_any(tx, rare, wanted) if offset < RERANKED else []
        hits = hits[offset : offset + limit + 1]
        if len(hits) <= limit:
            start = max(RERANKED, offset)
            hits += await search.find_any(tx, rare, limit=limit + 1 - len(hits), offset=start)
        return replace(_found(hits, limit, asked), is_loose=True)

    async def _best_any(self, tx: Tx, asked: SearchQuery, wanted: Wanted) -> list[Hit]:
        """The first hits of a question, ranked by parts of its words and by its meaning too.

        Where few clips have any of the words, those that mean the same in other words, or in another language, follow.
        """
        hits = [hit.clip_id for hit in await search.find_any(tx, asked, limit=RERANKED)]
        if self.meaning is not None and len(hits) < RERANKED and not (wanted.phrases or wanted.excluded):
            found = await self.meaning.nearby.to(tx, self.meaning.vector, RERANKED)
            meant = [clip_id for clip_id, near in found.items() if near >= MEANT and clip_id not in hits]
            hits += (await clips.passing(tx, meant, asked.where))[: RERANKED - len(hits)]
        texts = await search.texts(tx, hits)
        question = [stem(word, self.language) for word in wanted.words]
        counts = await intake.term_counts(tx, {"", *question})
        worth = pieces.worth(question, texts, counts)
        near = await self._near(tx, texts)
        scored = [Hit(clip_id, value + MEANING * near.get(clip_id, 0.0)) for clip_id, value in worth.items()]
        return sorted(scored, key=lambda hit: (-hit.score, -hit.clip_id))

    async def _near(self, tx: Tx, clip_ids: Collection[int]) -> dict[int, float]:
        """How near some clips are in meaning to what is asked for, as far as that is known."""
        if self.meaning is None:
            return {}
        stored = await vectors.of_clips(tx, self.meaning.nearby.model, list(clip_ids))
        return {clip_id: float(unpack(each) @ self.meaning.vector) for clip_id, each in stored.items()}

    async def _rare(self, tx: Tx, asked: SearchQuery) -> SearchQuery:
        """The search with its rare words only, as far as few enough clips have them: common ones say little."""
        groups = [group for group in (*asked.groups, asked.prefix_or) if group]
        counts = await intake.term_counts(tx, {stem for group in groups for stem in group})
        sizes = sorted((sum(counts.get(stem, 0) for stem in group), group) for group in groups)
        kept: list[tuple[str, ...]] = []
        room = MOST_LOOSE
        for size, group in sizes:
            if kept and size > room:
                break
            kept.append(group)
            room -= size
        return replace(asked, groups=tuple(kept), prefix="", prefix_or=())

    async def _meant(self, tx: Tx, wanted: Wanted) -> tuple[tuple[str, ...], ...]:
        """For each word what it may stand for: itself where the archive knows it, else what resembles it most."""
        return tuple(
            [(word,) if await self._is_known(tx, word) else await self._nearest(tx, word) for word in wanted.words]
        )

    async def _is_known(self, tx: Tx, word: str) -> bool:
        if len(word) < TYPO_LENGTH or not content_stems(word, self.language):
            return True
        forms = query_stems(word, self.desk.news_languages)
        return bool(await intake.term_counts(tx, forms)) or bool(await search.containing(tx, word, 1))

    async def _nearest(self, tx: Tx, word: str) -> tuple[str, ...]:
        """The stems of the archive that are fewest slips away from a word, common ones first; the word if none is."""
        forms = query_stems(word, self.desk.news_languages)
        scored = [
            (min(_slips(form, term) for form in forms), -documents, term)
            for term, documents in await search.resembling(tx, word)
        ]
        fewest = min(scored, default=(TOO_FAR, 0, ""))[0]
        nearest = [term for slips, _count, term in sorted(scored) if slips == fewest < TOO_FAR]
        return tuple(nearest[:MAX_NEAREST]) or (word,)

    async def _filter(self, tx: Tx, wanted: Wanted) -> ClipFilter:
        topic_id, source_id = "", None
        if wanted.topic:
            wish = await find_wish(tx, wanted.topic.replace("_", " "))
            if wish.kind is not SubscriptionKind.TOPIC:
                raise Declined(_("I know no topic called “{name}”.", name=wanted.topic[:40]))
            topic_id = wish.value
        if wanted.source:
            wish = await find_wish(tx, wanted.source.replace("_", " "))
            if wish.kind is not SubscriptionKind.SOURCE:
                raise Declined(_("I know no source called “{name}”.", name=wanted.source[:40]))
            source_id = wish.source_id
        if wanted.language and wanted.language not in self.desk.news_languages:
            known = Listing(tuple(Code(code) for code in self.desk.news_languages))
            raise Declined(_("I know no language “{name}”; there are {known}.", name=wanted.language[:40], known=known))
        return ClipFilter(
            topic_id=topic_id,
            source_id=source_id,
            language=wanted.language,
            since=wanted.since,
            until=wanted.before or self.now,
        )


def _slips(typed: str, meant: str) -> int:
    """How many letters are missing, wrong, surplus or swapped; TOO_FAR where more than a slip explains."""
    allowed = 1 if min(len(typed), len(meant)) <= SHORT_WORD else 2
    slips = OSA.distance(typed, meant)
    return slips if slips <= allowed else TOO_FAR


def _found(hits: Sequence[Hit], limit: int, asked: SearchQuery) -> Found:
    groups = [*asked.groups, *(forms for phrase in asked.phrases for forms in zip(*phrase, strict=True))]
    if asked.prefix:
        groups.append((asked.prefix, *asked.prefix_or))
    return Found(
        tuple(hit.clip_id for hit in hits[:limit]),
        len(hits) > limit,
        groups=tuple(frozenset(group) for group in groups),
    )

"""Search as chat and inline mode share it: operators resolved, compounds opened, typos forgiven."""

from dataclasses import dataclass, replace
from datetime import datetime

from rapidfuzz import fuzz

from handlers.errors import Declined
from handlers.lookup import find_wish
from handlers.news import query
from handlers.news.query import Wanted
from handlers.news.terms import query_stems
from handlers.ports import Desk
from handlers.reply import _
from storage import clips, search
from storage.clips import ClipFilter
from storage.database import Tx
from storage.states import SubscriptionKind

SHORTEST_PART = 4
TYPO_SCORE = 74
TYPO_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        clip_ids: best first, at most the limit.
        has_more: there are further ones behind the limit.
        instead: the words that were looked for because those typed led to nothing; empty otherwise.
    """

    clip_ids: tuple[int, ...]
    has_more: bool
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """One search of one reader."""

    desk: Desk
    language: str
    now: datetime

    async def find(self, tx: Tx, wanted: Wanted, *, limit: int, offset: int = 0) -> Found:
        """The clips that a search means; the newest ones that pass its operators where it has no words.

        Raises:
            Declined: a topic, source or language of the operators does not exist.
        """
        where = await self._filter(tx, wanted)
        if wanted.is_empty:
            newest = await clips.latest(tx, where, limit + 1, offset)
            return Found(tuple(newest[:limit]), len(newest) > limit)
        found = await self._search(tx, wanted, where, limit, offset)
        if found.clip_ids or offset:
            return found
        corrected = await self._corrected(tx, wanted)
        if corrected.words == wanted.words:
            return found
        second = await self._search(tx, corrected, where, limit, offset)
        return replace(second, instead=corrected.words) if second.clip_ids else found

    async def _search(self, tx: Tx, wanted: Wanted, where: ClipFilter, limit: int, offset: int) -> Found:
        longer = {word: await search.containing(tx, word) for word in wanted.words if len(word) >= SHORTEST_PART}
        for word in wanted.words:
            for stem in sorted(query_stems(word, self.desk.news_languages)):
                if stem != word and len(stem) >= SHORTEST_PART:
                    longer[word] = [*longer.get(word, ()), *await search.containing(tx, stem)]
        asked = query.to_query(
            wanted, languages=self.desk.news_languages, reader_language=self.language, longer=longer, where=where
        )
        hits = await search.find(tx, asked, now=self.now, limit=limit + 1, offset=offset)
        return Found(tuple(hit.clip_id for hit in hits[:limit]), len(hits) > limit)

    async def _corrected(self, tx: Tx, wanted: Wanted) -> Wanted:
        """The same search with each unknown word replaced by the known one that it resembles most."""
        words = []
        for word in wanted.words:
            best = word
            if len(word) >= TYPO_LENGTH:
                near = await search.resembling(tx, word)
                scored = [(fuzz.ratio(word, term), documents, term) for term, documents in near]
                likely = [entry for entry in scored if entry[0] >= TYPO_SCORE]
                best = max(likely, default=(0.0, 0, word))[2]
            words.append(best)
        return replace(wanted, words=tuple(words), is_open=False)

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
            raise Declined(_("I know no language “{name}”; there are de, en, ru and fr.", name=wanted.language[:40]))
        return ClipFilter(
            topic_id=topic_id,
            source_id=source_id,
            language=wanted.language,
            since=wanted.since,
            until=wanted.before or self.now,
        )

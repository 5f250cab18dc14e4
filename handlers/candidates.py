"""What a chat may be told: its wishes, and the recent clips that meet them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from handlers.errors import HandlerError
from handlers.news import query
from handlers.news.choose import Tale
from handlers.news.terms import query_stems, stems
from handlers.options import LENGTH, NEWS, value_of
from handlers.ports import Desk
from handlers.searching import Search
from storage import clips, feeds
from storage.clips import ClipFilter, ClipView
from storage.database import Tx
from storage.states import MuteKind, SubscriptionKind
from storage.tables import Clip

CANDIDATES = 40
# Lists of tales that are kept, some twenty kilobytes each.
KEPT = 1_000
LATE = timedelta(hours=12)
EVERYTHING = "all:"
SHORTEST_PART = 5


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that a chat wants of a digest; with equal memories, equal wishes give equal editions.

    Attributes:
        subscriptions: (kind, value), in the order of the headings.
        mutes: (kind, value), sorted.
        window: how far back the digest looks.
        is_own_language: nothing in other languages is wanted.
    """

    subscriptions: tuple[tuple[str, str], ...]
    mutes: tuple[tuple[str, str], ...]
    language: str
    length: str
    window: timedelta
    is_own_language: bool = False

    @property
    def headings(self) -> list[str]:
        """What stands above the stories, as "topic:energie"; of everything where nothing is followed."""
        return [f"{kind}:{value}" for kind, value in dict.fromkeys(self.subscriptions)] or [EVERYTHING]


class Reader(Protocol):
    """What of a chat decides on its digests."""

    @property
    def language(self) -> str:
        """What it is written to in."""

    @property
    def options(self) -> Mapping[str, str]:
        """Its settings."""


Pair = tuple[str, str]


def wishes_of(chat: Reader, wanted: Sequence[Pair], muted: Sequence[Pair], days: Sequence[str]) -> Wishes:
    """The wishes behind a digest.

    Args:
        wanted: (kind, value) of the subscriptions in their order.
        muted: (kind, value) of the mutes.
        days: the weekdays of its slots, as "1111100".
    """
    return Wishes(
        subscriptions=tuple(wanted),
        mutes=tuple(sorted(muted)),
        language=chat.language,
        length=value_of(chat.options, LENGTH),
        window=timedelta(days=max(longest_gap(each) for each in days)) + LATE,
        is_own_language=value_of(chat.options, NEWS) == "mine",
    )


@lru_cache(maxsize=128)
def longest_gap(days: str) -> int:
    """The most days between two digests that follow each other: 1 for daily ones, 3 on weekdays, 7 for weekly ones."""
    chosen = [place for place, flag in enumerate(days * 2) if flag == "1"]
    return max((later - earlier for earlier, later in zip(chosen, chosen[1:], strict=False)), default=7)


class TaleFinder:
    """Finds what meets wishes, and keeps it for as long as one run takes: readers of one topic share the search."""

    def __init__(self, desk: Desk, now: datetime) -> None:
        self._desk = desk
        self._now = now
        self._under: dict[tuple[str, Wishes], list[Tale]] = {}

    async def tales(self, tx: Tx, wishes: Wishes) -> list[Tale]:
        """The clips that meet the wishes and none of the mutes, each under the heading that it fits best."""
        found: dict[int, Tale] = {}
        for heading in wishes.headings:
            for tale in await self._tales_under(tx, heading, replace(wishes, subscriptions=(), length="")):
                known = found.get(tale.clip_id)
                if known is None or tale.fit > known.fit:
                    found[tale.clip_id] = tale
        return list(found.values())

    async def _tales_under(self, tx: Tx, heading: str, wishes: Wishes) -> list[Tale]:
        key = (heading, wishes)
        if key not in self._under:
            if len(self._under) >= KEPT:
                self._under.clear()
            mutes = Mutes(wishes.mutes)
            views = await clips.views(tx, await _matching(tx, self._desk, heading, wishes, self._now))
            self._under[key] = [_tale(view, heading) for view in views if not mutes.hide(view)]
        return self._under[key]


async def _matching(tx: Tx, desk: Desk, heading: str, wishes: Wishes, now: datetime) -> Sequence[int]:
    """Numbers of the clips under a heading; none where its topic or source is no more."""
    kind, _, value = heading.partition(":")
    since = now - wishes.window
    try:
        if kind == SubscriptionKind.KEYWORD:
            wanted = query.read(value, now=now)
            if wanted.is_empty and not (wanted.topic or wanted.source or wanted.language):
                return ()
            language = wishes.language if wishes.is_own_language else wanted.language
            narrowed = replace(wanted, since=max(wanted.since or since, since), language=language)
            found = await Search(desk, wishes.language, now).find(tx, narrowed, limit=CANDIDATES)
            return () if found.instead else found.clip_ids
    except HandlerError:
        return ()
    where = ClipFilter(
        language=wishes.language if wishes.is_own_language else "",
        without_topics=frozenset(value for kind, value in wishes.mutes if kind == MuteKind.TOPIC),
        without_sources=await _muted_sources(tx, wishes),
        since=since,
        until=now,
    )
    if kind == SubscriptionKind.TOPIC:
        where = replace(where, topic_id=value)
    elif kind == SubscriptionKind.SOURCE:
        source = await feeds.find_source(tx, value)
        if source is None:
            return ()
        where = replace(where, source_id=source.id)
    return await clips.latest(tx, where, CANDIDATES)


async def _muted_sources(tx: Tx, wishes: Wishes) -> frozenset[int]:
    found = [await feeds.find_source(tx, value) for kind, value in wishes.mutes if kind == MuteKind.SOURCE]
    return frozenset(source.id or 0 for source in found if source is not None)


def _tale(view: ClipView, heading: str) -> Tale:
    kind, _, value = heading.partition(":")
    fit = next((score for topic, score in view.topics if topic.id == value), 0.5) if kind == "topic" else 0.7
    clip = view.clip
    return Tale(
        clip_id=view.id,
        story_id=clip.story_id,
        source_id=clip.source_id,
        language=clip.language,
        heading=heading,
        fit=fit,
        source_count=view.source_count,
        published_at=clip.published_at,
        revision=clip.revision,
        has_summary=bool(clip.summary_short),
    )


class Mutes:
    """What a chat does not want to read."""

    def __init__(self, mutes: Sequence[tuple[str, str]]) -> None:
        of_kind = {kind: {value for its_kind, value in mutes if its_kind == kind} for kind in MuteKind}
        self._sources = of_kind[MuteKind.SOURCE]
        self._topics = of_kind[MuteKind.TOPIC]
        self._stories = of_kind[MuteKind.STORY]
        self._keywords = of_kind[MuteKind.KEYWORD]

    def hide(self, view: ClipView) -> bool:
        """Whether a clip is not to be shown."""
        return (
            view.source.slug in self._sources
            or str(view.clip.story_id) in self._stories
            or any(topic.id in self._topics for topic, _ in view.topics)
            or any(mentions(view.clip, keyword) for keyword in self._keywords)
        )


def mentions(clip: Clip, keyword: str) -> bool:
    """Whether a clip contains all words of a keyword in any form; long ones also inside of longer words."""
    present = {stem for text in (clip.title, *clip.paragraphs) for stem in stems(text, clip.language)}
    words = keyword.split()
    return bool(words) and all(_occurs(query_stems(word, [clip.language]), present) for word in words)


def _occurs(forms: set[str], present: set[str]) -> bool:
    long = [form for form in forms if len(form) >= SHORTEST_PART]
    return not forms.isdisjoint(present) or any(form in stem for form in long for stem in present)

"""Which stories a digest tells, in which order, under which headings; pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

LIMITS = {"short": 4, "normal": 7, "long": 12}
HALF_LIFE_HOURS = 18.0
# As much as the difference between a fresh story and an old one: other languages fill what is left.
OWN_LANGUAGE = 1.0
SAME_SOURCE = 0.35
SAME_HEADING = 0.15


@dataclass(frozen=True, slots=True)
class Tale:
    """One clip that could tell its story under one heading.

    Attributes:
        heading: the wish that it meets, as "topic:energie", "keyword:kernkraft" or "source:dw".
        fit: how well, 0..1.
        source_count: of its story.
    """

    clip_id: int
    story_id: int | None
    source_id: int
    language: str
    heading: str
    fit: float
    source_count: int
    published_at: datetime
    revision: int
    has_summary: bool

    @property
    def key(self) -> int:
        """The number of its story; where it has none its own, below zero."""
        return self.story_id if self.story_id is not None else -self.clip_id


@dataclass(frozen=True, slots=True)
class Chosen:
    """A story of the digest, told by one clip; `is_update` where the chat knows the story and it has moved."""

    tale: Tale
    is_update: bool


def choose(
    tales: Sequence[Tale],
    *,
    headings: Sequence[str],
    told: Mapping[int, int],
    language: str,
    limit: int,
    now: datetime,
) -> list[Chosen]:
    """The stories of a digest, grouped by heading in the order of the headings, the best first in each.

    A story that was told comes again only with more sources than it had then.

    Args:
        told: story number → most sources that it was told with; a clip without a story stands under its own number,
            below zero.
        language: the chat's; of two clips that tell a story, the one in it is taken.
        limit: how many stories at most.
    """
    fresh = [tale for tale in _one_a_story(tales, language) if _is_news(tale, told)]
    picked: list[Tale] = []
    scores = {tale.clip_id: _score(tale, language, now) for tale in fresh}
    while fresh and len(picked) < limit:
        best = max(fresh, key=lambda tale: (scores[tale.clip_id] - _sameness(tale, picked), tale.clip_id))
        picked.append(best)
        fresh.remove(best)
    order = {heading: place for place, heading in enumerate(headings)}
    picked.sort(key=lambda tale: (order.get(tale.heading, len(order)), -scores[tale.clip_id], tale.clip_id))
    return [Chosen(tale, tale.key in told) for tale in picked]


def _one_a_story(tales: Sequence[Tale], language: str) -> list[Tale]:
    best: dict[int, Tale] = {}
    for tale in tales:
        if tale.key not in best or _worth(tale, language) > _worth(best[tale.key], language):
            best[tale.key] = tale
    return list(best.values())


def _worth(tale: Tale, language: str) -> tuple[bool, bool, float, datetime]:
    """How well a clip tells its story: in the reader's language, with a summary, to the point, newest."""
    return tale.language == language, tale.has_summary, round(tale.fit, 1), tale.published_at


def _is_news(tale: Tale, told: Mapping[int, int]) -> bool:
    return tale.key not in told or tale.source_count > told[tale.key]


def _score(tale: Tale, language: str, now: datetime) -> float:
    age_hours = max(0.0, (now - tale.published_at).total_seconds() / 3600)
    freshness = math.exp2(-age_hours / HALF_LIFE_HOURS)
    return (
        0.6 * math.log2(1 + tale.source_count)
        + freshness
        + 0.8 * tale.fit
        + (OWN_LANGUAGE if tale.language == language else 0.0)
    )


def _sameness(tale: Tale, picked: Sequence[Tale]) -> float:
    """What a story loses for each one already picked of its source or heading, so that a digest has variety."""
    return sum(
        SAME_SOURCE * (other.source_id == tale.source_id) + SAME_HEADING * (other.heading == tale.heading)
        for other in picked
    )

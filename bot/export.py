"""Clips with everything computed, as the records of `kurzclips export --jsonl`."""

from collections.abc import AsyncIterator
from typing import Any

from handlers.nearby import Nearby
from handlers.news.related import ANYTHING
from handlers.reading import related_clips
from storage import clips
from storage.clips import ClipView
from storage.database import Database, Tx

PORTION = 200


RELATED = 10


async def records(db: Database, nearby: Nearby | None = None) -> AsyncIterator[dict[str, Any]]:
    """One record a clip, lowest number first.

    Args:
        nearby: finds related clips by meaning too.
    """
    last = 0
    while True:
        async with db.read() as tx:
            ids = await clips.after(tx, last, PORTION)
            portion = [await _record(tx, view, nearby) for view in await clips.views(tx, ids)]
        for record in portion:
            yield record
        if len(ids) < PORTION:
            return
        last = ids[-1]


async def _record(tx: Tx, view: ClipView, nearby: Nearby | None) -> dict[str, Any]:
    clip = view.clip
    found = await related_clips(tx, view.id, RELATED, nearby=nearby, least=ANYTHING)
    return {
        "id": view.id,
        "external_id": clip.external_id,
        "title": clip.title,
        "text": "\n\n".join(clip.paragraphs),
        "summary": clip.summary_short,
        "summary_line": clip.summary_line,
        "summary_long": clip.summary_long,
        "language": clip.language,
        "topics": [{"id": topic.id, "score": round(score, 3)} for topic, score in view.topics],
        "keywords": clip.keywords,
        "notices": await clips.notices(tx, view.id),
        "references": [
            {"title": row.title, "url": row.url, "clip_id": row.target_id}
            for row in await clips.references(tx, view.id)
        ],
        "story_id": clip.story_id,
        "related": [each.clip_id for each in found],
        "source": view.source.name,
        "url": clip.url,
        "published_at": clip.published_at.isoformat(),
        "revision": clip.revision,
    }

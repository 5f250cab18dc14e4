"""Items as intake works with them, and the rows that come of them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from handlers.news import identity, notices
from handlers.news.items import Analysis, RawItem, RawReference
from handlers.news.terms import fold
from storage.intake import ClipParts
from storage.tables import Clip, Reference, Source

MAX_TEASER_CHARS = 1000
MAX_FUTURE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Item:
    """An item with what it is recognised by.

    Attributes:
        keys: its identity, the surest first.
        paragraphs: fingerprints of those that may turn out to be notices.
    """

    source: Source
    raw: RawItem
    keys: tuple[str, ...]
    content_hash: str
    paragraphs: tuple[str, ...]


def prepare(raw: RawItem, source: Source) -> Item:
    """The item of a source; its full text, where it was read, takes the place of the feed's own."""
    keys, content_hash = identity.keys(raw, source_key=source.slug), identity.content_hash(raw)
    if raw.full_text:
        teaser = raw.teaser or " ".join(raw.paragraphs)[:MAX_TEASER_CHARS]
        raw = replace(raw, paragraphs=raw.full_text, teaser=teaser, full_text=())
    prints = tuple(notices.fingerprint(text) for text in raw.paragraphs if notices.may_repeat(text))
    return Item(source, raw, keys, content_hash, prints)


def apart(items: list[Item]) -> list[Item]:
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


def title_key(title: str) -> str:
    """What stays of a title when case, accents and punctuation go; finds the clip that a reference names."""
    return " ".join("".join(c if c.isalnum() else " " for c in fold(title)).split())[:200]


def row(item: Item, analysis: Analysis, now: datetime) -> tuple[Clip, ClipParts]:
    """The clip of an item, and what hangs on it; a time that lies ahead becomes now."""
    raw = item.raw
    published = raw.published_at or now
    image = next((medium.url for medium in raw.media if medium.kind == "image"), "")
    video = next((medium for medium in raw.media if medium.kind == "video"), None)
    clip = Clip(
        source_id=item.source.id or 0,
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
        **computed(analysis),
    )
    return clip, replace(parts_of(item.keys, analysis), paragraphs=item.paragraphs)


def computed(analysis: Analysis) -> dict[str, Any]:
    """The columns of a clip that analysing gives."""
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


def parts_of(keys: tuple[str, ...], analysis: Analysis) -> ClipParts:
    """What hangs on a clip."""
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


def changed_values(clip: Clip) -> dict[str, object]:
    """The columns of a revised clip; when it was published and first seen stays as it was."""
    return clip.model_dump(
        exclude={"id", "story_id", "source_id", "published_at", "added_at", "updated_at", "revision"}
    )

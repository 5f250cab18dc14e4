"""Near-duplicates: copies as other papers print them, found among all news."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from handlers.news import sentences
from tests.eval.archive import WITHOUT_ENCODER, Archive, Entry, filled, item
from tests.eval.gold import Gold, GoldClip
from tests.eval.metrics import mean
from tests.eval.table import Row

TWIN = "twin-"
# Every so many words one is dropped or said differently: what an editor does who fits a text into a column.
CHANGED_EVERY = 12


def headline(clip: GoldClip) -> tuple[str, list[str]]:
    """The same text under another headline, made of the line."""
    return clip.line, list(clip.paragraphs)


def shortened(clip: GoldClip) -> tuple[str, list[str]]:
    """Without the last two sentences."""
    parts = _sentences(clip)
    return clip.title, [" ".join(parts[: max(2, len(parts) - 2)])]


def reordered(clip: GoldClip) -> tuple[str, list[str]]:
    """The second half of the sentences first."""
    parts = _sentences(clip)
    half = len(parts) // 2
    return clip.line, [" ".join((*parts[half:], *parts[:half]))]


def edited(clip: GoldClip) -> tuple[str, list[str]]:
    """Each twelfth word is missing."""
    told = [text.split() for text in clip.paragraphs]
    return clip.line, [
        " ".join(word for place, word in enumerate(text) if place % CHANGED_EVERY != CHANGED_EVERY - 1) for text in told
    ]


EDITS: tuple[Callable[[GoldClip], tuple[str, list[str]]], ...] = (headline, shortened, reordered, edited)


def _sentences(clip: GoldClip) -> list[str]:
    return [part for text in clip.paragraphs for part in sentences.split(text, clip.language)]


def _first_words(paragraphs: Sequence[str], limit: int) -> tuple[str, ...]:
    kept: list[str] = []
    for text in paragraphs:
        words = text.split()[:limit]
        limit -= len(words)
        if words:
            kept.append(" ".join(words))
    return tuple(kept)


def doubled(gold: Gold, limit: int) -> tuple[list[Entry], dict[str, str]]:
    """All clips cut to some words, each second one followed by a copy in another paper; copy → original."""
    entries, twins = [], {}
    papers = sorted(gold.sources)
    for number, clip in enumerate(gold.clips):
        original = item(clip, gold)
        entries.append(Entry(clip.source, replace(original, paragraphs=_first_words(clip.paragraphs, limit))))
        if number % 2:
            continue
        title, told = EDITS[number // 2 % len(EDITS)](clip)
        name = TWIN + clip.id
        twins[name] = clip.id
        copy = replace(
            original,
            title=title,
            paragraphs=_first_words(told, limit),
            external_id=name,
            url=f"https://kurzclips.example/gold/{name}",
            published_at=original.published_at and original.published_at + timedelta(minutes=20),
            references=(),
        )
        entries.append(Entry(next(paper for paper in papers if paper != clip.source), copy))
    # Each desk in one go, and the copies last: how a paper's copy comes in is not what is measured.
    return sorted(entries, key=lambda entry: (entry.item.external_id in twins, entry.source)), twins


async def rows(gold: Gold, extra: Mapping[str, Any] = WITHOUT_ENCODER) -> list[Row]:
    """The share of copies whose original is named first by /related, and the share that joined its story."""
    table = []
    for limit, form in ((100, "100 words"), (30, "title and 30 words")):
        entries, twins = doubled(gold, limit)
        async with filled(entries, gold, extra=extra) as archive:
            first = [float((await archive.related(twin, 1))[:1] == [original]) for twin, original in twins.items()]
            joined = [float(_together(archive, twin, original)) for twin, original in twins.items()]
        table.append(Row("twins", f"named first, {form} ({len(first)})", mean(first)))
        table.append(Row("twins", f"same story, {form}", mean(joined)))
    return table


def _together(archive: Archive, twin: str, original: str) -> bool:
    return bool(archive.records[twin].story == archive.records[original].story)


async def errors(gold: Gold) -> list[str]:
    """Copies of 100 words that did not join their original."""
    entries, twins = doubled(gold, 100)
    async with filled(entries, gold) as archive:
        return [
            f"{twin} ({EDITS[place % len(EDITS)].__name__})"
            for place, (twin, original) in enumerate(twins.items())
            if not _together(archive, twin, original)
        ]

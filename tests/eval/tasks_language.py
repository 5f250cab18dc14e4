"""Language: of the title and the first sentence, where neither feed nor source says it."""

from dataclasses import replace

from handlers.news import sentences
from tests.eval.archive import Archive, Entry, filled, item
from tests.eval.gold import Gold
from tests.eval.metrics import mean
from tests.eval.table import Row


def unmarked(gold: Gold) -> list[Entry]:
    """The gold as titles with one sentence, and without their language."""
    return [
        Entry(
            next(iter(gold.sources)),
            replace(
                item(clip, gold),
                paragraphs=tuple(sentences.split(clip.paragraphs[0], clip.language)[:1]),
                language="",
                references=(),
            ),
        )
        for clip in gold.clips
    ]


async def rows(gold: Gold) -> list[Row]:
    """The share that was told rightly."""
    async with filled(unmarked(gold), gold, states_language=False) as archive:
        right = [float(archive.records[clip.id].language == clip.language) for clip in gold.clips]
        return [Row("language", f"title and first sentence ({len(right)})", mean(right))]


def errors(archive: Archive, gold: Gold) -> list[str]:
    """Clips in a language that the archive of `unmarked` took for another one."""
    return [
        f"{clip.id}: {archive.records[clip.id]['language']} instead of {clip.language}"
        for clip in gold.clips
        if archive.records[clip.id].language != clip.language
    ]

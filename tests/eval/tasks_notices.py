"""Notices and pointers: what is not news is taken out of the text, and only that."""

from tests.eval.archive import Archive
from tests.eval.gold import Gold
from tests.eval.metrics import of_counts
from tests.eval.table import Row


def rows(archive: Archive, gold: Gold) -> list[Row]:
    """Paragraphs of the gold that were taken out rightly, wrongly, or left in."""
    away = wanted = right = lost = 0
    pointers = known = 0
    for clip in gold.clips:
        record = archive.records[clip.id]
        left = record.paragraphs
        mine = set(record.notices)
        wanted += len(clip.notices)
        right += sum(text in mine for text in clip.notices)
        away += len(mine)
        lost += sum(text not in left for text in clip.paragraphs)
        pointers += len(clip.pointers)
        known += sum(text not in left for text in clip.pointers)
    score = of_counts(right, away, wanted)
    return [
        Row("notices", "precision", score.precision),
        Row("notices", f"recall ({wanted} paragraphs)", score.recall),
        Row("notices", f"pointers taken out ({pointers})", known / pointers if pointers else 0.0),
        Row("notices", "news taken out", float(lost), unit="paragraphs"),
    ]


def errors(archive: Archive, gold: Gold) -> list[str]:
    """Paragraphs that are still in the text, and news that is not."""
    found = []
    for clip in gold.clips:
        record = archive.records[clip.id]
        left = record.paragraphs
        found += [f"{clip.id}, left in: {text}" for text in (*clip.notices, *clip.pointers) if text in left]
        found += [f"{clip.id}, news taken out: {text}" for text in clip.paragraphs if text not in left]
    return found

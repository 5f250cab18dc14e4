"""Search: questions as readers type them, to clips that answer them."""

from handlers.news.terms import stems
from tests.eval.archive import Archive
from tests.eval.baselines import Bm25
from tests.eval.gold import Gold
from tests.eval.metrics import mean, reciprocal_rank, words
from tests.eval.table import Row


async def rows(archive: Archive, gold: Gold) -> list[Row]:
    """Beside BM25 over words as they stand and over stems."""
    names = [clip.id for clip in gold.clips]
    plain = Bm25([words(clip.text) for clip in gold.clips])
    stemmed = Bm25([stems(clip.text, clip.language) for clip in gold.clips])
    ranks: dict[str, list[tuple[float, float, float]]] = {}
    for asked in gold.questions:
        rankings = (
            await archive.search(asked.text, asked.language),
            [names[row] for row in plain.ranking(words(asked.text))],
            [names[row] for row in stemmed.ranking(stems(asked.text, asked.language))],
        )
        mine, other, third = (reciprocal_rank(ranking, asked.clips) for ranking in rankings)
        ranks.setdefault(asked.language, []).append((mine, other, third))
    every = [each for found in ranks.values() for each in found]
    return [_row("MRR@10", every), *(_row(f"MRR@10, {language}", found) for language, found in ranks.items())]


def _row(measure: str, ranks: list[tuple[float, float, float]]) -> Row:
    mine, plain, stemmed = (mean([each[part] for each in ranks]) for part in range(3))
    return Row("search", f"{measure} ({len(ranks)} questions)", mine, {"BM25 words": plain, "BM25 stems": stemmed})


async def errors(archive: Archive, gold: Gold) -> list[str]:
    """Questions whose answer is not among the first three."""
    found = []
    for asked in gold.questions:
        ranking = await archive.search(asked.text, asked.language)
        if reciprocal_rank(ranking, asked.clips, 3) == 0:
            found.append(f"{asked.text}: {', '.join(ranking[:3]) or 'nothing'} instead of {', '.join(asked.clips)}")
    return found

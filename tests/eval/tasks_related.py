"""Related clips: on one matter, not the same news; what the source itself links to is left out for all alike."""

from collections.abc import Sequence

from handlers.news.terms import stems
from tests.eval.archive import Archive
from tests.eval.baselines import Bm25, Tfidf
from tests.eval.gold import Gold, GoldClip
from tests.eval.metrics import mean, ndcg, reciprocal_rank
from tests.eval.table import Row


def asked(gold: Gold) -> list[tuple[GoldClip, set[str]]]:
    """Clips with related ones that neither their source links to nor their story holds."""
    story = gold.story_of
    wanted = []
    for clip in gold.clips:
        left = {each for each in gold.related_to(clip.id) - set(clip.references) if story[each] != clip.story}
        if left:
            wanted.append((clip, left))
    return wanted


def shown(ranking: Sequence[str], clip: GoldClip, gold: Gold) -> list[str]:
    """A ranking without the clip's own story and references."""
    story = gold.story_of
    return [each for each in ranking if story[each] != clip.story and each not in clip.references]


async def rows(archive: Archive, gold: Gold) -> list[Row]:
    """Beside BM25 and TF-IDF cosine over stems."""
    texts = [stems(clip.text, clip.language) for clip in gold.clips]
    names = [clip.id for clip in gold.clips]
    place = {name: row for row, name in enumerate(names)}
    bm25, tfidf = Bm25(texts), Tfidf(texts)
    rankings: dict[str, list[tuple[list[str], set[str]]]] = {"": [], "BM25": [], "TF-IDF cosine": []}
    for clip, wanted in asked(gold):
        row = place[clip.id]
        ranked = {
            "": await archive.related(clip.id),
            "BM25": [names[other] for other in bm25.ranking(texts[row]) if other != row],
            "TF-IDF cosine": [names[other] for other in tfidf.ranking(row)],
        }
        for name, ranking in ranked.items():
            rankings[name].append((shown(ranking, clip, gold), wanted))
    table = []
    for measure, function in (("MRR@10", reciprocal_rank), ("nDCG@10", ndcg)):
        values = {name: mean([function(*each) for each in ranked]) for name, ranked in rankings.items()}
        table.append(Row("related", measure, values.pop(""), values))
    return table


async def errors(archive: Archive, gold: Gold) -> list[str]:
    """Clips of whose related ones none is among the first five."""
    found = []
    for clip, wanted in asked(gold):
        ranking = shown(await archive.related(clip.id), clip, gold)
        if wanted.isdisjoint(ranking[:5]):
            found.append(f"{clip.id}: {', '.join(ranking[:3]) or 'nothing'} instead of {', '.join(sorted(wanted))}")
    return found

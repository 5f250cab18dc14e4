"""Related clips: on one matter, not the same news. What the source itself links to is left out for all alike."""

from collections.abc import Sequence

from handlers.news.terms import stems
from tests.eval.archive import Archive
from tests.eval.baselines import Bm25, Tfidf
from tests.eval.gold import Gold, GoldClip
from tests.eval.metrics import mean, ndcg, reciprocal_rank
from tests.eval.table import Row


def asked(gold: Gold) -> list[tuple[GoldClip, set[str]]]:
    """Clips and the stories that belong beside them, without those that their source links to."""
    story = gold.story_of
    linked = {clip.id: {story[each] for each in clip.references} for clip in gold.clips}
    wanted = [(clip, gold.related_to(clip.id) - linked[clip.id]) for clip in gold.clips]
    return [(clip, stories) for clip, stories in wanted if stories]


def shown(ranking: Sequence[str], clip: GoldClip, gold: Gold) -> list[str]:
    """The stories of a ranking, each at its best place, without the clip's own and those that its source links to."""
    story = gold.story_of
    left_out = {clip.story, *(story[each] for each in clip.references)}
    return [each for each in dict.fromkeys(story[name] for name in ranking) if each not in left_out]


async def rows(archive: Archive, gold: Gold, *, every: int = 1) -> list[Row]:
    """Beside BM25 and TF-IDF cosine over stems.

    Args:
        every: ask for each clip, each second one and so on.
    """
    texts = [stems(clip.text, clip.language) for clip in gold.clips]
    names = [clip.id for clip in gold.clips]
    place = {name: row for row, name in enumerate(names)}
    bm25, tfidf = Bm25(texts), Tfidf(texts)
    rankings: dict[str, list[tuple[list[str], set[str]]]] = {"": [], "BM25": [], "TF-IDF cosine": []}
    for clip, wanted in asked(gold)[::every]:
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

"""Stories: clips grouped by event, over sources and languages."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from tests.eval.archive import Archive
from tests.eval.baselines import Tfidf, single_pass
from tests.eval.gold import Gold
from tests.eval.metrics import Score, bcubed, of_counts, pairs, words
from tests.eval.table import Row
from tests.make import NOW

THRESHOLDS = [step / 100 for step in range(8, 61, 2)]


def found(archive: Archive) -> dict[str, object]:
    """Clip → story of the program."""
    return {name: record.story for name, record in archive.records.items()}


def baseline(gold: Gold) -> tuple[dict[str, object], float]:
    """Groups of TF-IDF single pass with the threshold that is best on this very gold, and that threshold."""
    matrix = Tfidf([words(clip.text) for clip in gold.clips]).rows
    likeness = matrix @ matrix.T
    times = [NOW - timedelta(hours=clip.age_hours) for clip in gold.clips]

    def groups(threshold: float) -> dict[str, object]:
        chosen = single_pass(likeness, times, threshold)
        return {clip.id: group for clip, group in zip(gold.clips, chosen, strict=True)}

    best = max(THRESHOLDS, key=lambda threshold: bcubed(groups(threshold), gold.story_of).f1)
    return groups(best), best


def within_languages(groups: Mapping[str, object], gold: Gold) -> Score:
    """BCubed with each language by itself."""
    scores = []
    for language, count in sorted(Counter(gold.language_of.values()).items()):
        true = {clip.id: clip.story for clip in gold.clips if clip.language == language}
        scores.append((bcubed(groups, true), count))
    total = len(gold.clips)
    return Score(*(sum(score[part] * count for score, count in scores) / total for part in (0, 1)))


def across(groups: Mapping[str, object], gold: Gold) -> Score:
    """Pairs of one event in two languages."""
    language = gold.language_of
    mine = {(a, b) for a, b in pairs(groups) if language[a] != language[b]}
    return of_counts(len(mine & gold.across), len(mine), len(gold.across))


def rows(archive: Archive, gold: Gold) -> list[Row]:
    """Beside TF-IDF single pass, tuned on the gold itself."""
    mine = found(archive)
    other, threshold = baseline(gold)
    name = f"TF-IDF single pass ({threshold:.2f}, tuned here)"
    measured = {
        "BCubed": (bcubed(mine, gold.story_of), bcubed(other, gold.story_of)),
        "BCubed within languages": (within_languages(mine, gold), within_languages(other, gold)),
        "pairs across languages": (across(mine, gold), across(other, gold)),
    }
    table = []
    for measure, (score, beside) in measured.items():
        table.append(Row("stories", f"{measure}, precision", score.precision, {name: beside.precision}))
        table.append(Row("stories", f"{measure}, recall", score.recall, {name: beside.recall}))
        table.append(Row("stories", f"{measure}, F1", score.f1, {name: beside.f1}))
    largest = Counter(mine.values()).most_common(1)[0][1]
    return [*table, Row("stories", "largest", float(largest), {"gold": _largest(gold)}, unit="clips")]


def _largest(gold: Gold) -> float:
    return float(Counter(gold.story_of.values()).most_common(1)[0][1])


def errors(archive: Archive, gold: Gold) -> list[str]:
    """Pairs that were joined wrongly, then pairs of one language that were not found."""
    mine, true, language = pairs(found(archive)), pairs(gold.story_of), gold.language_of
    missed = sorted(pair for pair in true - mine if language[pair[0]] == language[pair[1]])
    return [f"wrongly together: {a}, {b}" for a, b in sorted(mine - true)] + [f"apart: {a}, {b}" for a, b in missed]

"""Summaries: against one line that a person wrote about each clip."""

from handlers.news import sentences
from tests.eval.archive import Archive
from tests.eval.baselines import cut, lexrank, quoted
from tests.eval.gold import Gold, GoldClip
from tests.eval.metrics import mean, rouge_1, rouge_l, words
from tests.eval.table import Row

LINE, SHORT = 120, 280


def baselines(clip: GoldClip) -> dict[str, dict[str, str]]:
    """For the line and the short summary what lead and LexRank would say, cut to the same length."""
    parts = [part for text in clip.paragraphs for part in sentences.split(text, clip.language)]
    central = lexrank([words(part) for part in parts])
    return {
        "line": {
            "lead-1 broken off": cut(parts[0], LINE),
            "lead-1 where it fits": parts[0] if len(parts[0]) <= LINE else "",
            "LexRank-1": quoted(parts, central[:1], LINE),
        },
        "short": {"lead-2": cut(" ".join(parts[:2]), SHORT), "LexRank-2": quoted(parts, central[:2], SHORT)},
    }


def rows(archive: Archive, gold: Gold) -> list[Row]:
    """Beside the first sentences and LexRank."""
    beside = {clip.id: baselines(clip) for clip in gold.clips}
    table = []
    for form in ("line", "short"):
        for measure, function in (("ROUGE-1 F", rouge_1), ("ROUGE-L F", rouge_l)):
            own = mean([function(getattr(archive.records[clip.id], form), clip.line) for clip in gold.clips])
            names = next(iter(beside.values()))[form]
            others = {
                name: mean([function(beside[clip.id][form][name], clip.line) for clip in gold.clips]) for name in names
            }
            table.append(Row("summary", f"{form}, {measure}", own, others))
    empty = mean([float(not archive.records[clip.id].line) for clip in gold.clips])
    return [*table, Row("summary", "clips without a line", empty)]


def errors(archive: Archive, gold: Gold) -> list[str]:
    """The lines that are furthest below what the first sentence would have got."""
    scored = []
    for clip in gold.clips:
        mine = archive.records[clip.id].line
        lead = baselines(clip)["line"]["lead-1 broken off"]
        scored.append((rouge_1(mine, clip.line) - rouge_1(lead, clip.line), clip.id, mine))
    return [f"{name} ({loss:+.2f}): {line}" for loss, name, line in sorted(scored)[:15] if loss < 0]

"""Topics: the 17 of the IPTC, the first and all of them."""

from collections import Counter

from tests.eval.archive import Archive
from tests.eval.gold import Gold
from tests.eval.metrics import mean, micro
from tests.eval.table import Row


def found(archive: Archive, clip_id: str) -> list[str]:
    """The IPTC topics that the program gave a clip, surest first."""
    return [topic for topic in archive.records[clip_id].topics if topic.startswith("medtop:")]


def rows(archive: Archive, gold: Gold) -> list[Row]:
    """Beside always naming the topic that is most often the main one."""
    mine = [found(archive, clip.id) for clip in gold.clips]
    true = [clip.topics for clip in gold.clips]
    usual = Counter(topics[0] for topics in true).most_common(1)[0][0]
    first = [float(bool(topics) and topics[0] == wanted[0]) for topics, wanted in zip(mine, true, strict=True)]
    among = [float(bool(topics) and topics[0] in wanted) for topics, wanted in zip(mine, true, strict=True)]
    always = {"the usual": mean([float(wanted[0] == usual) for wanted in true])}
    all_usual = {"the usual": micro([[usual]] * len(true), true).f1}
    languages = sorted({clip.language for clip in gold.clips})
    of_language = [
        Row(
            "topics",
            f"first is the main one, {language}",
            mean([hit for hit, clip in zip(first, gold.clips, strict=True) if clip.language == language]),
        )
        for language in languages
    ]
    return [
        Row("topics", "first is the main one", mean(first), always),
        *of_language,
        Row("topics", "first is a right one", mean(among)),
        Row("topics", "micro F1", micro(mine, true).f1, all_usual),
    ]


def errors(archive: Archive, gold: Gold) -> list[str]:
    """Clips whose first topic is none of the right ones."""
    return [
        f"{clip.id}: {', '.join(mine) or 'none'} instead of {', '.join(clip.topics)}"
        for clip in gold.clips
        if not (mine := found(archive, clip.id)) or mine[0] not in clip.topics
    ]

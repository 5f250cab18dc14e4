"""Which paragraphs a source repeats, as far as its items and what it published before tell."""

from collections import Counter
from collections.abc import Mapping, Sequence

from handlers.prepared import Item


def all_repeats(
    items: Sequence[Item],
    clip_of: Mapping[str, int],
    known: Mapping[int, set[str]],
    seen: Mapping[int, Mapping[str, int]],
) -> dict[int, set[str]]:
    """Source → fingerprints of what it repeats, as far as that is known by now.

    Args:
        clip_of: identity key → the clip that has it.
        known: source → fingerprints of the notices that are known of it.
        seen: source → fingerprint of a paragraph → the first clip that has it.
    """
    by_source: dict[int, list[Item]] = {}
    for item in items:
        by_source.setdefault(item.source.id or 0, []).append(item)
    return {
        source_id: known[source_id] | _repeats(own, clip_of, seen[source_id]) for source_id, own in by_source.items()
    }


def _repeats(items: Sequence[Item], clip_of: Mapping[str, int], seen: Mapping[str, int]) -> set[str]:
    """Paragraphs that stand in several clips of the source, but not because one clip was published again.

    An item whose greater part stood in one and the same earlier clip is that clip under another name, which says
    nothing about notices.
    """
    counts: Counter[str] = Counter()
    for item in items:
        own = {clip_of[key] for key in item.keys if key in clip_of}
        earlier = Counter(seen[p] for p in set(item.paragraphs) if p in seen and seen[p] not in own)
        republished = {clip for clip, shared in earlier.items() if shared > 1 and shared * 2 > len(item.paragraphs)}
        for paragraph in set(item.paragraphs):
            first = seen.get(paragraph)
            counts[paragraph] += 1
            if first is not None and first not in own and first not in republished:
                counts[paragraph] += 1
    repeated = {paragraph for paragraph, number in counts.items() if number > 1}
    return repeated - _within_twins(items)


def _within_twins(items: Sequence[Item]) -> set[str]:
    """Paragraphs that several items of one batch share because the items are the same text."""
    first_with: dict[str, Item] = {}
    shared: set[str] = set()
    for item in items:
        same = [p for p in item.paragraphs if p in first_with and first_with[p].keys != item.keys]
        if len(same) > 1 and len(same) * 2 > len(item.paragraphs):
            shared.update(same)
        for paragraph in item.paragraphs:
            first_with.setdefault(paragraph, item)
    return shared

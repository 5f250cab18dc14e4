"""Opens a compound that nobody has written into the two words that it is made of ("Flaschendeckel")."""

from collections.abc import Callable, Mapping

SHORTEST = 4
# What German puts between the parts, the longest first.
_LINKS = ("en", "es", "er", "n", "s", "e", "")


def openings(word: str) -> list[tuple[str, str]]:
    """All ways to cut a folded word in two, without what links the parts ("flaschen|deckel": "flasch", "deckel")."""
    found = []
    for at in range(SHORTEST, len(word) - SHORTEST + 1):
        left, right = word[:at], word[at:]
        found += [
            (left.removesuffix(link), right)
            for link in _LINKS
            if left.endswith(link) and len(left) - len(link) >= SHORTEST - 1
        ]
    return found


def opened(word: str, stem: Callable[[str], str], counts: Mapping[str, int]) -> tuple[str, str] | None:
    """The two parts of a word that both are words of the archive, those that are used most; None where there are none.

    Args:
        stem: of a word, as `counts` has it.
        counts: stem → in how many clips it occurs.
    """
    known = [
        (min(counts.get(stem(left), 0), counts.get(stem(right), 0)), len(right), left, right)
        for left, right in openings(word)
    ]
    fewest, _, left, right = max(known, default=(0, 0, "", ""))
    return (left, right) if fewest else None

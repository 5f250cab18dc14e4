"""What of a clip answers a search: the sentences with the words that were looked for, and how those are spelled."""

from collections.abc import Iterable, Sequence

from handlers.news.sentence_kinds import Kind, kind_of
from handlers.news.sentences import split
from handlers.news.terms import fold_word, stem, tokens

MAX_CHARACTERS = 280
_SHORTEST_PART = 4


def passage(summary: str, paragraphs: Sequence[str], groups: Sequence[frozenset[str]], language: str) -> str:
    """The summary where it speaks of what was looked for, else the sentence of the text that does it best.

    A sentence that points back ("Das hat …") comes with the one before it.

    Args:
        summary: the clip's short summary.
        groups: for each word that was looked for, the stems it may have.
    """
    best, most = summary, _met(summary, groups, language)
    for paragraph in paragraphs:
        before = ""
        for sentence in split(paragraph, language):
            kind = kind_of(sentence, language)
            met = _met(sentence, groups, language) if kind is not Kind.UNUSABLE else 0
            if met > most:
                best, most = (f"{before} {sentence}" if kind is Kind.LEANING and before else sentence), met
            before = sentence
    return best if len(best) <= MAX_CHARACTERS else best[: MAX_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"


def _met(text: str, groups: Sequence[frozenset[str]], language: str) -> int:
    folded = [fold_word(token) for token in tokens(text)]
    stems = {stem(word, language) for word in folded} | set(folded)
    return sum(
        bool(stems & group) or any(len(part) >= _SHORTEST_PART and part in word for part in group for word in folded)
        for group in groups
    )


def spelling(wanted: str, text: str, language: str) -> str:
    """How a folded word or its stem is written in a text, the shortest form of it; "" where it does not occur.

    A word that also occurs in small letters is no name, and only stood at the beginning of a sentence.
    """
    found = (token for token in tokens(text) if wanted in {fold_word(token), stem(fold_word(token), language)})
    return min(set(found), key=lambda word: (len(word), not word.islower(), word), default="")


def spellings(wanted: Sequence[Sequence[str]], texts: Iterable[tuple[str, str]]) -> str:
    """Some words as they are written in the first of some texts (text, language) that has one of a word's stems."""
    known = list(texts)
    return " ".join(
        next(filter(None, (spelling(stem_, *text) for text in known for stem_ in stems)), stems[0]) for stems in wanted
    )

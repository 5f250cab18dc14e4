"""Summaries made of whole sentences of the clip, in their order, for three lengths."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

from handlers.news import sentences
from handlers.news.items import Summary
from handlers.news.notice_patterns import is_notice
from handlers.news.sentence_kinds import Kind, is_attribution, is_complete, kind_of, without_dateline
from handlers.news.terms import bag, content_stems, tokens, words

LINE_LETTERS = 120
SHORT_LETTERS = 280
LONG_LETTERS = 700
_MIN_TEASER = 40
_MAX_SENTENCES = 60
_REPEATS = 0.7
_REPEATS_TITLE = 0.85
# Position is the strongest sign in news; the others may only overrule it where the lead does not tell the news.
_POSITION_STEP = 0.16
_TITLE_SHARE = 0.6
_CENTRAL_SHARE = 1.1
_FACTS_SHARE = 0.12
_BEGINS_PARAGRAPH = 0.05
_MIN_OF_BEST = 0.58
_MIN_OF_BEST_BESIDE = 0.37
_ATTRIBUTION_COST = 0.3
# How much of a title's word counts as a trace of it, and how much of the title a paragraph must tell.
_TRACE_LETTERS = 5
_TELLS_TITLE = 0.34


@dataclass(frozen=True, slots=True)
class Scored:
    """One sentence with what it is worth.

    Attributes:
        place: its number in the text.
        leans: whether it cannot be understood without the sentence before it.
    """

    place: int
    text: str
    stems: frozenset[str]
    score: float
    leans: bool


def _facts(text: str) -> float:
    """How many numbers and names a sentence holds, 0..1, saturating at five."""
    inner = tokens(text)[1:]
    return min(sum(word[0].isdigit() or word[0].isupper() for word in inner), 5) / 5


def _overlap(part: Iterable[str], whole: frozenset[str]) -> float:
    return len(whole & frozenset(part)) / len(whole) if whole else 0.0


def _is_colour(title_stems: frozenset[str], paragraphs: Sequence[str], language: str) -> bool:
    """Whether the first paragraph only paints a scene: no trace of the title in it, but much of it in a later one."""
    if len(paragraphs) < 2 or len(title_stems) < 2:
        return False
    first = " ".join(words(paragraphs[0]))
    if any(stem[:_TRACE_LETTERS] in first for stem in title_stems):
        return False
    return any(_overlap(content_stems(text, language), title_stems) >= _TELLS_TITLE for text in paragraphs[1:])


def scored_sentences(title: str, paragraphs: Sequence[str], language: str) -> list[Scored]:
    """The usable sentences of a text in order with their scores, so that a person can see why one was chosen."""
    title_stems = content_stems(title, language)
    weights = bag(title, paragraphs, language)
    total = sum(weights.values()) or 1.0
    news = paragraphs[1:] if _is_colour(title_stems, paragraphs, language) else paragraphs
    found: list[Scored] = []
    place = -1
    for paragraph in news:
        for number, text in enumerate(sentences.split(without_dateline(paragraph), language)):
            place += 1
            kind = kind_of(text, language)
            stems = content_stems(text, language)
            if kind is Kind.UNUSABLE or not stems or _repeats_title(stems, title_stems):
                continue
            score = 1.0 / (1.0 + _POSITION_STEP * len(found)) + (_BEGINS_PARAGRAPH if number == 0 else 0.0)
            score += (
                _worth(text, stems, title_stems) + _CENTRAL_SHARE * sum(map(weights.get, stems, repeat(0.0))) / total
            )
            found.append(Scored(place, text, stems, score, kind is Kind.LEANING))
            if len(found) >= _MAX_SENTENCES:
                return found
    return found


def _worth(text: str, stems: frozenset[str], title_stems: frozenset[str]) -> float:
    """What a sentence is worth wherever it stands and whatever the others say."""
    value = _TITLE_SHARE * _overlap(stems, title_stems) + _FACTS_SHARE * _facts(text)
    return value - (_ATTRIBUTION_COST if is_attribution(text) else 0.0)


def _repeats_title(stems: frozenset[str], title_stems: frozenset[str]) -> bool:
    if not title_stems:
        return False
    common = len(stems & title_stems)
    return common / len(stems) >= _REPEATS_TITLE and common / len(title_stems) >= _REPEATS


def _repeats(one: Scored, chosen: Iterable[Scored]) -> bool:
    return any(len(one.stems & other.stems) / min(len(one.stems), len(other.stems)) >= _REPEATS for other in chosen)


def _length(chosen: Iterable[Scored]) -> int:
    texts = [one.text for one in chosen]
    return sum(map(len, texts)) + max(len(texts) - 1, 0)


def _with_support(one: Scored, by_place: dict[int, Scored], chosen: Sequence[Scored]) -> list[Scored] | None:
    """The sentence with those it leans on, None where one of them is not usable."""
    needed = [one]
    while needed[0].leans:
        before = by_place.get(needed[0].place - 1)
        if before is None:
            return None
        if before in chosen:
            break
        needed.insert(0, before)
    return needed


def _choose(found: Sequence[Scored], limit: int, required: Sequence[Scored] = ()) -> list[Scored]:
    """The best sentences that fit together into the limit, in their order."""
    by_place = {one.place: one for one in found}
    chosen = list(required)
    best = max((one.score for one in found), default=0.0)
    for one in sorted(found, key=lambda scored: -scored.score):
        if one in chosen or (chosen and one.score < best * _MIN_OF_BEST_BESIDE) or _repeats(one, chosen):
            continue
        needed = _with_support(one, by_place, chosen)
        if needed and _length([*chosen, *needed]) <= limit:
            chosen += needed
    return sorted(chosen, key=lambda scored: scored.place)


def _line(found: Sequence[Scored], preferred: str) -> str:
    if preferred and len(preferred) <= LINE_LETTERS:
        return preferred
    best = max((one.score for one in found), default=0.0)
    fitting = [one for one in found if len(one.text) <= LINE_LETTERS and not one.leans]
    chosen = max(fitting, key=lambda one: one.score, default=None)
    return chosen.text if chosen and chosen.score >= best * _MIN_OF_BEST else ""


def _joined(chosen: Sequence[Scored]) -> str:
    return " ".join(one.text for one in chosen)


def _good_teaser(title: str, teaser: str, language: str) -> str:
    """The publisher's teaser where it is whole sentences that tell the news, else ""."""
    text = " ".join(teaser.split())
    if not _MIN_TEASER <= len(text) <= LONG_LETTERS or not is_complete(text):
        return ""
    pieces = sentences.split(without_dateline(text), language)
    kinds = [kind_of(piece, language) for piece in pieces]
    if Kind.UNUSABLE in kinds or kinds[0] is Kind.LEANING or is_notice(text, language):
        return ""
    if _repeats_title(content_stems(text, language), content_stems(title, language)):
        return ""
    return " ".join(pieces)


def summarise(title: str, paragraphs: Sequence[str], language: str, *, teaser: str = "") -> Summary:
    """One line, a short and a long summary; "" for a length at which no fit sentence is short enough.

    Args:
        title: the headline; no summary repeats it.
        paragraphs: the text without notices and references.
        language: of the text.
        teaser: the publisher's own short text, used for the short form where it is a good one.
    """
    found = scored_sentences(title, paragraphs, language)
    own = _good_teaser(title, teaser, language)
    short = own if 0 < len(own) <= SHORT_LETTERS else _joined(_choose(found, SHORT_LETTERS))
    long_chosen = _choose(found, LONG_LETTERS)
    long = _joined(long_chosen)
    if own and not found:
        long = own
    return Summary(line=_line(found, own), short=short, long=long or short)

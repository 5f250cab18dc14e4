"""Summaries made of whole sentences of the clip, in their order, for three lengths."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat

from handlers.news import sentences
from handlers.news.items import Summary
from handlers.news.notice_patterns import is_notice, meets, patterns_for
from handlers.news.sentence_kinds import (
    QUOTES,
    Kind,
    is_attribution,
    is_complete,
    is_picture_credit,
    kind_of,
    without_dateline,
)
from handlers.news.terms import bag, content_stems, tokens, words

LINE_LETTERS = 120
SHORT_LETTERS = 280
LONG_LETTERS = 700
_MIN_TEASER = 40
_MAX_SENTENCES = 60
_MAX_CAPTION = 300
_REPEATS = 0.7
_REPEATS_TITLE = 0.85
# Position is the strongest sign in news; the others decide only where the lead does not tell the news. Measured on the
# teasers of six English outlets: the two opening sentences are beaten by nothing where they tell the title.
_POSITION_STEP = 0.16
_TITLE_SHARE = 0.5
_CENTRAL_SHARE = 1.0
_FACTS_SHARE = 0.12
_ATTRIBUTION_COST = 0.3
# A lead that tells less of the title than this is colour, where one of the next sentences tells so much more of it.
_TELLS = 0.15
_TELLS_MORE = 0.2
_LOOKED_THROUGH = 10
_SENTENCES_OF_A_REPORT = 6
_FEW_WORDS = 3
_MIN_WORDS = 1.9
# The short form is two sentences; a third comes in, or one further down, only where less than this would be said.
_SHORT_SENTENCES = 2
_ENOUGH_LETTERS = 150
_MIN_OF_BEST = 0.5
_MIN_OF_BEST_BESIDE = 0.37
# As much of a title's word as a compound or another form of it shares ("Netzausbau", "Ausbau der Netze").
_TRACE_LETTERS = 6
_MIN_TRACE_LETTERS = 5
# What stands before a sentence and is no part of it: a dash or bullet, a date in brackets.
_MARK = re.compile(r"^(?:[–—•*·-]\s*|\(\d[\d./-]{5,9}\)\s*)+(?=[^\W\d_]|[„“\"«])")


@dataclass(frozen=True, slots=True)
class Scored:
    """One sentence with what it is worth.

    Attributes:
        place: its number in the text.
        told: how much of the title it tells, 0..1.
        leans: whether it cannot be understood without the sentence before it.
        echoes: whether it says the title again; such a sentence is in no summary.
    """

    place: int
    text: str
    stems: frozenset[str]
    told: float
    score: float
    leans: bool
    echoes: bool


def facts(text: str) -> float:
    """How many numbers and names a sentence holds, 0..1, saturating at five."""
    telling = (1 for word in tokens(text)[1:] if word[0].isupper() or word[0].isdigit())
    return sum(islice(telling, 5)) / 5


def _told(text: str, stems: frozenset[str], title_stems: frozenset[str]) -> float:
    if not title_stems:
        return 0.0
    traces = [stem[:_TRACE_LETTERS] for stem in title_stems - stems if len(stem) >= _MIN_TRACE_LETTERS]
    joined = " ".join(words(text)) if traces else ""
    return (len(title_stems & stems) + sum(map(joined.__contains__, traces))) / len(title_stems)


def scored_sentences(title: str, paragraphs: Sequence[str], language: str) -> list[Scored]:
    """The usable sentences of a text in order with their scores, so that a person can see why one was chosen."""
    title_stems = content_stems(title, language)
    weights = bag(title, paragraphs, language)
    usable = list(islice(_usable(paragraphs, language), _MAX_SENTENCES))
    central = [sum(map(weights.get, stems, repeat(0.0))) for _, _, stems, _ in usable]
    most = max(central, default=0.0) or 1.0
    return [
        Scored(
            place,
            text,
            stems,
            (told := _told(text, stems, title_stems)),
            _score(text, told, rank, central[rank] / most),
            leans,
            _repeats_title(stems, title_stems),
        )
        for rank, (place, text, stems, leans) in enumerate(usable)
    ]


def all_sentences(paragraphs: Sequence[str], language: str) -> list[str]:
    """Every sentence of a text, also those that may stand in no summary; the index of each is its `Scored.place`."""
    return [
        _MARK.sub("", piece)
        for paragraph in paragraphs
        for piece in sentences.split(without_dateline(paragraph), language)
    ]


def _usable(paragraphs: Sequence[str], language: str) -> Iterator[tuple[int, str, frozenset[str], bool]]:
    """Place, text, stems and whether it leans, of each sentence that may stand in a summary."""
    place = -1
    for paragraph in paragraphs:
        pieces = sentences.split(without_dateline(paragraph), language)
        if len(paragraphs) > 1 and _is_caption(paragraph, pieces):
            place += len(pieces)
            continue
        patterns = patterns_for(paragraph, language)
        for piece in pieces:
            text = _MARK.sub("", piece)
            place += 1
            kind = kind_of(text, language, opens=place == 0)
            if kind is Kind.UNUSABLE or meets(text, patterns):
                continue
            if stems := content_stems(text, language):
                yield place, text, stems, kind is Kind.LEANING


def _is_caption(paragraph: str, pieces: Sequence[str]) -> bool:
    return len(paragraph) <= _MAX_CAPTION and any(map(is_picture_credit, pieces[1:]))


def _score(text: str, told: float, rank: int, central: float) -> float:
    value = 1.0 / (1.0 + _POSITION_STEP * rank) + _TITLE_SHARE * told + _CENTRAL_SHARE * central
    return value + _FACTS_SHARE * facts(text) - (_ATTRIBUTION_COST if is_attribution(text) else 0.0)


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


def _read(title: str, paragraphs: Sequence[str], language: str) -> tuple[list[Scored], bool]:
    """The sentences from the one on that tells the news, and whether that is behind the lead."""
    found = scored_sentences(title, paragraphs, language)
    start = _behind_the_scene(found, len(content_stems(title, language)))
    return [one for one in found if one.place >= start and not one.echoes], start > 0


def _behind_the_scene(found: Sequence[Scored], title_words: int) -> int:
    """The place where the news begins after a lead that only paints a scene; 0 where the lead tells it."""
    near = found[:_LOOKED_THROUGH]
    opening = [one for one in near if not one.leans][:_SHORT_SENTENCES]
    lead = max((one.told for one in opening), default=0.0)
    # A title is often somebody's words; that they are quoted further down says nothing about the lead.
    best = max((one for one in near if one.text[0] not in QUOTES), key=lambda one: one.told, default=None)
    if not opening or best is None or lead >= _TELLS or best.told < lead + _TELLS_MORE:
        return 0
    # A short text has no room for a scene, and one word of a longer title may stand anywhere in it.
    is_short = len(found) < _SENTENCES_OF_A_REPORT
    if is_short and title_words > _FEW_WORDS and best.told * title_words < _MIN_WORDS:
        return 0
    start = max((one.place for one in near if not one.leans and one.place <= best.place), default=best.place)
    # What leans on a sentence that leans on the scene still belongs to the scene.
    start = best.place + 1 if best.place - start > 1 else start
    return start if start != opening[0].place else 0


def news_sentences(title: str, paragraphs: Sequence[str], language: str) -> list[Scored]:
    """The usable sentences of a text from the one on that tells the news."""
    return _read(title, paragraphs, language)[0]


def opening(title: str, paragraphs: Sequence[str], language: str, limit: int) -> list[Scored]:
    """The one or two sentences that a summary of at most `limit` characters consists of."""
    return _short(*_read(title, paragraphs, language), limit)


def _short(news: Sequence[Scored], is_late: bool, limit: int) -> list[Scored]:
    best = _choose(news, limit, most=_SHORT_SENTENCES) if is_late else []
    return best or _opening(news, limit)


def _opening(news: Sequence[Scored], limit: int) -> list[Scored]:
    """The first two sentences that stand by themselves or lean on one that is chosen, as far as they fit.

    One that only says who said so comes with them. Where the second does not fit and the first is short, the best of
    the next ones that do takes its place.
    """
    chosen: list[Scored] = []
    for one in news:
        if sum(not is_attribution(each.text) for each in chosen) == _SHORT_SENTENCES:
            break
        is_loose = one.leans and not (chosen and chosen[-1].place == one.place - 1)
        if is_loose or _repeats(one, chosen):
            continue
        if _length([*chosen, one]) <= limit:
            chosen.append(one)
        elif chosen:
            return chosen + _filler(news, chosen, limit)
    return chosen


def _filler(news: Sequence[Scored], chosen: Sequence[Scored], limit: int) -> list[Scored]:
    if _length(chosen) >= _ENOUGH_LETTERS:
        return []
    fitting = [
        one
        for one in news[:_LOOKED_THROUGH]
        if one.place > chosen[-1].place
        and not one.leans
        and _length([*chosen, one]) <= limit
        and not _repeats(one, chosen)
    ]
    return [max(fitting, key=lambda one: one.score)] if fitting else []


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


def _choose(found: Sequence[Scored], limit: int, *, most: int, required: Sequence[Scored] = ()) -> list[Scored]:
    """The best sentences that fit together into the limit, in their order; more than `most` only to support one."""
    by_place = {one.place: one for one in found}
    chosen = list(required)
    best = max((one.score for one in found), default=0.0)
    for one in sorted(found, key=lambda scored: -scored.score):
        if len(chosen) >= most:
            break
        if one in chosen or (chosen and one.score < best * _MIN_OF_BEST_BESIDE) or _repeats(one, chosen):
            continue
        needed = _with_support(one, by_place, chosen)
        if needed and _length([*chosen, *needed]) <= limit:
            chosen += needed
    return sorted(chosen, key=lambda scored: scored.place)


def _line(news: Sequence[Scored], preferred: str) -> str:
    if preferred and len(preferred) <= LINE_LETTERS:
        return preferred
    best = max((one.score for one in news), default=0.0)
    fitting = [one for one in news if len(one.text) <= LINE_LETTERS and not one.leans]
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
    kinds = [kind_of(piece, language, opens=place == 0) for place, piece in enumerate(pieces)]
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
    news, is_late = _read(title, paragraphs, language)
    own = _good_teaser(title, teaser, language)
    short = own if 0 < len(own) <= SHORT_LETTERS else _joined(_short(news, is_late, SHORT_LETTERS))
    required = () if is_late else _opening(news, LONG_LETTERS)
    long = _joined(_choose(news, LONG_LETTERS, most=_MAX_SENTENCES, required=required))
    if own and not news:
        long = own
    return Summary(line=_line(news, own), short=short, long=long or short)

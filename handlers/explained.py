"""An explanation as an answer: each decision beside the figures and words that it rests on."""

from collections.abc import Iterator, Sequence

from handlers import compose
from handlers.explaining import Explanation, Neighbour, Sentence
from handlers.news import stories
from handlers.news.duplicates import BITS
from handlers.news.items import TopicScore
from handlers.news.related import Related
from handlers.reply import (
    Block,
    Heading,
    Inline,
    LanguageName,
    Listing,
    Message,
    Moment,
    Pairs,
    Paragraph,
    Points,
    Quiet,
    Reply,
    Seq,
    TimeStyle,
    _,
    n_,
)
from storage.clips import ClipView

_SHOWN_SENTENCES = 30
_SHOWN_LETTERS = 100
_LENGTHS = {"line": _("line"), "short": _("short summary"), "long": _("long summary")}


def told(found: Explanation) -> Reply:
    """The explanation as blocks, in the order in which intake decides."""
    view = found.view
    title = Heading(_("How #{number} is understood: {title}", number=str(view.id), title=view.clip.title))
    topics = _topics(found) or [_("none: too little speaks for any of them")]
    blocks: list[Block] = [title, Pairs(_about(found)), *_points(_("Topics"), topics)]
    blocks += _points(_("Taken out of the text"), _taken_out(found))
    blocks += _points(_("Sentences"), [_sentence(one) for one in found.sentences[:_SHOWN_SENTENCES]])
    rest = len(found.sentences) - _SHOWN_SENTENCES
    if rest > 0:
        blocks.append(Paragraph(n_("And {count} more sentence.", "And {count} more sentences.", rest)))
    blocks += [Heading(_("Story"), 2), Paragraph(_story(found)), *_fits(found)]
    blocks += _points(_("Most alike"), [_neighbour(each) for each in found.neighbours])
    blocks += _points(_("Related clips"), [_related(*each) for each in found.related])
    blocks += _points(_("Would be different now"), list(_different(found)))
    return Reply(tuple(blocks), clips=(view.id,))


def _points(title: Message, items: Sequence[Inline]) -> list[Block]:
    return [Heading(title, 2), Points(tuple(items))] if items else []


def _figure(value: float) -> float:
    return round(value, 2)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_LETTERS else text[: _SHOWN_LETTERS - 1].rstrip() + "…"


def _about(found: Explanation) -> tuple[tuple[Inline, Inline], ...]:
    clip, source = found.view.clip, compose.source_label(found.view.source)
    kept = LanguageName(clip.language)
    spoken = (
        kept
        if found.identified == clip.language
        else _("{kept}; {found} would be found now", kept=kept, found=LanguageName(found.identified))
    )
    return (
        (_("Source"), Seq((source, ", ", Moment(clip.published_at, TimeStyle.FULL)))),
        (_("Language"), spoken),
        (_("Compared by"), _means(found)),
        (_("Keywords"), Listing(tuple(clip.keywords)) if clip.keywords else _("none")),
    )


def _means(found: Explanation) -> Inline:
    if not found.encoder:
        return _("words alone; there is no encoder")
    if not found.has_vector:
        return _("words alone; {encoder} has made no vector of this clip", encoder=found.encoder)
    return _("words and meaning ({encoder})", encoder=found.encoder)


def _topics(found: Explanation) -> list[Inline]:
    kept = {topic.id: score for topic, score in found.view.topics}
    now = {each.topic_id: each for each in found.now.topics}
    return [_topic(found, topic_id, kept.get(topic_id), now.get(topic_id)) for topic_id in dict.fromkeys((*kept, *now))]


def _topic(found: Explanation, topic_id: str, kept: float | None, now: TopicScore | None) -> Inline:
    topic = found.topics.get(topic_id)
    name: Inline = compose.topic_label(topic) if topic is not None else topic_id
    parts: list[Inline] = [name, ": ", _score(kept, now)]
    if now is not None and now.because:
        parts += ["; ", _("because of {words}", words=Listing(now.because))]
    near = found.nearness.get(topic_id)
    if near is not None:
        parts += ["; ", _("nearness in meaning {value}", value=_figure(near))]
    return Seq(tuple(parts))


def _score(kept: float | None, now: TopicScore | None) -> Inline:
    if now is None:
        return _("{value}, not found now", value=_figure(kept or 0.0))
    if kept is None:
        return _("not kept, {value} now", value=_figure(now.score))
    if _figure(kept) == _figure(now.score):
        return _figure_of(kept)
    return _("{kept}, {value} now", kept=_figure(kept), value=_figure(now.score))


def _figure_of(value: float) -> Message:
    return _("{value}", value=_figure(value))


def _taken_out(found: Explanation) -> list[Inline]:
    notices = [_("Notice: “{words}”", words=_cut(text)) for text in found.notices]
    references = [_("Reference: “{words}”", words=_cut(row.title or row.url)) for row in found.references]
    return [*notices, *references]


def _sentence(one: Sentence) -> Inline:
    if one.scored is None:
        return Seq((_("may stand in no summary"), ": ", _cut(one.text)))
    said: list[Inline] = [Listing(tuple(_LENGTHS[length] for length in one.lengths))] if one.lengths else []
    if one.scored.leans:
        said.append(_("leans on the sentence before it"))
    if one.scored.echoes:
        said.append(_("says the title again"))
    marks: tuple[Inline, ...] = (Quiet(Seq((" (", *_between(said), ")"))),) if said else ()
    return Seq((_figure_of(one.scored.score), *marks, ": ", _cut(one.text)))


def _between(parts: Sequence[Inline]) -> Iterator[Inline]:
    for place, part in enumerate(parts):
        if place:
            yield "; "
        yield part


def _story(found: Explanation) -> Inline:
    clip = found.view.clip
    if clip.story_id is None:
        return _("It belongs to no story.")
    best = found.story_values[0] if found.story_values else (None, 0.0)
    number = str(clip.story_id)
    told = n_(
        "Story {number}, “{title}”, told by {count} source.",
        "Story {number}, “{title}”, told by {count} sources.",
        found.view.source_count,
        number=number,
        title=found.story_title,
    )
    if best[1] >= stories.JOIN_AT and best[0] != clip.story_id:
        return Seq((told, " ", _("It would join story {number} now.", number=str(best[0]))))
    return told


def _fits(found: Explanation) -> list[Block]:
    if not found.story_values:
        return [Paragraph(_("No other clip of those days is near enough to be asked."))]
    rows: list[Inline] = [
        _("story {number}: {value}", number=str(story), value=_figure(value)) for story, value in found.story_values[:5]
    ]
    return [
        Paragraph(_("How well it fits each story; at {least} or more it joins:", least=stories.JOIN_AT)),
        Points(tuple(rows)),
    ]


def _neighbour(each: Neighbour) -> Inline:
    view = each.view
    parts: list[Inline] = [_figure_of(each.likeness), ": ", _named(view)]
    if view.clip.story_id is not None:
        parts += ["; ", _("story {number}", number=str(view.clip.story_id))]
    if each.is_same_text:
        parts += ["; ", _("the same text, {bits} of {all} bits differ", bits=each.bits, all=BITS)]
    return Seq(tuple(parts))


def _named(view: ClipView) -> Inline:
    return Seq((f"#{view.id} ", _cut(view.clip.title), " (", compose.source_label(view.source), ")"))


def _related(found: Related, view: ClipView) -> Inline:
    return Seq((_figure_of(found.score), ": ", _named(view), "; ", compose.reason(found)))


def _different(found: Explanation) -> Iterator[Inline]:
    """What is kept but would be computed otherwise now; topics and language say so where they stand."""
    clip, now = found.view.clip, found.now
    if list(now.keywords) != clip.keywords:
        yield Seq((_("Keywords"), ": ", Listing(now.keywords) if now.keywords else _("none")))
    for length, name in _LENGTHS.items():
        text = getattr(now.summary, length)
        if text != getattr(found.stored, length):
            yield Seq((name, ": ", text or _("none")))
    if list(now.paragraphs) != clip.paragraphs:
        yield _("more would be taken out of the text")
    if dict(now.terms) != clip.terms or now.signature != clip.signature:
        yield _("what it is compared by")

"""Why the bot understands a stored clip as it does: everything that was decided about it, and on what grounds.

It asks the same functions that intake and answers ask, so that it can't tell another tale than they do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers import reading
from handlers.context import Services
from handlers.errors import Declined
from handlers.news import language, stories, summary
from handlers.news.duplicates import distance, is_same_text
from handlers.news.items import Analysis, Summary
from handlers.news.related import Related
from handlers.news.similarity import Candidate, Comparison
from handlers.news.summary import Scored
from handlers.news.vectors import unpack
from handlers.reply import _
from handlers.stories import StoryFinder, candidate
from storage import clips, vectors
from storage.clips import ClipView
from storage.database import Tx
from storage.tables import Reference, Topic

_SHOWN_NEIGHBOURS = 8
_LEAST_LIKENESS = 0.05


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the clip's text.

    Attributes:
        scored: None where it may stand in no summary.
        lengths: of the stored summaries those that hold it.
    """

    text: str
    scored: Scored | None
    lengths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A clip that was or would be compared.

    Attributes:
        likeness: how sure we are that both tell one event, 0..1, before time is considered.
        bits: in how many of 64 bits the fingerprints of the texts differ.
    """

    view: ClipView
    likeness: float
    bits: int
    is_same_text: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of a clip and why.

    Attributes:
        identified: the language that would be found now.
        now: what would be computed now of what is kept.
        nearness: topic → how near the clip is to it in meaning; empty without an encoder.
        topics: all topics by their id.
        story_values: story → how well the clip fits it now, best first.
        encoder: the encoder's name, "" where there is none.
        has_vector: whether that encoder's vector of the clip is kept.
    """

    view: ClipView
    identified: str
    now: Analysis
    nearness: Mapping[str, float]
    topics: Mapping[str, Topic]
    notices: Sequence[str]
    references: Sequence[Reference]
    sentences: Sequence[Sentence]
    story_title: str
    story_values: Sequence[tuple[int, float]]
    neighbours: Sequence[Neighbour]
    related: Sequence[tuple[Related, ClipView]]
    encoder: str
    has_vector: bool

    @property
    def stored(self) -> Summary:
        """The summaries as they are kept."""
        clip = self.view.clip
        return Summary(clip.summary_line, clip.summary_short, clip.summary_long)


async def explain(services: Services, clip_id: int) -> Explanation:
    """Everything that was decided about a clip.

    Raises:
        Declined: there is no such clip.
    """
    await services.intake.knows_meanings()
    async with services.db.read() as tx:
        found = await clips.views(tx, [clip_id]) if 0 < clip_id < 2**62 else []
        if not found:
            raise Declined(_("There is no clip #{number}.", number=str(clip_id)))
        view = found[0]
        compared = await _compare(tx, services, view)
        related = await reading.related_clips(tx, clip_id, nearby=services.nearby)
        shown = {each.id: each for each in await clips.views(tx, [each.clip_id for each in related])}
        return Explanation(
            view=view,
            identified=_identified(services, view),
            now=await services.intake.again(tx, view.clip),
            nearness=await services.intake.nearness_of(tx, clip_id),
            topics={topic.id: topic for topic in await clips.topics(tx)},
            notices=await clips.notices(tx, clip_id),
            references=await clips.references(tx, clip_id),
            sentences=_sentences(view),
            story_title=await clips.story_title(tx, view.clip.story_id),
            story_values=compared.values,
            neighbours=compared.neighbours,
            related=[(each, shown[each.clip_id]) for each in related if each.clip_id in shown],
            encoder=services.encoder.name if services.encoder is not None else "",
            has_vector=compared.has_vector,
        )


def _identified(services: Services, view: ClipView) -> str:
    clip = view.clip
    lead = f"{clip.title}. {' '.join(clip.paragraphs[:3]) or clip.teaser}"
    return language.identify(lead, allowed=services.desk.news_languages, stated=view.source.language)


def _sentences(view: ClipView) -> list[Sentence]:
    clip = view.clip
    scored = {one.place: one for one in summary.scored_sentences(clip.title, clip.paragraphs, clip.language)}
    told = {"line": clip.summary_line, "short": clip.summary_short, "long": clip.summary_long}
    return [
        Sentence(text, scored.get(place), tuple(length for length, words in told.items() if text in words))
        for place, text in enumerate(summary.all_sentences(clip.paragraphs, clip.language))
    ]


@dataclass(frozen=True, slots=True)
class _Compared:
    values: list[tuple[int, float]]
    neighbours: list[Neighbour]
    has_vector: bool


async def _compare(tx: Tx, services: Services, view: ClipView) -> _Compared:
    """The clip beside those that it was or would be compared with when it looked for its story."""
    model = services.encoder.name if services.encoder is not None else ""
    stored = await vectors.of_clips(tx, model, [view.id]) if model else {}
    vector = unpack(stored[view.id]) if stored else None
    # A finder of its own: that of intake may only learn what is written.
    finder = StoryFinder()
    clip = candidate(view.clip, None, vector)
    others = await finder.around(tx, clip, model)
    story = view.clip.story_id
    members = await clips.of_story(tx, story) if story is not None else []
    others += await finder.candidates(tx, set(members) - {view.id, *(other.clip_id for other in others)})
    comparison = finder.comparison()
    values = stories.neighbours(clip, others, comparison)
    return _Compared(values, await _neighbours(tx, clip, others, comparison), vector is not None)


async def _neighbours(tx: Tx, clip: Candidate, others: Sequence[Candidate], comparison: Comparison) -> list[Neighbour]:
    """The clips that are most alike, those of its text first."""
    alike = [(other, stories.similarity(clip, other, comparison)) for other in others]
    near = [pair for pair in alike if pair[1] >= _LEAST_LIKENESS or is_same_text(clip.signature, pair[0].signature)]
    near.sort(key=lambda pair: (-pair[1], pair[0].clip_id))
    del near[_SHOWN_NEIGHBOURS:]
    views = {each.id: each for each in await clips.views(tx, [other.clip_id for other, _value in near])}
    return [
        Neighbour(
            views[other.clip_id],
            value,
            distance(clip.signature, other.signature),
            is_same_text(clip.signature, other.signature),
        )
        for other, value in near
        if other.clip_id in views
    ]

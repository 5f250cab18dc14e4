"""Everything that is computed of an item once, when it is taken in, so that chat answers only read."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from handlers.news import duplicates, keywords, language, notices, sections, summary, terms
from handlers.news import topics as topic_scores
from handlers.news.items import Analysis, RawItem, RawReference, TopicDefinition

# What a hostile document may cost: the rest of it is kept as text but not looked at.
_MAX_PARAGRAPHS = 150
_MAX_LETTERS = 5_000
_MAX_TITLE = 500


def _news_of(item: RawItem, paragraphs: Sequence[str]) -> list[str]:
    """The paragraphs without a first one that only says the title again."""
    title = terms.words(item.title)
    return [text for place, text in enumerate(paragraphs) if place > 0 or terms.words(text) != title]


def _references(item: RawItem, found: Sequence[RawReference]) -> tuple[RawReference, ...]:
    return tuple(dict.fromkeys((*item.references, *found)))


def analyse(
    item: RawItem,
    *,
    allowed: Sequence[str],
    stated: str,
    repeated: Container[str],
    topics: Sequence[TopicDefinition],
    meaning: Mapping[str, float] = MappingProxyType({}),
) -> Analysis:
    """What the bot understands of an item. Pure, thread-safe, and bounded in time however long the item is.

    Args:
        item: as the source published it.
        allowed: the configured languages; the clip gets one of them.
        stated: the language that feed or source state, "" where they do not; the item's own statement goes first.
        repeated: fingerprints of the paragraphs that this source is known to repeat.
        topics: what clips are scored against; pass the same objects every time.
        meaning: topic → how near the item is to it in meaning, where an encoder is installed.
    """
    lead = f"{item.title}. {' '.join(item.paragraphs[:3]) or item.teaser}"
    tongue = language.identify(lead, allowed=allowed, stated=item.language or stated)
    split = notices.split(item.paragraphs, repeated=repeated, language=tongue)
    teased = notices.split((item.teaser,) if item.teaser else (), repeated=repeated, language=tongue)
    teaser = " ".join(teased.body)
    if not item.paragraphs:
        split = replace(teased, body=())
    news = _news_of(item, split.body)
    title = item.title[:_MAX_TITLE]
    looked_at = [text[:_MAX_LETTERS] for text in news[:_MAX_PARAGRAPHS]]
    # A feed that gives no text but a teaser is understood by its teaser.
    text = looked_at or ([teaser[:_MAX_LETTERS]] if teaser else [])
    filed = [hint for hint in (item.section, *item.categories[:10]) if hint][:11]
    return Analysis(
        language=tongue,
        paragraphs=tuple(news),
        notices=split.notices,
        references=_references(item, split.references),
        topics=topic_scores.score(
            title, text, tongue, topics, hints=filed, meaning=meaning, section=sections.topic_of(item.url)
        ),
        summary=summary.summarise(title, looked_at, tongue, teaser=teaser),
        keywords=keywords.extract(title, text, tongue),
        search=terms.search_text(title, text, tongue),
        signature=duplicates.simhash_of([word for part in (title, *text) for word in terms.words(part)]),
        terms=terms.bag(title, text, tongue),
    )

"""The records that travel through the news functions: raw items in, analysed clips out.

All are frozen values. Times are aware UTC. Text is plain text: no markup, white space folded, NFC.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RawReference:
    """A "read more on this" link inside a clip; `url` is empty where the document gives only a title."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class RawMedia:
    """A picture or video that belongs to an item.

    Attributes:
        kind: "image", "video" or "audio".
        duration_s: length in seconds, None where not stated.
    """

    kind: str
    url: str
    mime: str = ""
    duration_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """One news item as a source published it, before any analysis.

    Attributes:
        title: never empty.
        paragraphs: the text in order, references and notices still inside unless the format marks them.
        external_id: the source's own id (guid, atom:id, JSON id), "" where there is none.
        url: absolute http(s) URL of the article, "" where there is none.
        published_at: None where absent or unreadable; intake then uses its own now.
        language: BCP 47 primary tag stated by item or feed ("de"), "" where unstated.
        teaser: the publisher's own short text where it is distinct from the paragraphs.
        section: the section line of a document or a category ("Kurzclips").
        references: those that the format marks; others are still paragraphs.
        source: name of the source stated by the item itself, "" where the file does not say.
        full_text: the paragraphs of the item's own page where the feed only teases; they are what is kept, while the
            feed's own text says whether the item is known or changed.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    external_id: str = ""
    url: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str = ""
    author: str = ""
    teaser: str = ""
    section: str = ""
    categories: tuple[str, ...] = ()
    references: tuple[RawReference, ...] = ()
    media: tuple[RawMedia, ...] = ()
    source: str = ""
    full_text: tuple[str, ...] = ()


class Refused(StrEnum):
    """Why an item or a whole document was not taken; each has one sentence for a person."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    BINARY = "binary"
    NOT_UTF8 = "not_utf8"
    UNKNOWN_FORMAT = "unknown_format"
    BROKEN_JSON = "broken_json"
    BROKEN_XML = "broken_xml"
    UNSAFE_XML = "unsafe_xml"
    NO_TITLE = "no_title"
    NO_TEXT = "no_text"
    WRONG_TYPE = "wrong_type"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that was not taken.

    Attributes:
        where: line number, item number or "" for the whole document.
        detail: a few words for the operator, never more than 120 characters.
    """

    code: Refused
    where: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """What a feed says about itself.

    Attributes:
        poll_after_s: ttl, sy:updatePeriod and the like as seconds, None where unstated.
        skip_hours: UTC hours in which the feed asks not to be polled.
    """

    title: str = ""
    home_url: str = ""
    language: str = ""
    hub_url: str = ""
    self_url: str = ""
    poll_after_s: int | None = None
    skip_hours: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The outcome of reading one document: what was taken, what was not, and the feed's own facts."""

    items: tuple[RawItem, ...] = ()
    refused: tuple[Refusal, ...] = ()
    feed: FeedFacts | None = None


@dataclass(frozen=True, slots=True)
class TopicDefinition:
    """A topic as clips are scored against it.

    Attributes:
        id: "medtop:11000000" for an IPTC Media Topic, a slug ("energie") for the operator's own.
        labels: language → the label people read and type.
        terms: language → terms whose presence speaks for the topic; "*" holds terms of any language.
        unless: terms whose presence speaks against it.
    """

    id: str
    labels: dict[str, str]
    terms: dict[str, tuple[str, ...]]
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicScore:
    """How sure we are that a clip is about a topic: score in 0..1, and the terms that speak for it."""

    topic_id: str
    score: float
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """Whole sentences of the clip in their order, for three lengths; empty strings where there is none.

    Attributes:
        line: at most 120 characters.
        short: at most 280 characters.
        long: at most 700 characters.
    """

    line: str = ""
    short: str = ""
    long: str = ""


@dataclass(frozen=True, slots=True)
class SearchText:
    """What search indexes of a clip: folded stems separated by spaces, in reading order.

    Attributes:
        title: stems of the title.
        body: stems of the text without notices and references.
        compounds: folded long words (9 letters or more), each once, matched by substring.
    """

    title: str
    body: str
    compounds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Everything that is computed of an item once, when it is taken in.

    Attributes:
        paragraphs: the news itself, without references and notices.
        notices: the paragraphs that the source repeats, in order.
        signature: 64-bit simhash of the text as a signed integer, for near-duplicates.
        terms: stem → weight, the item's bag of words for related items and stories (at most 60).
    """

    language: str
    paragraphs: tuple[str, ...]
    notices: tuple[str, ...]
    references: tuple[RawReference, ...]
    topics: tuple[TopicScore, ...]
    summary: Summary
    keywords: tuple[str, ...]
    search: SearchText
    signature: int
    terms: dict[str, float]

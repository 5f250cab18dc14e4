"""What a command answers: words to be translated and a structure to be rendered, without language or markup.

Text of feeds and people is always a plain `str` and is escaped by the renderers; everything that we say ourselves is a
`Message`, which only a renderer turns into a language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Message:
    """A translatable sentence: its English text as key, with named {placeholders} for values.

    Attributes:
        plural: the English text for other counts than one; then `count` selects the form and fills {count}.
    """

    text: str
    values: Mapping[str, "Value"] = field(default_factory=dict)
    plural: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Label:
    """A name that our data carries in several languages, such as a topic's; language → text."""

    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Strong:
    """Words with emphasis."""

    content: "Inline"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Words that stand back: source lines, hints."""

    content: "Inline"


@dataclass(frozen=True, slots=True)
class Code:
    """Something to be typed exactly so."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to an http(s) address; rendered as the words alone where the address is empty."""

    content: "Inline"
    url: str


class TimeStyle(StrEnum):
    """How an instant is told: "2 hours ago", "Monday, 23 November", "07:30", or date and time."""

    AGE = "age"
    DATE = "date"
    CLOCK = "clock"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in the reader's language and time zone."""

    at: datetime
    style: TimeStyle = TimeStyle.AGE


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day in the reader's language."""

    day: date


@dataclass(frozen=True, slots=True)
class Weekday:
    """The name of a day of the week, 0 for Monday."""

    index: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Several values joined as the language joins them: "a, b and c"."""

    parts: tuple["Inline", ...]


@dataclass(frozen=True, slots=True)
class LanguageName:
    """The name of a language in the reader's own: "de" → German, Deutsch."""

    code: str


@dataclass(frozen=True, slots=True)
class CountryName:
    """The name of a country (ISO 3166-1 alpha-2) in the reader's language."""

    code: str


@dataclass(frozen=True, slots=True)
class Seq:
    """Inline parts one after the other."""

    parts: tuple["Inline", ...]


Inline = (
    str
    | Message
    | Label
    | Strong
    | Quiet
    | Code
    | Link
    | Moment
    | Day
    | Weekday
    | Listing
    | LanguageName
    | CountryName
    | Seq
)
Value = Inline | int | float


def _(text: str, **values: Value) -> Message:
    """A translatable sentence."""
    return Message(text, values)


def n_(singular: str, plural: str, count: int, **values: Value) -> Message:
    """A translatable sentence whose form depends on a count, which also fills {count}."""
    return Message(singular, values, plural, count)


@dataclass(frozen=True, slots=True)
class Action:
    """A command that a button stands for; it is checked like a typed one when it is pressed."""

    command: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Button:
    """One or two words that do something: exactly one of action, url and query is set.

    Attributes:
        query: opens inline search with these words where the platform has it.
        anchor: the emoji that stands for the button where a platform has only reactions.
    """

    label: Inline
    action: Action | None = None
    url: str = ""
    query: str | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A line above what follows; level 1 is the title of the whole answer."""

    content: Inline
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text."""

    content: Inline


@dataclass(frozen=True, slots=True)
class Quotation:
    """Somebody else's words at length, such as a source's notice."""

    content: Inline


@dataclass(frozen=True, slots=True)
class Points:
    """A short list."""

    items: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names with what they mean: commands with their help, settings with their values."""

    rows: tuple[tuple[Inline, Inline], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One clip or story in a list: headline, some sentences, and who says so and when.

    Attributes:
        number: its place in the list, 0 for a single one.
        meta: source with its label, age, clip number; joined by the renderer.
    """

    title: Inline
    url: str = ""
    body: Inline = ""
    meta: tuple[Inline, ...] = ()
    number: int = 0


Block = Heading | Paragraph | Quotation | Points | Pairs | Entry


class MediaKind(StrEnum):
    """What a medium is."""

    IMAGE = "image"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or video shown with an answer, by its public address."""

    kind: MediaKind
    url: str
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A file given to the person."""

    name: str
    content: bytes
    mime: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: blocks in order, buttons in rows.

    Attributes:
        edits: replaces the message whose button was pressed, where the platform can.
        toast: a few words shown beside the pressed button instead of a new message.
        clips: numbers of the clips shown, in order, so that a reply to the message can be understood.
        preview_url: the one link that may be shown large.
        ends: the conversation ends here (the terminal's /quit).
    """

    blocks: tuple[Block, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    media: Media | None = None
    document: Document | None = None
    toast: Message | None = None
    edits: bool = False
    clips: tuple[int, ...] = ()
    preview_url: str = ""
    ends: bool = False

    def without_pictures(self) -> "Reply":
        """The same answer in words alone."""
        return replace(self, media=None, preview_url="")

    def with_buttons(self, *rows: tuple[Button, ...]) -> "Reply":
        """The same answer with more rows of buttons below."""
        return replace(self, buttons=self.buttons + rows)


def say(*paragraphs: Inline) -> Reply:
    """An answer of plain paragraphs."""
    return Reply(tuple(Paragraph(paragraph) for paragraph in paragraphs))

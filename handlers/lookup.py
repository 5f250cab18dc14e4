"""What a person means: the topic, source or keyword of some words, and the clip of a number, link or reply."""

from dataclasses import dataclass

from handlers.reply import Inline, Label, _
from storage import clips, feeds
from storage.database import Tx
from storage.states import SubscriptionKind


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that can be listed, subscribed to or muted.

    Attributes:
        value: topic id, source slug or the keyword itself.
        source_id: the source's number, where it is one.
    """

    kind: SubscriptionKind
    value: str
    label: Inline
    source_id: int | None = None


async def find_wish(tx: Tx, words: str) -> Wish:
    """The topic of that name in any language, else the source of that name, else the words as a keyword.

    "topic:" or "source:" before the name says which of the two is meant.
    """
    folded = " ".join(words.casefold().split())
    kind, _colon, name = folded.partition(":")
    name = name.strip() if kind in {"topic", "source"} else folded
    if kind != "source":
        for topic in await clips.topics(tx):
            if name == topic.id.casefold() or name in (label.casefold() for label in topic.labels.values()):
                return Wish(SubscriptionKind.TOPIC, topic.id, Label(topic.labels))
    source = await feeds.find_source(tx, name) if kind != "topic" else None
    if source is not None:
        return Wish(SubscriptionKind.SOURCE, source.slug, source.name, source.id)
    return Wish(SubscriptionKind.KEYWORD, " ".join(words.split()), _("“{words}”", words=" ".join(words.split())))

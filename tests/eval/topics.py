"""The first topic of German news texts, beside the nearest centroid of what was learnt from the other half of them."""

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.encoders import LocalEncoder, is_local_there
from handlers.news.iptc import iptc_topics
from handlers.news.terms import content_stems
from handlers.news.topic_meaning import Meanings, texts
from handlers.news.topics import score
from handlers.news.vectors import text_of
from tests.make import at_once

TEXTS = Path(__file__).with_suffix(".toml")
_FEW_WORDS = 15


@dataclass(frozen=True, slots=True)
class Text:
    """One news text and the topic that an editor would file it under."""

    topic: str
    title: str
    text: str

    def begun(self) -> "Text":
        """The same without title, cut to its first words."""
        return Text(self.topic, "", " ".join(self.text.split()[:_FEW_WORDS]))


def halves() -> tuple[list[Text], list[Text]]:
    """What was looked at while the lexicon was written, and what was not."""
    of_topic = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    read = [[Text(topic, **one) for one in each] for topic, each in of_topic.items()]
    return [one for each in read for one in each[::2]], [one for each in read for one in each[1::2]]


def ours(found: Sequence[Text], meaning: Sequence[Mapping[str, float]] = ()) -> list[str]:
    """The first topic of each text, "" where it has none."""
    near: Sequence[Mapping[str, float]] = meaning or [{}] * len(found)
    scored = [
        score(one.title, [one.text], "de", iptc_topics(), meaning=each) for one, each in zip(found, near, strict=True)
    ]
    return [topics[0].topic_id if topics else "" for topics in scored]


def centroids(learnt: Sequence[Text], asked: Sequence[Text]) -> list[str]:
    """The topic whose learnt texts have the most words in common, weighted by how few texts have a word."""
    bags = [content_stems(f"{one.title} {one.text}", "de") for one in learnt]
    seen = Counter(word for bag in bags for word in bag)
    weight = {word: math.log(len(bags) / count) for word, count in seen.items()}
    of_topic: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one, bag in zip(learnt, bags, strict=True):
        of_topic[one.topic].update(bag)
    length = {
        topic: math.sqrt(sum((count * weight[word]) ** 2 for word, count in words.items()))
        for topic, words in of_topic.items()
    }

    def nearest(one: Text) -> str:
        bag = content_stems(f"{one.title} {one.text}", "de")
        shared = {
            topic: sum(words[word] * weight[word] ** 2 for word in bag if word in words) / length[topic]
            for topic, words in of_topic.items()
        }
        return max(shared, key=lambda topic: shared[topic])

    return [nearest(one) for one in asked]


def accuracy(first: Sequence[str], true: Sequence[Text]) -> float:
    """The share of texts whose first topic is the right one."""
    return round(sum(topic == one.topic for topic, one in zip(first, true, strict=True)) / len(true), 3)


async def rows() -> list[tuple[str, str, float]]:
    """Set, method, share of first topics that are right."""
    tuned, held = halves()
    begun = [one.begun() for one in held]
    sets = {"title and text": held, f"first {_FEW_WORDS} words": begun}
    found = []
    for name, asked in sets.items():
        found += [
            (name, "words", accuracy(ours(asked), asked)),
            (name, "nearest centroid", accuracy(centroids(tuned, asked), asked)),
        ]
        if is_local_there():
            encoder = LocalEncoder(at_once)
            prototypes = await encoder.encode(texts())
            vectors = await encoder.encode([text_of(one.title, [one.text]) for one in asked])
            if prototypes is not None and vectors is not None:
                meanings = Meanings.of(prototypes)
                near = [meanings.nearness(vector) for vector in vectors]
                found.append((name, "words and meaning", accuracy(ours(asked, near), asked)))
    return found

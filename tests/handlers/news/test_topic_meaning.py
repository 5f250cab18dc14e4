"""Topics by meaning: what no word of the lexicon tells, the prototypes do, and nonsense stays without a topic."""

import pytest

from bot.encoders import LocalEncoder
from handlers.news import topic_meaning, topics
from handlers.news.iptc import iptc_topics
from handlers.news.topic_meaning import Meanings
from handlers.news.vectors import text_of
from tests.make import at_once

SPORT, DISASTER, ANIMALS = "medtop:15000000", "medtop:03000000", "medtop:08000000"


@pytest.fixture(scope="module")
def encoder() -> LocalEncoder:
    return LocalEncoder(at_once)


async def first(encoder: LocalEncoder, title: str, text: str, language: str = "de") -> str:
    prototypes = await encoder.encode(topic_meaning.texts())
    row = await encoder.encode([text_of(title, [text])])
    assert prototypes is not None
    assert row is not None
    meaning = Meanings.of(prototypes).nearness(row[0])
    found = topics.score(title, [text], language, iptc_topics(), meaning=meaning)
    return found[0].topic_id if found else ""


def test_every_topic_has_prototypes_and_no_other_has() -> None:
    assert set(topic_meaning.prototypes()) == {topic.id for topic in iptc_topics()}
    assert all(len(texts) >= 8 for texts in topic_meaning.prototypes().values())


async def test_meanings_that_come_with_the_program_are_those_of_the_prototypes(encoder: LocalEncoder) -> None:
    shipped = Meanings.shipped(encoder.name)
    assert shipped is not None
    for topic, texts in topic_meaning.prototypes().items():
        made = await encoder.encode([texts[0], texts[-1]])
        assert made is not None
        kept = shipped.vectors[topic]
        assert (made * kept[[0, len(texts) - 1]]).sum(axis=1).min() > 0.999


def test_no_meanings_come_with_the_program_for_other_models() -> None:
    assert Meanings.shipped("other") is None


@pytest.mark.parametrize(
    ("title", "text", "topic"),
    [
        ("Ausgebüxtes Känguru narrt die Stadt", "Drei Tage hüpfte es durch Gärten, dann half eine Möhre.", ANIMALS),
        ("Sie graben mit bloßen Händen", "Unter dem eingebrochenen Dach sind noch Stimmen zu hören.", DISASTER),
        ("Zweimal Matchball abgewehrt, dann jubelt sie", "Nach drei Sätzen sank die Favoritin auf die Knie.", SPORT),
    ],
)  # fmt: skip
async def test_what_no_word_tells_is_told_by_meaning(encoder: LocalEncoder, title: str, text: str, topic: str) -> None:
    assert await first(encoder, title, text) == topic


@pytest.mark.parametrize(
    "text",
    [
        "Lorem ipsum dolor sit amet, consetetur sadipscing elitr, sed diam nonumy.",
        "Anna, Bernd, Carla, Dieter, Emil.",
        "",
    ],
)
async def test_nonsense_has_no_topic(encoder: LocalEncoder, text: str) -> None:
    assert await first(encoder, "Lorem ipsum", text) == ""

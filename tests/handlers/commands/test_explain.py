"""/explain: every decision about a clip with its grounds, and what would be decided otherwise now."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from sqlmodel import col, update

from handlers.context import Services
from handlers.intake import Intake
from handlers.ports import Vectors
from handlers.request import Person
from storage.database import Database
from storage.tables import Clip
from tests import make
from tests.dialogue import Talk

OPERATOR = Person("1", "Olga", language="en", is_operator=True)
TEXT = (
    "Der Kühlturm des Kernkraftwerks Mehlingen ist am Mittag gesprengt worden.",
    "Er war fast 160 Meter hoch und stand seit Jahren leer. Wer sah zu?"
    " Der Betreiber will den Strom der Sonne auf dem Gelände speichern.",
)


class Encoder:
    """Gives each text a vector of its own."""

    name = "fake-encoder"

    async def encode(self, texts: Sequence[str]) -> Vectors | None:
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") for text in texts]
        rows = np.stack([np.random.default_rng(seed).normal(size=16) for seed in seeds])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def operator(talk: Talk) -> Talk:
    return talk.beside(OPERATOR)


async def take_in(services: Services, db: Database, *items: tuple[str, ...], slug: str = "bote") -> None:
    async with db.write() as tx:
        source = await make.source(tx, slug)
    raws = [make.item(*texts, hours=place + 1) for place, texts in enumerate(items)]
    await services.intake.take_in(raws, source=source, now=make.NOW)


async def test_it_is_for_the_operator_only(talk: Talk) -> None:
    await talk.says("/explain 1")
    talk.hears("Only the operator")


async def test_unknown_number_is_one_sentence(operator: Talk) -> None:
    await operator.says("/explain 77")
    assert operator.heard == "There is no clip #77."


async def test_each_decision_is_told_with_its_grounds(operator: Talk, services: Services, db: Database) -> None:
    await take_in(services, db, ("Kernkraftwerk Mehlingen: Kühlturm ist gefallen", *TEXT))
    await take_in(services, db, ("Mehlingen: Kühlturm des Kernkraftwerks gesprengt", *TEXT), slug="welle")
    await operator.says("/explain 1")
    operator.hears(
        "How #1 is understood: Kernkraftwerk Mehlingen",
        "Language – German",
        "Compared by – words alone; there is no encoder",
        "Keywords – ",
        "Topics",
        "because of",
        "Sentences",
        "short summary and long summary): Der Kühlturm des Kernkraftwerks Mehlingen",
        "leans on the sentence before it): Er war fast 160 Meter hoch",
        "may stand in no summary: Wer sah zu?",
        "Story 1, “",
        "told by 2 sources.",
        "at 0.24 or more it joins:",
        "• story 1: 1.00",
        "Most alike",
        "1.00: #2 Mehlingen: Kühlturm des Kernkraftwerks gesprengt (Welle); story 1; the same text,",
        "Related clips",
        "1.00: #2",
        "same story",
    )
    operator.hears_not("Would be different now")


async def test_notices_and_references_are_named_as_taken_out(operator: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        await make.clip(tx, bote, references=(make.reference("Rückbau dauert"),), notices=("Alle Rechte vorbehalten.",))
    await operator.says("/explain 1")
    operator.hears("Taken out", "Notice: “Alle Rechte vorbehalten.”", "Reference: “Rückbau dauert”", "no story")


async def test_what_was_kept_otherwise_than_it_would_be_now_is_said(
    operator: Talk, services: Services, db: Database
) -> None:
    await take_in(services, db, ("Kernkraftwerk Mehlingen: Kühlturm ist gefallen", *TEXT))
    async with db.write() as tx:
        await tx.exec(
            update(Clip).where(col(Clip.id) == 1).values(language="en", summary_line="Alt.", keywords=["Husum"])
        )
    await operator.says("/explain 1")
    operator.hears("English; German would be found now", "Would be different now", "Keywords: ", "line: Der Kühlturm")


async def test_topic_that_is_kept_but_not_found_any_more_is_said_to_be_so(operator: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "Die Orgel in Husum", topics={"medtop:15000000": 0.8})
    await operator.says("/explain 1")
    operator.hears("sport: 0.80, not found now")


async def test_with_an_encoder_nearness_in_meaning_stands_beside_the_words(
    operator: Talk, services: Services, db: Database
) -> None:
    encoder = Encoder()
    with_meaning = replace(services, encoder=encoder, intake=Intake(db, services.desk, make.at_once, encoder))
    await take_in(with_meaning, db, ("Kernkraftwerk Mehlingen: Kühlturm ist gefallen", *TEXT))
    fresh = replace(with_meaning, intake=Intake(db, services.desk, make.at_once, encoder))
    talk = Talk(fresh, operator.clock, OPERATOR)
    await talk.says("/explain 1")
    talk.hears("Compared by – words and meaning (fake-encoder)", "nearness in meaning")
    talk.hears_not("not found now", "Would be different now")


async def test_clip_that_the_encoder_has_not_seen_is_told_so(operator: Talk, services: Services, db: Database) -> None:
    await take_in(services, db, ("Kernkraftwerk Mehlingen: Kühlturm ist gefallen", *TEXT))
    encoder = Encoder()
    later = replace(services, encoder=encoder, intake=Intake(db, services.desk, make.at_once, encoder))
    talk = Talk(later, operator.clock, OPERATOR)
    await talk.says("/explain 1")
    talk.hears("words alone; fake-encoder has made no vector of this clip")


async def test_nothing_of_the_demo_news_would_be_decided_otherwise_now(demo_talk: Talk) -> None:
    operator = demo_talk.beside(OPERATOR)
    for number in range(1, 20):
        await operator.says(f"/explain {number}")
        operator.hears(f"How #{number} is understood")
        operator.hears_not("not found now", "Would be different now", "would be found now")

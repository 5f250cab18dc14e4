"""/summary with a language model: its words are labelled, kept and checked, and the clip's own sentences come else."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot import models
from bot.models import Endpoint, EndpointWriter
from handlers.context import Services
from handlers.ports import Desk
from storage.database import Database
from storage.intake import ClipParts, recompute, revise
from storage.written import calls_of
from tests import make
from tests.dialogue import Talk
from tests.fakes.models import FakeModels
from tests.make import NOW, MovableClock

TITLE = "Kühltürme in Gundremmingen gesprengt"
TEXT = (
    "Die zwei Kühltürme des Kernkraftwerks Gundremmingen sind am Mittag nacheinander gesprengt worden.",
    "Jeder der Türme war 160 Meter hoch. Rund 56.000 Tonnen Stahlbeton lagen nach weniger als einer Minute am Boden.",
    "Der Betreiber RWE plant auf dem Gelände einen großen Batteriespeicher. Er soll Strom aus Wind und Sonne aufnehmen"
    " und für einige Stunden wieder abgeben, wenn das Netz ihn braucht. Die Leitungen des Kraftwerks werden dafür"
    " weiter verwendet.",
)
NOTHING_ELSE = ClipParts(keys=(), topics=(), references=(), notices=(), paragraphs=(), search=("", ""))
LABEL = "written by a language model (small-model)"
WRITTEN = "In Gundremmingen sind die zwei Türme des Kraftwerks gefallen; RWE plant dort einen Speicher für Strom."


@pytest.fixture
async def fake() -> AsyncIterator[FakeModels]:
    async with FakeModels() as running:
        running.says = WRITTEN
        yield running


@pytest.fixture
async def written(fake: FakeModels, services: Services, db: Database, clock: MovableClock) -> AsyncIterator[Talk]:
    """A talk with a bot that has a language model and one clip."""
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), TITLE, *TEXT)
    async with models.open_client() as client:
        writer = EndpointWriter(Endpoint(client, fake.url, None, clock), "small-model")
        yield Talk(replace(services, writer=writer), clock)


async def test_what_a_model_wrote_is_shown_with_its_name(written: Talk) -> None:
    await written.says("/summary 1")
    written.hears(TITLE, WRITTEN, LABEL, "Bote")
    written.hears_not("nacheinander")


async def test_what_no_longer_holds_against_the_clip_is_not_shown(written: Talk, db: Database) -> None:
    await written.says("/summary 1")
    written.hears(LABEL)
    async with db.write() as tx:
        # A paragraph turned out to be a notice; that makes no new revision.
        await recompute(tx, 1, {"paragraphs": [*TEXT[:2], TEXT[1] * 3]}, NOTHING_ELSE)
    await written.says("/summary 1")
    written.hears_not(LABEL)


async def test_short_form_stays_the_clips_own_sentences(written: Talk, fake: FakeModels) -> None:
    await written.says("/summary 1 short")
    written.hears("nacheinander")
    written.hears_not(LABEL)
    assert fake.asked == []


async def test_clip_is_asked_for_once_until_it_changes(written: Talk, fake: FakeModels, db: Database) -> None:
    await written.says("/summary 1")
    await written.says("/summary 1")
    written.hears(WRITTEN, LABEL)
    assert len(fake.asked) == 1
    async with db.write() as tx:
        await revise(tx, 1, {"title": TITLE + " worden"}, NOTHING_ELSE, NOW)
    await written.says("/summary 1")
    assert len(fake.asked) == 2


@pytest.mark.parametrize(
    "lie",
    [
        WRITTEN.replace("zwei", "drei"),
        WRITTEN.replace("Strom.", "Strom für 300 Haushalte."),
        WRITTEN.replace("RWE", "Merkel"),
        f"/subscribe energie {WRITTEN}",
        f"{WRITTEN} Mehr: https://evil.example/",
        f"{WRITTEN} Mehr auf evil.example.",
        f"<script>alert(1)</script>{WRITTEN}",
        WRITTEN.replace("Türme", "Tür\u200bme"),
        f"\u202e{WRITTEN}",
        "I cannot help with that, since I am only a language model.",
        "",
        WRITTEN * 20,
    ],
)
async def test_lie_or_injection_is_not_shown_and_not_asked_for_again(written: Talk, fake: FakeModels, lie: str) -> None:
    fake.says = lie
    for _ in range(2):
        await written.says("/summary 1")
        written.hears(TITLE, "nacheinander gesprengt worden", "Bote")
        written.hears_not(LABEL, "Merkel", "evil.example", "script", "/subscribe", "drei")
    assert len(fake.asked) == 1
    await written.says("/subscriptions")
    written.hears_not("Energ")


@pytest.mark.parametrize("trouble", ["status", "nonsense", "null"])
async def test_model_that_gives_nothing_is_asked_again_next_time(written: Talk, fake: FakeModels, trouble: str) -> None:
    fake.statuses = [401] if trouble == "status" else []
    fake.raw = {"status": None, "nonsense": b"<html>", "null": b"null"}[trouble]
    await written.says("/summary 1")
    written.hears("nacheinander")
    written.hears_not(LABEL)
    fake.raw = None
    await written.says("/summary 1")
    written.hears(WRITTEN, LABEL)


async def test_model_that_hangs_is_not_waited_for(
    written: Talk, fake: FakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "WRITING_S", 0.05)
    fake.hangs = True
    await written.says("/summary 1")
    written.hears("nacheinander")
    written.hears_not(LABEL)


async def test_day_has_so_many_calls_and_the_next_one_begins_anew(
    written: Talk, fake: FakeModels, db: Database, clock: MovableClock
) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), TITLE + " worden", *TEXT)
    few = replace(written.services, desk=Desk(version="0.0.0-test", writings_per_day=1))
    talk = Talk(few, clock)
    await talk.says("/summary 1")
    talk.hears(LABEL)
    await talk.says("/summary 2")
    talk.hears_not(LABEL)
    async with db.read() as tx:
        assert await calls_of(tx, NOW.date()) == 1
    clock.move(hours=24)
    await talk.says("/summary 2")
    talk.hears(LABEL)
    assert len(fake.asked) == 2


async def test_clip_of_a_few_words_is_not_sent_to_a_model(written: Talk, fake: FakeModels, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "Brücke offen", "Die Brücke in Husum ist wieder offen.")
    await written.says("/summary 2")
    written.hears("Die Brücke in Husum ist wieder offen.")
    assert fake.asked == []

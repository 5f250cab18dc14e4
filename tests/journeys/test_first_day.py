"""From an empty folder to the digest that is there at 07:30 in Berlin, once, and not again the next day."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import running, seeds
from bot.app import Core, open_core
from bot.config import Settings
from bot.jobs.scheduler import Jobs
from handlers.news.items import RawItem
from storage import feeds
from tests.fakes.telegram import FakeTelegram, Message, Person
from tests.make import MovableClock

# The evening before: 20:00 in Berlin is 19:00 UTC in winter.
EVENING = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)


@pytest.fixture
def evening() -> MovableClock:
    return MovableClock(EVENING)


@asynccontextmanager
async def bot(folder: Path, fake: FakeTelegram, clock: MovableClock) -> AsyncIterator[tuple[Core, Jobs]]:
    """The whole bot as `kurzclips run` builds it, but for the polling of real publishers."""
    settings = Settings.model_validate(
        {
            "database_url": f"sqlite:///{folder / 'data' / 'kurzclips.db'}",
            "telegram_token": "1:A",
            "telegram_api_url": fake.api_url,
        }
    )
    async with open_core(settings, clock) as core, running.open_platforms(core, polls=False) as jobs:
        yield core, jobs


def digests(messages: list[Message]) -> list[Message]:
    return [message for message in messages if "Ihr Überblick" in message.text]


async def subscribes(anna: Person) -> None:
    """A first talk: a greeting, the news, one of them in short, and a subscription."""
    await anna.says("/start")
    assert "Guten Tag" in (await anna.hears()).text
    await anna.says("/latest")
    latest = await anna.hears()
    assert "Kernkraftwerk Gundremmingen" in latest.text
    await anna.presses(latest, "1")
    assert "Rückbau" in (await anna.hears()).text
    await anna.says("/subscribe energie 07:30")
    told = (await anna.hears()).text
    assert "täglich um 07:30" in told
    assert "07:30 (Zeitzone Europe/Berlin)" in told


async def test_digest_arrives_at_half_past_seven_once_and_is_not_repeated_the_next_day(
    tmp_path: Path, evening: MovableClock
) -> None:
    clock = evening
    async with FakeTelegram() as fake:
        anna = fake.user("Anna", language_code="de")
        async with bot(tmp_path, fake, clock) as (core, jobs):
            await seeds.load(core.db, core.intake, clock())
            await subscribes(anna)

            clock.move_to(MORNING - timedelta(minutes=1))
            await jobs.run_once()
            assert digests(anna.messages) == []

            clock.move_to(MORNING)
            await jobs.run_once()
            await jobs.run_once()
            (digest,) = digests(anna.messages)
            assert "Mittwoch, 25. November 2026, 07:30" in digest.text
            assert "Energie" in digest.text
            told = set(digest.links.values())
            assert told

        # The program is stopped overnight and started again: the memory is in the database.
        async with bot(tmp_path, fake, clock) as (core, jobs):
            async with core.db.write() as tx:
                source = await feeds.find_source(tx, "demo-energie")
            assert source is not None
            fresh = RawItem(
                title="Windpark vor Borkum liefert ersten Strom",
                paragraphs=("Der neue Windpark vor Borkum liefert seit dem Morgen Strom in das Stromnetz.",),
                external_id="windpark-borkum",
                published_at=MORNING + timedelta(hours=20),
            )
            clock.move_to(MORNING + timedelta(hours=20))
            await core.intake.take_in([fresh], source=source, now=clock())
            clock.move_to(MORNING + timedelta(days=1))
            await jobs.run_once()
            both = digests(anna.messages)
            assert len(both) == 2
            assert "Windpark vor Borkum" in both[1].text
            assert told.isdisjoint(both[1].links.values())
        assert fake.complaints == []


async def test_digest_that_was_due_while_the_bot_was_down_comes_late_and_once(
    tmp_path: Path, evening: MovableClock
) -> None:
    clock = evening
    async with FakeTelegram() as fake:
        anna = fake.user("Anna", language_code="de")
        async with bot(tmp_path, fake, clock) as (core, _jobs):
            await seeds.load(core.db, core.intake, clock())
            await anna.says("/subscribe energie 07:30")
            await anna.hears()
        clock.move_to(MORNING + timedelta(hours=3))
        async with bot(tmp_path, fake, clock) as (core, jobs):
            await jobs.run_once()
            await jobs.run_once()
            (digest,) = digests(anna.messages)
            assert "07:30" in digest.text
        assert fake.complaints == []


async def test_inline_search_finds_and_sends_a_clip(tmp_path: Path, evening: MovableClock) -> None:
    async with FakeTelegram() as fake:
        anna = fake.user("Anna", language_code="de", is_started=True)
        async with bot(tmp_path, fake, evening) as (core, _jobs):
            await seeds.load(core.db, core.intake, evening())
            found = await anna.inline("kernkr")
            assert len(found.results) >= 5
            sent = await anna.chooses(found.results[0])
            assert sent.text
            for odd in ("", "   ", "e", "🙂", "x" * 256, 'topic:nirgendwo "', "* -"):
                await anna.inline(odd)
        assert fake.complaints == []

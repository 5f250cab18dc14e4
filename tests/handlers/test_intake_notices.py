"""Notices as a source's clips come in: learnt although a date or a name in them changes, and gone from what is told."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import seeds
from bot.app import offload
from handlers.intake import Intake
from handlers.news.items import RawItem
from handlers.ports import Desk
from storage import clips
from storage.database import Database
from tests import make

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(f"sqlite:///{tmp_path / 'k.db'}") as opened:
        await seeds.ensure_topics(opened)
        yield opened


async def _taken_in(db: Database, *items: RawItem) -> list[tuple[list[str], list[str], str]]:
    """Paragraphs, notices and short summary of each item, taken in one after the other from one source."""
    async with db.write() as tx:
        source = await make.source(tx)
    intake = Intake(db, Desk(), offload)
    ids = [(await intake.take_in([item], source=source, now=NOW)).clip_ids[0] for item in items]
    async with db.read() as tx:
        views = await clips.views(tx, ids)
        return [(view.clip.paragraphs, await clips.notices(tx, view.id), view.clip.summary_short) for view in views]


def _item(town: str, closing: str) -> RawItem:
    news = f"In {town} ist die Brücke über den Fluss seit Montag wieder für alle Fahrzeuge offen."
    return RawItem(title=f"{town}: Brücke wieder frei", paragraphs=(news, closing), url=f"https://bote.example/{town}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Diesen Text hat unser Reporter Jan Muster am 3. März um 14:05 Uhr aus Lübeck in den Rechner getippt.",
            "Diesen Text hat unser Reporter Kai Beispiel am 28. Mai um 9:40 Uhr aus Husum in den Rechner getippt.",
        ),
        (
            "Die Folge 12 der Serie ist am Dienstag im Programm zu hören und danach noch zwei Wochen im Netz.",
            "Die Folge 13 der Serie ist am Freitag im Programm zu hören und danach noch zwei Wochen im Netz.",
        ),
    ],
)
async def test_closing_line_with_another_date_is_learnt_from_two_clips(db: Database, one: str, other: str) -> None:
    first, second = await _taken_in(db, _item("Lübeck", one), _item("Husum", other))
    for paragraphs, notices, summary in (first, second):
        assert len(paragraphs) == 1
        assert len(notices) == 1
        assert summary == paragraphs[0]


async def test_market_report_with_other_numbers_stays_news(db: Database) -> None:
    one = "Der Dax schloss am Montag mit einem Plus von 0,4 Prozent bei 15.000 Punkten und damit etwas fester."
    other = "Der Dax schloss am Dienstag mit einem Plus von 0,9 Prozent bei 15.100 Punkten und damit etwas fester."
    for paragraphs, notices, _ in await _taken_in(db, _item("Lübeck", one), _item("Husum", other)):
        assert len(paragraphs) == 2
        assert notices == []

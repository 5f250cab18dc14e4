"""A whole evening with the demo news, as pages that can be looked at; no call of it is refused."""

from html import escape
from pathlib import Path

import pytest

from tests.fakes.telegram import FakeTelegram
from tests.journeys import look

BEGINNINGS = {"de": ("Guten Tag.", "Ihr Überblick · Mittwoch"), "en": ("Good day.", "Your overview · Wednesday")}


@pytest.mark.parametrize("language", list(BEGINNINGS))
async def test_an_evening_and_the_digest_of_the_next_morning_are_shown(tmp_path: Path, language: str) -> None:
    shown = {name.partition("-")[0]: page for name, page in (await look.talk(tmp_path, language)).items()}
    assert set(shown) == {"Anna", *look.SCENES}
    assert all('<div class="k">' in page for page in shown.values())
    page = shown["Anna"]
    for words in BEGINNINGS[language]:
        assert escape(words, quote=False) in page
    assert page.count('<div class="k">') > 50
    assert page.count('<div class="i">') > 20
    assert '<div class="t' in page


async def test_markup_of_what_people_say_stays_text(tmp_path: Path) -> None:
    async with FakeTelegram() as fake:
        await fake.user("<i>Anna</i>").says("<script>alert(1)</script>")
        (page,) = look.pages(fake).values()
    assert "<script>alert" not in page
    assert "<i>Anna" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

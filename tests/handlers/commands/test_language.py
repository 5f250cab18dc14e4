"""/language: by code, by name, by button; the answer is in the new language."""

import pytest

from storage import chats
from storage.database import Database
from tests.dialogue import Talk


@pytest.mark.parametrize("name", ["de", "DE", "de-AT", "de_CH", "Deutsch", "German"])
async def test_language_is_changed_and_the_answer_speaks_it(talk: Talk, db: Database, name: str) -> None:
    await talk.says(f"/language {name}")
    assert talk.answer is not None
    assert talk.answer.language == "de"
    async with db.read() as tx:
        chat = await chats.get(tx, 1)
    assert chat is not None
    assert chat.language == "de"


async def test_nothing_named_shows_the_languages_as_buttons(talk: Talk) -> None:
    await talk.through(("/language", "I speak English here."), ("[German]", "Deutsch"))


@pytest.mark.parametrize("name", ["xx", "klingon", "../../etc", "<b>"])
async def test_unknown_language_is_refused_with_those_there_are(talk: Talk, name: str) -> None:
    await talk.says(f"/language {name}")
    talk.hears(f"I do not speak “{name}”. I speak German and English.")

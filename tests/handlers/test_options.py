"""What a chat chose holds for every answer: pictures or none, all languages or its own."""

from storage.database import Database
from tests import make
from tests.dialogue import Talk


async def test_pictures_come_until_they_are_switched_off(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        number = await make.clip(tx, bote, "Fähre fährt wieder", image_url="https://bote.example/faehre.jpg")
    await talk.says(f"/summary {number}")
    talk.hears("https://bote.example/faehre.jpg")
    await talk.says("/settings pictures off")
    await talk.says(f"/summary {number}")
    talk.hears_not("faehre.jpg")


async def test_news_in_other_languages_go_when_only_the_own_is_wanted(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        await make.clip(tx, bote, "Windpark liefert Strom", topics={"energie": 0.9})
        await make.clip(tx, bote, "Wind farm delivers power", language="en", topics={"energie": 0.9})
    await talk.says("/subscribe energie")
    await talk.says("/latest")
    talk.hears("Windpark liefert Strom")
    await talk.says("/settings news mine")
    await talk.says("/latest")
    talk.hears("Wind farm")
    talk.hears_not("Windpark")
    await talk.says("/digest")
    talk.hears("Wind farm")
    talk.hears_not("Windpark")

"""/clip: the whole text, who published it, what it refers to, and the notice only on request."""

import pytest

from storage.database import Database
from tests import make
from tests.dialogue import Talk

NOTICE = "Teilen Sie diese Meldung, wenn sie Ihnen gefallen hat."


async def test_clip_is_shown_in_paragraphs_with_publisher_time_and_topics(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        source = await make.source(
            tx, "rt", name="RT DE", ownership="state_controlled", owner="TV-Novosti", country="RU"
        )
        await make.clip(
            tx, source, "Moskau plant Rechenzentren", "Erster Absatz.", "Zweiter Absatz.", topics={"ki": 0.9}
        )
    await talk.says("/clip 1")
    talk.hears(
        "Moskau plant Rechenzentren",
        "\n\nErster Absatz.\n\nZweiter Absatz.\n\n",
        "RT DE (state-controlled) · TV-Novosti · Russia · 24 November, 07:30",
        "Topics: AI",
    )


async def test_reference_names_the_clip_that_it_leads_to(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        target = await make.clip(tx, bote, "Netzausbau: Zwei Trassen früher fertig")
        references = (
            make.reference("Netzausbau: Zwei Trassen früher fertig"),
            make.reference("Anderswo erschienen", "https://anderswo.example/1"),
        )
        await make.clip(tx, bote, "Strompreise sinken", references=references)
    await talk.says("/clip 2")
    talk.hears(
        "Read more",
        f"• Netzausbau: Zwei Trassen früher fertig (#{target})",
        "• Anderswo erschienen <https://anderswo.example/1>",
    )


async def test_notice_is_kept_apart_and_shown_on_request(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx, name="Der Bote"), notices=(NOTICE,))
    await talk.says("/clip 1")
    talk.hears_not(NOTICE)
    await talk.presses("Notice of the source")
    talk.hears("What Der Bote writes under its clips:", f"> {NOTICE}")
    await talk.through(("/clip 1 Hinweis", NOTICE))


async def test_video_and_picture_come_with_the_clip(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        await make.clip(tx, bote, "Mit Bild", image_url="https://bote.example/b.jpg")
        await make.clip(tx, bote, "Mit Film", video_url="https://bote.example/f.mp4", video_s=40)
    await talk.through(("/clip 1", "<image https://bote.example/b.jpg>"), ("/clip 2", "<video "))


async def test_markup_and_direction_marks_of_a_title_stay_harmless_words(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "<b>&*_[]() \u202eabc\u202c {name}")
    talk.hears(await talk.says("/clip 1"), "")
    talk.hears("<b>&*_[]() abc {name}")


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("/clip 999999", "There is no clip #999999."),
        ("/clip 99999999999999999999", "“99999999999999999999” is neither a clip number nor a link."),
        ("/clip 0", "There is no clip #0."),
        ("/clip -1", "“-1” is neither a clip number nor a link."),
        ("/clip ½", "“½” is neither a clip number nor a link."),
        ("/clip", "Which clip? Write its number (/clip 1)"),
        ("/clip 1 2 3", "I do not understand “2” here."),
        ("/clip 1 notice", "There is no clip #1."),
    ],
)
async def test_odd_argument_gets_one_clear_sentence(talk: Talk, said: str, answered: str) -> None:
    assert answered in await talk.says(said)


async def test_clip_without_notice_says_so(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx))
    await talk.through(("/clip 1 notice", "The source repeats no notice under this clip."))

"""/subscribe: a topic, source or keyword, at a time, on some days, or at once."""

from datetime import timedelta

import pytest

from handlers.subscribing import MAX_SUBSCRIPTIONS
from storage import subscriptions
from storage.database import Database
from tests import make
from tests.dialogue import Talk
from tests.make import NOW


async def rows(db: Database) -> list[tuple[str, str, str, str]]:
    """What chat 1 follows: kind, value, time, days."""
    async with db.read() as tx:
        found = await subscriptions.of_chat(tx, 1)
    return [(row.kind, row.value, *((slot.at_local, slot.days) if slot else ("now", ""))) for row, slot in found]


@pytest.mark.parametrize(
    ("said", "row", "answer"),
    [
        ("/subscribe energie 07:45", ("topic", "energie", "07:45", "1111111"), "Energy now comes every day at 07:45."),
        ("/subscribe Energy", ("topic", "energie", "07:30", "1111111"), "Energy now comes every day at 07:30."),
        ("/subscribe ki 6.15 weekdays", ("topic", "ki", "06:15", "1111100"), "AI now comes on weekdays at 06:15."),
        ("/subscribe ki 18:00 mo,fr", ("topic", "ki", "18:00", "1000100"), "on Monday and Friday at 18:00."),
        ('/subscribe "Kernkraft" 18:00 weekend', ("keyword", "Kernkraft", "18:00", "0000011"), "at the weekend"),
        ("/subscribe kleine reaktoren 18:00", ("keyword", "kleine reaktoren", "18:00", "1111111"), "every day"),
        ("/subscribe Der Bote 12:00", ("source", "bote", "12:00", "1111111"), "Der Bote now comes every day"),
        ('/subscribe "Tsunami" now', ("keyword", "Tsunami", "now", ""), "comes at once from now on, at most 3 times"),
    ],
)
async def test_what_is_followed_is_kept_and_said(
    talk: Talk, db: Database, said: str, row: tuple[str, str, str, str], answer: str
) -> None:
    async with db.write() as tx:
        await make.source(tx, "bote", name="Der Bote")
    await talk.says(said)
    talk.hears(answer)
    assert await rows(db) == [row]


async def test_answer_says_when_the_next_digest_comes_and_in_which_zone(talk: Talk) -> None:
    await talk.says("/subscribe energie 09:00")
    talk.hears("Next digest: today, 09:00 (time zone Europe/Berlin).")
    await talk.says("/subscribe energie 07:30")
    talk.hears("Next digest: tomorrow, 07:30")
    await talk.says("/subscribe energie 07:30 fri")
    talk.hears("Next digest: Friday, 27 November 2026, 07:30")


async def test_answer_shows_the_newest_clip_that_would_have_come(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        await make.clip(tx, bote, "Das Kernkraftwerk ist fertig", topics={"energie": 0.9}, hours=5)
        await make.clip(tx, bote, "Der Hafen ist voll", hours=1)
    for wish in ("energie", "Kernkraft"):
        await talk.says(f"/subscribe {wish}")
        talk.hears("The newest on this", "Das Kernkraftwerk ist fertig")
        talk.hears_not("Hafen")


async def test_word_that_is_no_topic_becomes_a_keyword_and_the_answer_says_so(talk: Talk) -> None:
    await talk.says("/subscribe Kernkraft")
    talk.hears("none of the topics, so I look for the words themselves")
    await talk.says("/subscribe energie")
    talk.hears_not("none of the topics")


async def test_second_wish_without_a_time_joins_the_first_digest(talk: Talk, db: Database) -> None:
    await talk.through(("/subscribe energie 06:45 weekdays", "06:45"), ("/subscribe ki", "on weekdays at 06:45"))
    async with db.read() as tx:
        assert len(await subscriptions.schedules(tx, 1)) == 1


async def test_one_topic_at_several_times_a_day_is_several_digests(talk: Talk, db: Database) -> None:
    await talk.through(("/subscribe energie 07:30", "07:30"), ("/subscribe energie 18:00", "18:00"))
    assert [row[2] for row in await rows(db)] == ["07:30", "18:00"]


async def test_same_wish_twice_is_kept_once_and_the_answer_says_so(talk: Talk, db: Database) -> None:
    await talk.through(
        ("/subscribe energie 07:30", "now comes"),
        ("/subscribe energie 07:30", "Energy comes every day at 07:30 already."),
        ("/subscribe energie now", "at once from now on"),
        ("/subscribe energie now", "Energy comes at once already."),
    )
    assert len(await rows(db)) == 2


async def test_nothing_named_offers_topics_as_buttons_that_subscribe(talk: Talk, db: Database) -> None:
    await talk.says("/subscribe")
    talk.hears("What do you want to follow?", "/subscribe energie 07:30", "[Energy]")
    await talk.presses("Energy")
    assert [row[1] for row in await rows(db)] == ["energie"]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/subscribe energie 25:99", "25:99 is not a time of day"),
        ('/subscribe "!!!" 07:30', "has no word in it"),
        ("/subscribe topic:nowhere", "no topic called “nowhere”"),
        ("/subscribe source:nowhere kohle", "no source called “nowhere”"),
    ],
)
async def test_wish_that_cannot_be_met_is_refused_and_nothing_is_kept(
    talk: Talk, db: Database, said: str, answer: str
) -> None:
    await talk.says(said)
    talk.hears(answer)
    assert await rows(db) == []


async def test_more_than_fifty_wishes_are_refused_kindly(talk: Talk, db: Database) -> None:
    for number in range(MAX_SUBSCRIPTIONS):
        await talk.says(f"/subscribe wort{number}")
    await talk.says("/subscribe energie")
    talk.hears("A chat can follow 50 things; please give one up first.")
    assert len(await rows(db)) == MAX_SUBSCRIPTIONS


async def test_next_due_instant_is_stored(talk: Talk, db: Database) -> None:
    await talk.says("/subscribe energie 07:30")
    async with db.read() as tx:
        (slot,) = await subscriptions.schedules(tx, 1)
    assert slot.next_due_at == NOW + timedelta(hours=23)


@pytest.mark.parametrize(
    ("said", "times", "answer"),
    [
        ("ki 18 Uhr werktags", [("18:00", "1111100")], "AI now comes on weekdays at 18:00."),
        ("ki 7:30 mo-fr", [("07:30", "1111100")], "on weekdays at 07:30"),
        ("ki sonntags", [("07:30", "0000001")], "on Sunday at 07:30"),
        ("ki montags und freitags um 8 Uhr", [("08:00", "1000100")], "on Monday and Friday at 08:00"),
        ("ki mo, mi und fr", [("07:30", "1010100")], "on Monday, Wednesday and Friday at 07:30"),
        ("ki 7 pm", [("19:00", "1111111")], "every day at 19:00"),
        ("ki sa bis mo 12 am", [("00:00", "1000011")], "at 00:00"),
        (
            "ki 07:30 18:00",
            [("07:30", "1111111"), ("18:00", "1111111")],
            "AI now comes every day at 07:30 and every day at 18:00.",
        ),
        ("ki um 8 und 18 Uhr mo-fr", [("08:00", "1111100"), ("18:00", "1111100")], "on weekdays at 08:00 and"),
        ("ki morgens und abends", [("07:30", "1111111"), ("18:00", "1111111")], "at 07:30 and every day at 18:00"),
    ],
)
async def test_times_and_days_are_understood_as_people_write_them(
    talk: Talk, db: Database, said: str, times: list[tuple[str, str]], answer: str
) -> None:
    await talk.says(f"/subscribe {said}")
    talk.hears(answer)
    assert await rows(db) == [("topic", "ki", *each) for each in times]


@pytest.mark.parametrize(
    ("said", "value", "at", "days"),
    [
        ('"Black Friday" 18:00', "Black Friday", "18:00", "1111111"),
        ('"Black Friday" mo-fr 18 Uhr', "Black Friday", "18:00", "1111100"),
        ("Area 51", "Area 51", "07:30", "1111111"),
        ("brot und spiele", "brot und spiele", "07:30", "1111111"),
        ("Streik am Montag", "Streik", "07:30", "1000000"),
    ],
)
async def test_words_that_say_nothing_of_a_time_stay_in_the_keyword(
    talk: Talk, db: Database, said: str, value: str, at: str, days: str
) -> None:
    await talk.says(f"/subscribe {said}")
    assert await rows(db) == [("keyword", value, at, days)]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Blatt am Sonntag", "Blatt am Sonntag now comes every day at 07:30."),
        ("Blatt am Sonntag 18 Uhr", "Blatt am Sonntag now comes every day at 18:00."),
        ("Blatt am Sonntag sonntags um 9 Uhr", "Blatt am Sonntag now comes on Sunday at 09:00."),
        ("Blatt am Sonntag now", "Blatt am Sonntag comes at once from now on"),
    ],
)
async def test_source_that_is_called_after_a_day_is_no_day(talk: Talk, db: Database, said: str, answer: str) -> None:
    async with db.write() as tx:
        await make.source(tx, "sonntag", name="Blatt am Sonntag")
    await talk.says(f"/subscribe {said}")
    talk.hears(answer)


async def test_time_that_is_none_is_refused_wherever_it_stands(talk: Talk, db: Database) -> None:
    await talk.through(
        ("/subscribe ki 25 Uhr", "25:00 is not a time of day"), ("/subscribe ki 7:99 mo-fr", "7:99 is not")
    )
    assert await rows(db) == []


async def test_reply_to_a_clip_offers_its_topics_its_source_and_its_story(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        energie = await make.source(tx, "energie", name="Der Bote")  # a source that is called as a topic is
        first = await make.clip(tx, energie, "Kühlturm gesprengt", topics={"energie": 0.9, "ki": 0.5})
        await make.clip(tx, await make.source(tx, "funk"), "Regen im Norden")
        await make.story(tx, first)
    await talk.says("/summary 1")
    await talk.says("/subscribe", reply_to=talk.last_id)
    talk.hears("What do you want to follow?")
    assert talk.labels() == ["Energy", "AI", "Der Bote", "Follow this story"]
    await talk.presses("Der Bote")
    assert await rows(db) == [("source", "energie", "07:30", "1111111")]
    await talk.says("/latest")
    await talk.says("/subscribe", reply_to=talk.last_id)
    assert talk.labels() == ["Energy", "AI", "Funk", "Der Bote"]

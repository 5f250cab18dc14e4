"""/start: a greeting with ways on, and links that lead straight to something."""

import pytest

from handlers import payloads
from handlers.request import ChatAddress
from storage import subscriptions
from storage.database import Database
from storage.states import ChatKind, Platform
from tests import make
from tests.dialogue import Talk


async def test_greeting_names_the_bot_and_leads_on(talk: Talk) -> None:
    await talk.says("/start")
    talk.hears("This is Kurzclips", "/latest – the newest clips", "[Latest] [Topics] [Subscribe]")
    assert len(talk.heard.splitlines()) <= 14


@pytest.mark.parametrize("label", ["Latest", "Topics", "Subscribe"])
async def test_each_button_of_the_greeting_is_answered(talk: Talk, label: str) -> None:
    await talk.says("/start")
    assert "do not know" not in await talk.presses(label)


async def test_links_lead_to_clip_story_and_subscription(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote, welle = await make.source(tx, "bote"), await make.source(tx, "welle")
        one = await make.clip(tx, bote, "Kühlturm fällt")
        two = await make.clip(tx, welle, "Kühlturm gesprengt")
        story = await make.story(tx, one, two)
    await talk.says(f"/start clip_{one}")
    talk.hears("Kühlturm fällt", "[Full text]")
    await talk.says(f"/start story_{story}")
    talk.hears("One story, several sources", "Kühlturm")
    assert set(talk.reply.clips) == {one, two}
    await talk.presses("Follow this story")
    talk.hears("When more is told of this story")


async def test_link_to_a_subscription_asks_first(talk: Talk, db: Database) -> None:
    await talk.says("/start sub_energie")
    talk.hears("Do you want Energy in your daily digest?")
    async with db.read() as tx:
        assert await subscriptions.count(tx) == 0
    await talk.presses("Subscribe")
    async with db.read() as tx:
        assert await subscriptions.count(tx) == 1


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("/start clip_999999", "There is no clip #999999."),
        ("/start clip_99999999999999999999999999", "There is no clip #"),
        ("/start story_999999", "This story is not there any more."),
        ("/start story_99999999999999999999999", "This story is not there any more."),
        ("/start clip_x", "This is Kurzclips"),
        ("/start ' OR 1=1", "This is Kurzclips"),
        ("/start sub_", "This is Kurzclips"),
    ],
)
async def test_broken_link_is_answered_calmly(talk: Talk, said: str, answered: str) -> None:
    assert answered in await talk.says(said)


async def test_a_link_may_carry_any_words_to_subscribe_to(talk: Talk, db: Database) -> None:
    await talk.says(f"/start {payloads.to_subscribe('künstliche Intelligenz in Köln')}")
    talk.hears("Do you want “künstliche Intelligenz in Köln” in your daily digest?")
    await talk.presses("Subscribe")
    async with db.read() as tx:
        assert await subscriptions.count(tx) == 1


async def test_in_a_group_the_greeting_says_what_is_answered_there(talk: Talk) -> None:
    group = talk.beside(address=ChatAddress(Platform.TELEGRAM, "-100", kind=ChatKind.GROUP))
    await group.says("/start", is_addressed=True)
    group.hears("only administrators change settings", "[Latest]")
    group.hears_not("Send me a link")

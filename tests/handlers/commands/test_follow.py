"""/follow and /unfollow: a story goes on, and whoever follows it hears of it."""

from datetime import timedelta

from handlers import alerting, digest
from handlers.dispatch import Answer
from storage import deliveries, intake, subscriptions
from storage.database import Database
from storage.states import SubscriptionKind
from storage.tables import Subscription
from tests import make
from tests.dialogue import Talk, plain


async def goes_on(db: Database, talk: Talk, story: int, slug: str, title: str) -> None:
    """Another clip joins a story just now."""
    async with db.write() as tx:
        clip_id = await make.clip(tx, await make.source(tx, slug), title, now=talk.clock(), hours=0)
        await intake.assign_stories(tx, {clip_id: story})
        await intake.recount_stories(tx, [story])
    await alerting.plan_alerts(db, talk.clock())


async def begun(db: Database, talk: Talk) -> int:
    """A story of one clip, looked at before."""
    async with db.write() as tx:
        story = await make.story(tx, await make.clip(tx, await make.source(tx, "bote"), "Kühlturm gesprengt"))
    await alerting.plan_alerts(db, talk.clock())
    return story


async def test_story_is_followed_by_button_and_given_up(talk: Talk, db: Database) -> None:
    story = await begun(db, talk)
    await talk.says("/summary 1")
    await talk.presses("Options")
    await talk.presses("Follow this story")
    talk.hears("When more is told of this story", "Kühlturm gesprengt", "(You follow this story now)")
    talk.clock.move(hours=1)
    await goes_on(db, talk, story, "funk", "Turm gefallen")
    async with db.read() as tx:
        (row,) = [row for row in await deliveries.of_chat(tx, 1, 9)]
        reply = await digest.of_alert(tx, await deliveries.entries(tx, row.edition_id or 0))
    told = plain(Answer(reply, "en", "UTC"), talk.clock)
    assert "You follow this story · Funk · and one more source" in told
    assert "Follow no longer" in told
    await talk.through(
        ("/subscriptions", "How these stories go on, at once:\n\n• Kühlturm gesprengt"),
        ("/follow 1", "You follow this story already: Kühlturm gesprengt"),
    )
    await talk.presses("Follow no longer")
    talk.hears("You hear no more of this story: Kühlturm gesprengt")
    await talk.through(("/unfollow 1", "You follow no story at the moment."))
    talk.clock.move(days=1)
    await goes_on(db, talk, story, "welle", "Turm liegt")
    async with db.read() as tx:
        assert len(await deliveries.of_chat(tx, 1, 9)) == 1


async def test_one_of_several_stories_is_given_up(talk: Talk, db: Database) -> None:
    await begun(db, talk)
    async with db.write() as tx:
        await make.story(tx, await make.clip(tx, await make.source(tx, "bote"), "Fähre fährt wieder"))
    await talk.through(
        ("/follow 1", "Kühlturm"), ("/unfollow 2", "You do not follow this story"), ("/follow 2", "Fähre")
    )
    await talk.through(("/unfollow", "What shall no longer come?"))
    await talk.presses("Kühlturm gesprengt: at once")
    talk.hears("Kühlturm gesprengt comes no longer")
    await talk.through(("/subscriptions", "Fähre fährt wieder"))


async def test_story_that_stands_still_makes_room(talk: Talk, db: Database) -> None:
    old = await begun(db, talk)
    await talk.says("/follow 1")
    talk.clock.move(days=15)
    async with db.write() as tx:
        clip_id = await make.clip(tx, await make.source(tx, "bote"), "Fähre fährt wieder", now=talk.clock())
        new = await make.story(tx, clip_id)
        other = Subscription(chat_id=1, kind=SubscriptionKind.KEYWORD, value=str(old), created_at=talk.clock())
        await subscriptions.add(tx, other)
    await talk.says("/follow 2")
    async with db.read() as tx:
        present = [(row.kind, row.value) for row, _ in await subscriptions.of_chat(tx, 1)]
    assert present == [("keyword", str(old)), ("story", str(new))]


async def test_after_quiet_hours_a_followed_story_comes_once(talk: Talk, db: Database) -> None:
    story = await begun(db, talk)
    await talk.through(("/quiet 20:00-07:00", "Quiet"), ("/follow 1", "Kühlturm"))
    talk.clock.move(hours=13)
    for slug in ("funk", "welle", "post"):
        talk.clock.move(hours=1, minutes=1)
        await goes_on(db, talk, story, slug, "Turm gefallen")
    async with db.read() as tx:
        (row,) = await deliveries.of_chat(tx, 1, 9)
    assert row.ready_at - talk.clock() > timedelta(hours=5)


async def test_clip_without_a_story_cannot_be_followed(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx))
    await talk.through(("/follow 1", "Nothing more can be told of this story"), ("/follow", "Which clip?"))


async def test_followed_story_takes_nothing_from_the_digest_and_adds_nothing_to_it(talk: Talk, db: Database) -> None:
    await begun(db, talk)
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx), "Das Kernkraftwerk ist fertig", topics={"energie": 0.9})
    await talk.says("/follow 1")
    await talk.says("/digest")
    talk.hears("The news of the day")
    await talk.says("/subscribe energie")
    await talk.says("/digest")
    talk.hears_not("story:", "Kühlturm")

"""/removesource: asked first, then gone with all its clips, and stories go on without it."""

import pytest

from handlers.reply import Action
from handlers.request import Person
from storage import clips, feeds
from storage.database import Database
from tests import make
from tests.dialogue import Talk

OPERATOR = Person("1", "Olga", language="en", is_operator=True)


@pytest.fixture
def operator(talk: Talk) -> Talk:
    return talk.beside(OPERATOR)


async def test_a_source_goes_with_its_clips_after_yes(operator: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx, "bote", name="Der Bote")
        kurier = await make.source(tx, "kurier", name="Kurier")
        gone = await make.clip(tx, bote, "Mühle verkauft")
        stays = await make.clip(tx, kurier, "Fähre fährt")
    await operator.says("/removesource der bote")
    operator.hears("Remove Der Bote?", "its one clip", "[Yes, remove it] [No]")
    await operator.presses("Yes, remove it")
    operator.hears("Der Bote is removed")
    async with db.read() as tx:
        assert [view.source.name for view in await feeds.sources(tx)] == ["Kurier"]
        assert await clips.get(tx, gone) is None
        assert await clips.get(tx, stays) is not None


async def test_no_leaves_it(operator: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.source(tx, "bote", name="Der Bote")
    await operator.through(("/removesource bote", "Remove Der Bote?"), ("[No]", "Der Bote stays."))
    async with db.read() as tx:
        assert len(await feeds.sources(tx)) == 1


async def test_a_story_of_two_sources_is_told_by_the_other_one_alone(operator: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx, "bote")
        kurier = await make.source(tx, "kurier")
        first = await make.clip(tx, bote, "Brücke offen")
        second = await make.clip(tx, kurier, "Brücke wieder offen")
        alone = await make.clip(tx, bote, "Mühle verkauft")
        shared = await make.story(tx, first, second)
        lone = await make.story(tx, alone)
    await operator.through(("/removesource bote", "Remove"), ("[Yes, remove it]", "is removed"))
    async with db.read() as tx:
        (view,) = await clips.views(tx, [second])
        assert view.source_count == 1
        assert await clips.of_story(tx, shared) == [second]
        assert await clips.of_story(tx, lone) == []


async def test_a_second_press_finds_it_gone(operator: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.source(tx, "bote")
    await operator.says("/removesource bote")
    yes = operator.buttons()[0].action
    assert yes is not None
    await operator.acts(yes)
    await operator.acts(yes)
    operator.hears("removed already")


@pytest.mark.parametrize(
    ("said", "answered"),
    [("/removesource", "Which source?"), ("/removesource nobody", "I know no source called “nobody”")],
)
async def test_what_is_not_there_is_declined(operator: Talk, said: str, answered: str) -> None:
    await operator.says(said)
    operator.hears(answered)


@pytest.mark.parametrize("args", [("yes",), ("yes", "x"), ("yes", "-1"), ("no", "99"), ("yes", "9" * 18)])
async def test_an_invented_button_removes_nothing(operator: Talk, db: Database, args: tuple[str, ...]) -> None:
    async with db.write() as tx:
        await make.source(tx, "bote")
    await operator.acts(Action("removesource", args))
    async with db.read() as tx:
        assert len(await feeds.sources(tx)) == 1


async def test_a_typed_yes_is_a_name_and_removes_nothing(operator: Talk, db: Database) -> None:
    async with db.write() as tx:
        source = await make.source(tx, "bote")
    await operator.says(f"/removesource yes {source.id}")
    operator.hears("I know no source")


async def test_it_is_for_the_operator_only(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.source(tx, "bote")
    await talk.says("/removesource bote")
    talk.hears("Only the operator")

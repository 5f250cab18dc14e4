"""/help: one phone screen, and each command in detail."""

from dataclasses import replace

import pytest

from handlers import arguments, registry
from handlers.commands.help import EXAMPLES
from tests.dialogue import ANNA, Talk


async def test_overview_fits_a_phone_screen_and_names_every_command(talk: Talk) -> None:
    await talk.says("/help")
    lines = [line for line in talk.heard.splitlines() if line]
    assert len(lines) <= 28
    assert max(map(len, lines)) <= 70
    for command in registry.load().commands:
        if command.right is not registry.Right.OPERATOR:
            assert f"/{command.name}" in talk.heard, command.name


async def test_commands_of_the_operator_are_shown_to_the_operator_alone(talk: Talk) -> None:
    await talk.says("/help")
    talk.hears_not("Operator", "/addsource")
    boss = talk.beside(person=replace(ANNA, is_operator=True))
    assert "/addsource" in await boss.says("/help")


@pytest.mark.parametrize("name", registry.load().names())
async def test_each_command_is_explained(talk: Talk, name: str) -> None:
    boss = talk.beside(person=replace(ANNA, is_operator=True))
    heard = await boss.says(f"/help {name}")
    assert heard.startswith(f"/{name} – ")


async def test_detail_shows_usage_examples_and_other_names(talk: Talk) -> None:
    await talk.says("/help /search")
    talk.hears(
        "/search – clips with these words", "Write it like this: /search [words]", "• /search kernkraft", "/find"
    )


@pytest.mark.parametrize(("name", "words"), [(name, words) for name, all_ in EXAMPLES.items() for words in all_])
def test_each_example_is_understood_by_its_command(name: str, words: str) -> None:
    command = registry.load().find(name)
    assert command is not None
    assert arguments.parse(command.parameters, arguments.words(words))


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("/help quatsch", "I do not know the command /quatsch. /help lists all of them."),
        ("/help latest jetzt", "I do not understand “jetzt” here."),
    ],
)
async def test_odd_argument_gets_one_clear_sentence(talk: Talk, said: str, answered: str) -> None:
    assert answered in await talk.says(said)

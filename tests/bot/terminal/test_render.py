"""The terminal shows every word as it is: nothing of a feed, a person or a usage line becomes markup."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import tame
from bot.platforms.terminal.render import render
from handlers import registry
from handlers.registry import usage
from handlers.reply import Action, Button, Code, Entry, Heading, Reply, Seq, Strong, say
from tests.make import NOW


def shown(reply: Reply) -> str:
    return render(reply, language="en", timezone="Europe/Berlin", now=NOW).text.plain


@given(st.text(), st.text())
def test_words_are_shown_as_they_are_also_across_the_borders_of_parts(first: str, second: str) -> None:
    # Private characters stand for themselves everywhere else; the two that are used here do not occur in texts.
    first, second = (words.translate({0xE05B: None, 0xE05C: None}) for words in (first, second))
    told = say(Seq((" [", first, Strong(second), "]", "\\", Code(first), ":smile:")))
    wanted = f" [{tame(first)}{tame(second)}]\\{tame(first)}:smile:"
    assert shown(told) == wanted


@pytest.mark.parametrize("title", ["[bold]x[/bold]", "[/]", "a\\", "[link=x]", "\\[b]", "[1]"])
def test_title_that_looks_like_markup_stays_words(title: str) -> None:
    assert shown(Reply((Heading(title), Entry(title, body=title, meta=(title,))))).count(title) == 4


def test_usage_line_names_its_arguments() -> None:
    found = registry.load().find("latest")
    assert found is not None
    assert shown(say(usage(found))) == "Write it like this: /latest [topic or source] [number]"


def test_buttons_are_numbers_that_can_be_typed() -> None:
    reply = say("Wohin?").with_buttons((Button("1", Action("clip", ("7",))), Button("Mehr", Action("latest"))))
    rendered = render(reply, language="de", timezone="Europe/Berlin", now=NOW)
    assert rendered.text.plain.endswith("[1]  [2] Mehr")
    assert rendered.actions == (Action("clip", ("7",)), Action("latest"))

"""Answers as Matrix events: both bodies, emoji with their legend, threads, and sizes."""

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.matrix import choices
from bot.platforms.matrix.render import TEXT_LIMIT_BYTES, Rendered, render
from handlers.reply import (
    Action,
    Button,
    Code,
    Entry,
    Heading,
    Link,
    Pairs,
    Paragraph,
    Points,
    Quotation,
    Reply,
    _,
    say,
)
from tests.make import NOW

# *Source*: Client-Server API, 11.2.1.1: what clients show.
ALLOWED = {"p", "br", "b", "i", "code", "a", "blockquote", "ul", "li"}
EVENT_LIMIT_BYTES = 65_536


class Tags(HTMLParser):
    """The tags and addresses of a text, with a check that they are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert {name for name, _value in attrs} <= {"href"}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(reply: Reply, *, language: str = "de", is_thread: bool = False) -> Rendered:
    return render(reply, language=language, timezone="Europe/Berlin", now=NOW, is_thread=is_thread)


def test_every_block_is_said_in_both_bodies() -> None:
    reply = Reply(
        (
            Heading("Titel"),
            Paragraph(Link("hier", "https://example.org/?a=1&b=2")),
            Quotation("eins\nzwei"),
            Points(("a", "b")),
            Pairs(((Code("/latest 3"), "das Neueste"),)),
            Entry("Schlagzeile", "https://example.org/x", "Satz.", ("DW", "#1"), 2),
        )
    )
    (part,) = shown(reply).parts
    assert part.body == (
        "Titel\n\nhier (https://example.org/?a=1&b=2)\n\n> eins\n> zwei\n\n• a\n• b\n\n!latest 3 – das Neueste\n\n"
        "2. Schlagzeile\nSatz.\nDW · #1\nhttps://example.org/x"
    )
    assert part.html == (
        '<p><b>Titel</b></p><p><a href="https://example.org/?a=1&amp;b=2">hier</a></p>'
        "<blockquote><p>eins<br>zwei</p></blockquote><ul><li>a</li><li>b</li></ul>"
        "<p><code>!latest 3</code> – das Neueste</p>"
        '<p><b>2. <a href="https://example.org/x">Schlagzeile</a></b><br>Satz.<br><i>DW · #1</i></p>'
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "mxc://x/y", "https://", "https://a b", 'https://x/"><script>'])
def test_only_addresses_of_the_web_become_links(url: str) -> None:
    (part,) = shown(Reply((Entry("Titel", url), Paragraph(Link("Wort", url))))).parts
    assert {re.sub(r'["<>].*', "", link) for link in Tags(part.html).links} <= {"https://x/"}
    assert "script" not in Tags(part.html).names


@given(st.text(max_size=300), st.text(max_size=300))
def test_foreign_words_are_never_markup(title: str, words: str) -> None:
    for part in shown(Reply((Entry(title or "x", "", words, (words,)), Quotation(words), Points((words,))))).parts:
        assert Tags(part.html).names <= ALLOWED
        json.dumps(part.content).encode()


@given(st.lists(st.text(alphabet="aЯ😀 \n<&", max_size=9000), max_size=8))
def test_every_message_and_its_edit_fit_into_an_encrypted_event(paragraphs: list[str]) -> None:
    for part in shown(Reply(tuple(Paragraph(words) for words in paragraphs))).parts:
        for content in (part.content, part.as_edit_of("$" + "x" * 43)):
            assert len(json.dumps(content)) * 4 / 3 + 2000 < EVENT_LIMIT_BYTES


def test_very_long_answers_are_cut_and_say_so() -> None:
    word = "Слово" * 100
    parts = shown(Reply(tuple(Paragraph(f"{word} " * 20) for _ in range(60)))).parts
    assert len(parts) == 10
    assert parts[-1].body.endswith("…")
    assert max(len(json.dumps(part.body)) + len(json.dumps(part.html)) for part in parts) <= TEXT_LIMIT_BYTES + 100


def test_numbers_explain_themselves_and_other_emoji_are_explained() -> None:
    rows = (
        (
            Button("1", Action("summary", ("7",)), anchor="1\ufe0f\u20e3"),
            Button("2", Action("x"), anchor="2\ufe0f\u20e3"),
        ),
        (Button(_("More"), Action("search", ("Netz", ">2")), anchor="▶️"), Button("Energie", Action("latest", ("e",)))),
        (Button("Web", url="https://example.org/"), Button("Inline", query="x"), Button("No", url="javascript:x")),
    )
    (part,) = shown(say("Worte").with_buttons(*rows)).parts
    assert part.body == "Worte\n\n▶️\N{NO-BREAK SPACE}Mehr · 🇦\N{NO-BREAK SPACE}Energie · Web (https://example.org/)"
    assert part.anchors == ("1\ufe0f\u20e3", "2\ufe0f\u20e3", "▶️", "🇦")
    assert choices.read(part.content)["▶"] == Action("search", ("Netz", ">2"))


def test_places_on_a_later_page_say_which_number_they_are() -> None:
    buttons = tuple(Button(str(5 + place), Action("s"), anchor=f"{place}\ufe0f\u20e3") for place in (1, 2))
    (part,) = shown(say("Worte").with_buttons(buttons)).parts
    assert part.body.endswith("1\ufe0f\u20e3\xa06 · 2\ufe0f\u20e3\xa07")


def test_more_buttons_than_emoji_are_told_as_commands() -> None:
    buttons = tuple(Button(f"Wahl {number}", Action("settings", (str(number),))) for number in range(16))
    (part,) = shown(say("Worte").with_buttons(buttons)).parts
    assert len(part.actions) == 10
    assert part.body.endswith("Wahl 15: !settings 15")


@pytest.mark.parametrize("content", [{}, {choices.FIELD: []}, {choices.FIELD: {"1": "x", "2": [], "3": [1]}}])
def test_choices_that_are_none_are_not_read(content: dict[str, object]) -> None:
    assert choices.read(content) == {}


def test_a_few_words_for_a_button_stand_for_the_answer_where_there_is_no_other() -> None:
    rendered = shown(Reply(toast=_("Saved")))
    assert [part.body for part in rendered.said()] == ["Gemerkt"]


def test_an_answer_without_topics_is_no_thread() -> None:
    assert [part.is_in_thread for part in shown(say("a", "b"), is_thread=True).parts] == [False]

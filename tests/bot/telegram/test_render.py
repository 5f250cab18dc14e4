"""Rendering as such: layout, limits, and the laws that hold for any text."""

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.telegram import callbacks
from bot.platforms.telegram.markup import TelegramHtml, read, web_address
from bot.platforms.telegram.render import Rendered, render
from bot.platforms.telegram.split import ENTITY_LIMIT, TEXT_LIMIT_UTF16, split
from handlers.reply import (
    Action,
    Button,
    Code,
    Entry,
    Heading,
    Inline,
    Link,
    Pairs,
    Paragraph,
    Points,
    Quiet,
    Quotation,
    Reply,
    Seq,
    Strong,
    _,
    say,
)
from tests.fakes.telegram.entities import parse_html
from tests.fakes.telegram.rules import check_markup, check_text, formatted
from tests.fakes.telegram.schema import utf16_length
from tests.make import NOW

ANY = st.text(st.characters(), max_size=40)
AWKWARD = st.sampled_from(
    ["<b>", "&amp;", "</a>", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u202e", "\ud800", " ", "a\u0301"]
)
WORDS = st.one_of(ANY, AWKWARD)


def inline(words: st.SearchStrategy[str]) -> st.SearchStrategy[Inline]:
    """Inline nodes of any depth around some words."""
    return st.recursive(
        words,
        lambda inner: st.one_of(
            st.builds(Strong, inner),
            st.builds(Quiet, inner),
            st.builds(Code, words),
            st.builds(Link, inner, st.sampled_from(["https://example.org/a?b=1&c=%22", "x", 'https://a.b/"><b>'])),
            st.builds(Seq, st.tuples(inner, inner)),
        ),
        max_leaves=8,
    )


def blocks(content: st.SearchStrategy[Inline]) -> st.SearchStrategy[object]:
    return st.one_of(
        st.builds(Heading, content, st.integers(1, 2)),
        st.builds(Paragraph, content),
        st.builds(Quotation, content),
        st.builds(Points, st.tuples(content, content)),
        st.builds(Pairs, st.tuples(st.tuples(content, content))),
        st.builds(
            Entry, content, st.just("https://example.org/"), content, st.tuples(content, content), st.integers(0, 9)
        ),
    )


def shown(reply: Reply, *, has_inline: bool = True) -> Rendered:
    return render(reply, language="en", timezone="Europe/Berlin", now=NOW, has_inline=has_inline)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def check(part: str) -> None:
    """What the server would say to a part; it warns of what it would mend in silence."""
    warnings: list[str] = []
    found = formatted(part, "HTML", None, warnings.append)
    check_text(found)
    # The fake takes the inner of two entities of equal extent for the outer one; code may lie in a quotation.
    assert [
        words
        for words in warnings
        if not re.fullmatch(r"(expandable_)?blockquote at \d+ may not lie inside code", words)
    ] == []


def test_blocks_look_like_this() -> None:
    entry = Entry("Netz", "https://example.org/a", "It is built.", ("DW", "2 hours ago", "#7"), 1)
    reply = Reply((
        Heading(_("Latest clips")),
        Heading("Energie", 2),
        entry,
        Pairs((("/latest", "the newest clips"), (Code("/time 07:30"), "when"))),
        Points(("one", "two")),
        Quotation("a notice"),
    ))  # fmt: skip
    assert shown(reply).parts[0].html == (
        "<b>Latest clips</b>\n\n<b>Energie</b>\n"
        '<b>1. <a href="https://example.org/a">Netz</a></b>\nIt is built.\n<i>DW · 2 hours ago · #7</i>\n\n'
        "/latest – the newest clips\n<code>/time 07:30</code> – when\n\n"
        "• one\n• two\n\n<blockquote>a notice</blockquote>"
    )


@given(st.lists(blocks(inline(WORDS)), max_size=6))
def test_any_answer_is_taken_without_a_word_by_the_server(made: list[object]) -> None:
    for part in shown(Reply(tuple(made))).parts:  # type: ignore[arg-type]
        check(part.html)


@given(st.lists(WORDS, min_size=1, max_size=4).map("".join))
def test_no_text_becomes_markup(words: str) -> None:
    written = TelegramHtml().text(words)
    parsed = parse_html(written)
    assert parsed.entities == []
    assert parsed.text == html.unescape(written)
    assert not re.search(r"[<>]", written)


LONG = st.lists(
    blocks(inline(st.one_of(WORDS, st.text("ab. \U0001f600é\n", min_size=1).map(lambda text: text * 60)))), max_size=25
)


@settings(max_examples=60)
@given(LONG, st.integers(20, 400))
def test_parts_rejoin_to_the_same_words_and_each_fits(made: list[object], limit: int) -> None:
    whole = "".join(part.html for part in shown(Reply(tuple(made))).parts)  # type: ignore[arg-type]
    parts = split(whole, limit_utf16=limit, most_parts=100_000)
    for part in parts:
        check(part)
        assert utf16_length(parse_html(part).text) <= limit
        assert len(parse_html(part).entities) <= ENTITY_LIMIT
    assert squeezed("".join(read(part).text for part in parts)) == squeezed(read(whole).text)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.text("abcdefg .", min_size=1, max_size=30), st.booleans()), max_size=60))
def test_a_link_that_fits_into_a_part_is_never_cut(words: list[tuple[str, bool]]) -> None:
    markup = TelegramHtml()
    whole = " ".join(markup.link(text, "https://a.de/") if is_link else text for text, is_link in words)
    links = [text for text, is_link in words if is_link and text.strip()]
    found = re.findall(r"<a [^>]*>([^<]*)</a>", "".join(split(whole, limit_utf16=40, most_parts=1000)))
    assert [squeezed(text) for text in found] == [squeezed(text) for text in links]


def test_text_is_cut_between_paragraphs_then_sentences_then_words() -> None:
    paragraphs = "\n\n".join(letter * 3000 for letter in "AB")
    assert split(paragraphs) == ("A" * 3000, "B" * 3000)
    first, second = split("A sentence of some length. " * 200)
    assert first.endswith("length.")
    assert second.startswith("A sentence")
    assert len(first) > 4000
    assert split("word " * 10, limit_utf16=12) == ("word word",) * 5
    assert split("\U0001f600" * 5000)[0] == "\U0001f600" * 2048


def test_a_flood_of_text_ends_after_ten_parts() -> None:
    parts = split("A sentence of some length. " * 20_000)
    assert (len(parts), parts[-1][-1]) == (10, "…")
    check(parts[-1])


def test_more_than_a_hundred_entities_make_another_part() -> None:
    bold = "\n".join(f"<b>{number}</b>" for number in range(250))
    parts = split(bold)
    assert [part.count("<b>") for part in parts] == [100, 100, 50]


def test_a_heading_longer_than_a_message_is_cut_and_stays_bold() -> None:
    parts = shown(Reply((Heading("word " * 2000),))).parts
    assert len(parts) == 3
    assert all(part.html.startswith("<b>") and part.html.endswith("</b>") for part in parts)


@pytest.mark.parametrize(
    "url",
    ["https://localhost/", "javascript:alert(1)", "https://a b.de/", "http://[::1", "https://a.de:99999/", "", "x"]
    + ["https://a.de/\u202e", "https://" + "a" * 3000 + ".de", "tg://user?id=1", "https://./", "\ud800"],
)
def test_addresses_that_telegram_refuses_cost_the_link_and_not_the_message(url: str) -> None:
    buttons = ((Button("Open", url=url or "?"), Button("Keep", Action("keep"))),)
    (part,) = shown(Reply((Entry("Title", url), Paragraph(Link("words", url))), buttons, preview_url=url)).parts
    assert part.html == "<b>Title</b>\n\nwords"
    assert part.keyboard is not None
    assert [button.text for row in part.keyboard.inline_keyboard for button in row] == ["Keep"]
    assert (part.preview_url, web_address(url)) == ("", "")


# Buttons

ARGUMENTS = st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=12), max_size=3)


@given(st.from_regex(r"[a-z0-9_]{1,12}", fullmatch=True), ARGUMENTS)
def test_an_action_that_has_room_in_a_button_comes_back_the_same(command: str, arguments: list[str]) -> None:
    action = Action(command, tuple(arguments))
    written = callbacks.encode(action)
    if written is not None:
        assert callbacks.decode(written) == action
        assert 1 <= len(written.encode()) <= 64


@given(st.text(st.characters()))
def test_whatever_comes_back_is_an_action_or_nothing(written: str) -> None:
    found = callbacks.decode(written)
    assert found is None or re.fullmatch(r"[a-z0-9_]{1,32}", found.command)


def test_the_form_of_callback_data_is_what_older_messages_carry() -> None:
    assert callbacks.encode(Action("latest", ("energie", "5", ">2"))) == "1|latest|energie|5|>2"
    assert callbacks.encode(Action("search", (r"a|b\c", ">2"))) == r"1|search|a\pb\\c|>2"


def test_an_action_without_room_is_left_out_and_a_long_search_goes_on_inline() -> None:
    long = "Kernkraft und " * 20
    rows = ((Button("Save", Action("save", (long,))), Button("More", Action("search", (long, ">2")))),)
    keyboard = shown(say("x").with_buttons(*rows)).parts[0].keyboard
    assert keyboard is not None
    ((only,),) = keyboard.inline_keyboard
    assert only.text == "More"
    assert only.switch_inline_query_current_chat == " ".join(long.split())[:256]
    assert shown(say("x").with_buttons(*rows), has_inline=False).parts[0].keyboard is None


@given(st.lists(st.lists(st.builds(Button, inline(WORDS), st.just(Action("keep"))), max_size=30), max_size=8))
def test_any_buttons_make_a_keyboard_that_the_server_takes(rows: list[list[Button]]) -> None:
    keyboard = shown(say("x").with_buttons(*(tuple(row) for row in rows))).parts[0].keyboard
    warnings: list[str] = []
    if keyboard is not None:
        check_markup(keyboard.to_dict(), warnings.append)
    assert warnings == []


@pytest.mark.parametrize(
    ("labels", "widths"),
    [
        (["1", "2", "3", "4", "5"], [5]),
        ([str(number) for number in range(1, 11)], [5, 5]),
        (["Zusammenfassung", "Ähnliches", "Speichern"], [2, 1]),
        (["Inhalt", "Ähnliches", "Speichern"], [3]),
        (["x" * 100], [1]),
    ],
)
def test_rows_of_buttons_are_as_wide_as_a_phone(labels: list[str], widths: list[int]) -> None:
    row = tuple(Button(label, Action("keep")) for label in labels)
    keyboard = shown(say("x").with_buttons(row)).parts[0].keyboard
    assert keyboard is not None
    assert [len(each) for each in keyboard.inline_keyboard] == widths
    assert max(len(button.text) for each in keyboard.inline_keyboard for button in each) <= 40


def test_the_limits_are_those_of_the_bot_api() -> None:
    assert (TEXT_LIMIT_UTF16, ENTITY_LIMIT, callbacks.LIMIT_BYTES) == (4096, 100, 64)

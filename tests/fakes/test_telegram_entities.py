"""HTML style and entities as the fake Bot API reads them."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.telegram.entities import check_entities, parse_html
from tests.fakes.telegram.failures import ApiError
from tests.fakes.telegram.marks import as_html, cut_utf16
from tests.fakes.telegram.schema import utf16_length


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("ä <p>", 'Unsupported start tag "p" at byte offset 3'),
        ("x <b", "Unclosed start tag at byte offset 2"),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ('<tg-emoji emoji-id="x">y</tg-emoji>', "Invalid custom emoji identifier specified"),
        ("Müller&auml;", 'Unsupported HTML entity "&auml" at byte offset 7'),
        ("&#0;", "Unsupported HTML entity at byte offset 0"),
    ],
)
def test_broken_html_is_refused_with_the_servers_words(html: str, words: str) -> None:
    with pytest.raises(ApiError) as refusal:
        parse_html(html)
    assert refusal.value.description == f"Bad Request: can't parse entities: {words}"


@pytest.mark.parametrize(
    ("html", "text", "kinds"),
    [
        ("<b>x</b>", "x", ["bold"]),
        ("<STRONG>x</STRONG>", "x", ["bold"]),
        ("<em>x</em><i>y</i>", "xy", ["italic", "italic"]),
        ("<u>x</u><ins>y</ins>", "xy", ["underline", "underline"]),
        ("<s>x</s><strike>y</strike><del>z</del>", "xyz", ["strikethrough"] * 3),
        ('<span class="tg-spoiler">x</span><tg-spoiler>y</tg-spoiler>', "xy", ["spoiler", "spoiler"]),
        ('<a href="https://example.org/?a=1&amp;b=2">x</a>', "x", ["text_link"]),
        ("<code>x</code>", "x", ["code"]),
        ('<pre><code class="language-python">x</code></pre>', "x", ["pre"]),
        ("<blockquote>x</blockquote>", "x", ["blockquote"]),
        ("<blockquote expandable>x</blockquote>", "x", ["expandable_blockquote"]),
        ('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>', "👍", ["custom_emoji"]),
        ("1 &lt; 2 &gt; 0 &amp; &quot;ja&quot; &#228;&#x1F600;", '1 < 2 > 0 & "ja" ä😀', []),
        ("<b></b>x", "x", []),
    ],
)
def test_every_documented_tag_becomes_its_entity(html: str, text: str, kinds: list[str]) -> None:
    found = parse_html(html)
    assert (found.text, [entity["type"] for entity in found.entities], found.dropped) == (text, kinds, [])


def test_offsets_count_utf16_units() -> None:
    found = parse_html("😀<b>ä</b>😀<i>🎈x</i>")
    assert [(entity["offset"], entity["length"]) for entity in found.entities] == [(2, 1), (5, 3)]


@pytest.mark.parametrize(
    "html",
    [
        "AT&T & Söhne",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="/relativ">x</a>',
        "<code>a<b>x</b></code>",
        "<blockquote>a<blockquote>x</blockquote></blockquote>",
    ],
)
def test_what_the_real_server_drops_in_silence_is_named(html: str) -> None:
    if html.startswith("AT&T"):
        with pytest.raises(ApiError, match='Unsupported HTML entity "&T"'):
            parse_html(html)
        html = html.removeprefix("AT&T")
    assert parse_html(html).dropped


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    found = parse_html(escape(text))
    assert (found.text, found.entities, found.dropped) == (text, [], [])


_words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
_spans = st.lists(st.tuples(st.sampled_from(["b", "i", "u", "code", "blockquote", ""]), _words), max_size=6)


@given(_spans)
def test_entities_cover_the_marked_words_and_write_the_same_html_again(spans: list[tuple[str, str]]) -> None:
    html = "".join(
        f"<{tag}>{escape(word, quote=False)}</{tag}>" if tag else escape(word, quote=False) for tag, word in spans
    )
    found = parse_html(html)
    covered = [cut_utf16(found.text, entity["offset"], entity["length"]) for entity in found.entities]
    assert covered == [word for tag, word in spans if tag]
    assert as_html(found.text, found.entities) == html
    assert check_entities(found.text, found.entities).entities == found.entities


@given(st.text("<>&/ab=\"' ;#x😀", max_size=30))
def test_any_markup_is_either_read_or_refused(html: str) -> None:
    try:
        found = parse_html(html)
    except ApiError:
        return  # any other exception fails the test
    assert all(entity["offset"] + entity["length"] <= utf16_length(found.text) for entity in found.entities)


_pieces = ("<b>", "</b>", "<i>", "</i>", "<code>", "</code>", '<a href="https://a.de/?x=1&amp;y=2">', "</a>")
_pieces += ("&amp;", "&lt;", "ä", "😀", " x ", "<span>", "<p>", "&nbsp;")


@given(st.lists(st.sampled_from(_pieces), max_size=12))
def test_markup_means_the_same_however_it_is_written(pieces: list[str]) -> None:
    def read(html: str) -> object:
        try:
            return parse_html(html)
        except ApiError as error:
            return error.description.partition(" at byte")[0]

    odd = "".join(pieces).replace(">", " >").replace("&amp;y", "&#38;y").replace("<b", "<B").replace("&lt;", "&lt")
    assert read("".join(pieces)) == read(odd)


@pytest.mark.parametrize(
    ("offset", "length"),
    [(-1, 2), (0, 0), (0, 99), (1, 2), (0, 1)],
    ids=["negative", "empty", "past the end", "begins inside a pair", "ends inside a pair"],
)
def test_an_entity_that_does_not_fit_is_refused(offset: int, length: int) -> None:
    assert check_entities("😀 Titel", [{"type": "bold", "offset": 0, "length": 2}]).entities
    with pytest.raises(ApiError):
        check_entities("😀 Titel", [{"type": "bold", "offset": offset, "length": length}])

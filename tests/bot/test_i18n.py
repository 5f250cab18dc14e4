"""Catalogs are complete, placeholders survive translation, and dates and plurals read as a person would say them."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from bot import i18n
from bot.i18n import Speech
from bot.platforms.telegram.render import TelegramHtml
from handlers.reply import Code, CountryName, LanguageName, Link, Listing, Moment, Strong, TimeStyle, Weekday, _, n_

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
TRANSLATED = [language for language in i18n.languages() if language != i18n.SOURCE_LANGUAGE]
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence of the program with its plural ("" for none), read from the code itself."""
    for package in ("bot", "handlers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    if name in {"_", "gettext"}:
                        yield str(node.args[0].value), ""
                    elif name == "n_":
                        assert isinstance(node.args[1], ast.Constant)
                        yield str(node.args[0].value), str(node.args[1].value)


def catalog(language: str) -> dict[str, Entry]:
    path = i18n.FOLDER / language / "LC_MESSAGES" / f"{i18n.DOMAIN}.po"
    with path.open("rb") as file:
        found = read_po(file, locale=language)
    return {entry.id[0] if isinstance(entry.id, tuple | list) else entry.id: entry for entry in found if entry.id}


def test_german_is_spoken() -> None:
    assert "de" in TRANSLATED


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(language: str) -> None:
    known = catalog(language)
    missing = []
    for singular, plural in sorted(set(sentences())):
        entry = known.get(singular)
        words = (entry.string if isinstance(entry.string, tuple | list) else (entry.string,)) if entry else ("",)
        if not all(words) or (plural and len(words) < 2):
            missing.append(singular)
    assert missing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_of_a_sentence_that_is_gone(language: str) -> None:
    assert set(catalog(language)) - {singular for singular, _plural in sentences()} == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_placeholders_of_their_sentence(language: str) -> None:
    wrong = []
    for singular, entry in catalog(language).items():
        forms = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
        wanted = set(PLACEHOLDER.findall(singular)) | (
            set(PLACEHOLDER.findall(entry.id[1])) if isinstance(entry.id, tuple | list) else set()
        )
        wrong += [form for form in forms if not set(PLACEHOLDER.findall(form)) <= wanted]
        if not isinstance(entry.id, tuple | list):
            wrong += [form for form in forms if set(PLACEHOLDER.findall(form)) != wanted]
    assert wrong == []


@pytest.mark.parametrize(
    ("minutes", "german", "english"),
    [
        (0, "gerade eben", "just now"),
        (1, "vor 1 Minute", "1 minute ago"),
        (125, "vor 2 Stunden", "2 hours ago"),
        (14 * 60, "gestern", "yesterday"),
        (37 * 60, "vor 2 Tagen", "2 days ago"),
        (3 * 24 * 60, "vor 3 Tagen", "3 days ago"),
        (14 * 24 * 60, "10. November", "10 November"),
    ],
)
def test_age_is_told_as_people_tell_it(minutes: int, german: str, english: str) -> None:
    at = Moment(NOW - timedelta(minutes=minutes))
    assert Speech("de", "Europe/Berlin", NOW).speak(at) == german
    assert Speech("en", "Europe/Berlin", NOW).speak(at) == english


def test_instant_is_told_in_the_readers_zone() -> None:
    at = Moment(NOW, TimeStyle.CLOCK)
    assert Speech("de", "Europe/Berlin", NOW).speak(at) == "12:00"
    assert Speech("de", "America/New_York", NOW).speak(at) == "06:00"
    assert Speech("de", "Europe/Berlin", NOW).speak(Moment(NOW, TimeStyle.DATE)) == "Dienstag, 24. November 2026"


def test_plural_lists_and_names_follow_the_language() -> None:
    speech = Speech("de", "Europe/Berlin", NOW)
    assert speech.speak(n_("({count} clip)", "({count} clips)", 1)) == "(1 Meldung)"
    assert speech.speak(n_("({count} clip)", "({count} clips)", 2000)) == "(2.000 Meldungen)"
    assert speech.speak(Listing(("a", "b", "c"))) == "a, b und c"
    assert speech.speak(LanguageName("fr")) == "Französisch"
    assert speech.speak(CountryName("RU")) == "Russland"
    assert speech.speak(Weekday(0)) == "Montag"


def test_words_that_turn_the_direction_are_tamed() -> None:
    assert Speech("de", "Europe/Berlin", NOW).speak("abc\u202edef\u2066g\x00\x1b[1m") == "abcdefg[1m"


@given(st.text(), st.text())
def test_foreign_words_never_become_markup(title: str, url: str) -> None:
    speech = Speech("de", "Europe/Berlin", NOW, TelegramHtml())
    marked = speech.speak(Strong(_("Search: {words}", words=Link(title, url))))
    inner = re.sub(r"</?(?:b|a href=\"[^\"<>]*\"|a)>", "", marked)
    assert "<" not in inner
    assert ">" not in inner


def test_code_is_escaped() -> None:
    speech = Speech("de", "Europe/Berlin", NOW, TelegramHtml())
    assert speech.speak(Code("a<b>")) == "<code>a&lt;b&gt;</code>"

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.language import identify
from tests.handlers.news.engine_texts import LOOKALIKES, TEXTS, TWINS

ALLOWED = ("de", "en", "ru", "fr")
ALL = (*TEXTS, *TWINS, *LOOKALIKES)


@pytest.mark.parametrize("text", ALL, ids=lambda text: f"{text.key}-{text.language}")
def test_title_with_first_sentence_is_recognised(text):
    assert identify(f"{text.title}. {text.paragraphs[0]}", allowed=ALLOWED) == text.language


@pytest.mark.parametrize(
    ("headline", "language"),
    [
        ("Macron trifft Scholz in Berlin", "de"),
        ("Elon Musk kauft Twitter", "de"),
        ("Biden besucht Kiew", "de"),
        ("Champions League: Real Madrid schlägt Manchester City", "de"),
        ("Tesla ruft Autos zurück", "de"),
        ("Putin warns Macron", "en"),
        ("Arsenal beat Chelsea 2-1", "en"),
        ("New York Times: Trump team met Russians", "en"),
        ("Tesla recalls 2 million cars", "en"),
        ("Airbus livre 60 avions", "fr"),
        ("Emmanuel Macron rencontre Olaf Scholz", "fr"),
        ("Le Pen gagne du terrain", "fr"),
        ("Путин и Си Цзиньпин встретились", "ru"),
        ("iPhone 17 вышел", "ru"),
        ("Paris court jails ex-minister", "en"),
    ],
)
def test_headline_with_foreign_names_is_recognised(headline, language):
    assert identify(headline, allowed=ALLOWED) == language


def test_statement_of_the_feed_decides_where_the_text_says_little():
    assert identify("Oil prices slip", allowed=ALLOWED, stated="en-GB") == "en"
    assert identify("Google", allowed=ALLOWED, stated="fr") == "fr"


def test_statement_of_the_feed_does_not_overrule_the_text():
    text = "Der Bundestag hat am Freitag nach langer Debatte den neuen Haushalt beschlossen."
    assert identify(text, allowed=ALLOWED, stated="en") == "de"
    assert identify("Правительство утвердило бюджет", allowed=ALLOWED, stated="de") == "ru"


def test_text_without_letters_falls_back_to_statement_then_to_the_first_language():
    assert identify("3:1 +++ 2025", allowed=ALLOWED, stated="fr") == "fr"
    assert identify("", allowed=("ru", "de"), stated="it") == "ru"


def test_cyrillic_is_told_apart_from_latin_without_a_model():
    assert identify("Москва", allowed=("de", "ru")) == "ru"
    assert identify("Москва", allowed=("de", "en")) == "de"


def test_ukrainian_and_russian_are_told_apart_where_both_are_configured():
    assert identify("Верховна Рада ухвалила закон про бюджет на наступний рік", allowed=("ru", "uk")) == "uk"


def test_language_unknown_to_the_model_does_no_harm():
    assert identify("Das Wetter wird am Wochenende schön.", allowed=("de", "xx")) == "de"


def test_text_in_another_language_that_says_so_keeps_its_language():
    text = "Il governo ha approvato giovedì la nuova legge di bilancio dopo una lunga discussione."
    assert identify(text, allowed=ALLOWED, stated="it") == "it"
    assert identify("日本の首相は木曜日に新しい予算案を承認した。", allowed=ALLOWED, stated="ja-JP") == "ja"


def test_statement_of_another_language_does_not_overrule_the_text():
    text = "Der Bundestag hat am Freitag nach langer Debatte den neuen Haushalt beschlossen."
    assert identify(text, allowed=ALLOWED, stated="it") == "de"
    assert identify(text, allowed=ALLOWED, stated="ja") == "de"


def test_text_in_another_language_that_says_nothing_gets_a_configured_one():
    assert identify("日本の首相は木曜日に新しい予算案を承認した。", allowed=ALLOWED) == "de"
    assert identify("Il governo ha approvato la legge.", allowed=ALLOWED) in ALLOWED


def test_language_without_function_words_is_not_outvoted_by_those_of_others():
    assert identify("Er is toch veel in beweging gekomen in dit debat!", allowed=(*ALLOWED, "nl")) == "nl"


@given(st.text(max_size=300), st.sampled_from(["", "de", "??", "fr-CA"]))
def test_any_text_gets_one_of_the_allowed_languages(text, stated):
    assert identify(text, allowed=ALLOWED, stated=stated) in ALLOWED

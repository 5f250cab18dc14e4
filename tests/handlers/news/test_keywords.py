import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.keywords import MAX_KEYWORDS, extract
from tests.handlers.news.engine_texts import BY_KEY


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("netz", {"Stromtrassen", "Petra Lohmann"}),
        ("sonde", {"Raumsonde", "Wassereis"}),
        ("streik", {"Warnstreik", "Verdi"}),
        ("trial", {"Colin Deere", "Helen Marsh"}),
        ("plastic", {"plastic waste"}),
        ("final", {"Norwood", "Harlow"}),
        ("hokkej", {"Илья Громов"}),
        ("musee", {"Lille", "Jeanne Morvan"}),
    ],
)
def test_names_and_things_of_a_clip_are_found_as_written(key, expected):
    text = BY_KEY[key]
    assert expected <= set(extract(text.title, text.paragraphs, text.language))


def test_empty_words_are_no_keywords():
    text = BY_KEY["netz"]
    assert not {"Montag", "Jahr", "Prozent", "Angaben", "Euro"} & set(extract(text.title, text.paragraphs, "de"))


def test_name_is_named_once_and_without_its_holders_office():
    found = extract("Minister Anton Rehm tritt zurück", ["Anton Rehm ging am Montag. Rehm war krank."], "de")
    assert found.count("Anton Rehm") == 1
    assert not [word for word in found if "Minister Anton" in word]


@given(
    st.text(max_size=200), st.lists(st.text(max_size=200), max_size=4), st.sampled_from(["de", "en", "ru", "fr", "xx"])
)
def test_keywords_are_few_and_never_empty(title, paragraphs, language):
    found = extract(title, paragraphs, language)
    assert len(found) <= MAX_KEYWORDS
    assert all(word.strip() for word in found)
    assert len(set(found)) == len(found)

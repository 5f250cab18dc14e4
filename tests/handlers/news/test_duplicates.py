import itertools

from hypothesis import given
from hypothesis import strategies as st

from handlers.news.duplicates import distance, is_same_text, simhash
from tests.handlers.news.engine_texts import LOOKALIKES, TEXTS, TWINS

# Stored fingerprints are compared with new ones for years.
FIXED = -6448697908303395454
SIGNED = st.integers(min_value=-(2**63), max_value=2**63 - 1)


def _whole(text):
    return " ".join((text.title, *text.paragraphs))


def test_lightly_edited_copy_is_the_same_text():
    for text in TEXTS:
        whole = _whole(text)
        edited = whole.replace(" am ", " an diesem ", 1).replace(",", "").upper()
        assert is_same_text(simhash(whole), simhash(edited)), text.key


def test_different_texts_are_not_the_same():
    marks = [simhash(_whole(text)) for text in (*TEXTS, *TWINS, *LOOKALIKES)]
    assert not any(is_same_text(a, b) for a, b in itertools.combinations(marks, 2))


def test_texts_without_words_are_never_the_same():
    assert simhash("?! …") == 0
    assert not is_same_text(simhash(""), simhash(""))


def test_fingerprint_of_a_text_never_changes():
    assert simhash("Der Rat hat am Montag den Haushalt beschlossen.") == FIXED


@given(st.text(max_size=300))
def test_fingerprint_is_a_signed_64_bit_number_and_repeatable(text):
    value = simhash(text)
    assert -(2**63) <= value < 2**63
    assert simhash(text) == value


@given(SIGNED, SIGNED)
def test_distance_is_symmetric_and_bounded(a, b):
    assert distance(a, b) == distance(b, a)
    assert 0 <= distance(a, b) <= 64
    assert distance(a, a) == 0

"""A compound that nobody has written is opened where both parts are words of the archive."""

import pytest

from handlers.news.compounds import opened
from handlers.news.terms import stem

COUNTS = {"flasch": 7, "deckel": 5, "wind": 9, "kraft": 8, "strom": 4, "arbeit": 3, "zeit": 6, "haus": 1, "klasch": 2}


def german(word: str) -> str:
    return stem(word, "de")


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("flaschendeckel", ("flasche", "deckel")),
        ("windstrom", ("wind", "strom")),
        ("arbeitszeit", ("arbeit", "zeit")),
        ("zeitarbeit", ("zeit", "arbeit")),
    ],
)
def test_a_compound_has_two_parts_without_what_links_them(word: str, parts: tuple[str, str]) -> None:
    found = opened(word, german, COUNTS)
    assert found is not None
    assert tuple(map(german, found)) == tuple(map(german, parts))


@pytest.mark.parametrize("word", ["flaschenpost", "tischdeckel", "deckel", "windows", "хлеборезка", ""])
def test_a_word_with_a_part_that_nobody_has_written_stays_whole(word: str) -> None:
    assert opened(word, german, COUNTS) is None

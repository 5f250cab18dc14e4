"""Short names: typable, short enough for a button, and never shared by accident."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.slugs import MAX_CHARS, free_slug, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Le Monde", "le-monde"),
        ("Süddeutsche Zeitung", "suddeutsche-zeitung"),
        ("Weiße Straße", "weisse-strasse"),
        ("Новая газета", "novaya-gazeta"),
        ("Ёж & Щука", "ezh-shchuka"),
        ("  --  ", "source"),
        ("1 2 3", "1-2-3"),
    ],
)
def test_a_name_becomes_letters_that_can_be_typed(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_two_names_in_a_script_without_latin_letters_differ() -> None:
    assert slug_of("朝日新聞") != slug_of("讀賣新聞")


@given(st.text(max_size=80))
def test_any_name_gives_a_short_name_of_ascii(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", slug_of(name))
    assert len(slug_of(name)) <= MAX_CHARS


@given(st.text(max_size=80), st.integers(0, 12))
def test_a_taken_name_gets_a_number(name: str, times: int) -> None:
    taken: set[str] = set()
    for _ in range(times + 1):
        taken.add(free_slug(name, taken))
    assert len(taken) == times + 1
    assert all(len(slug) <= MAX_CHARS for slug in taken)

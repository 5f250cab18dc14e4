"""Links into the private chat: whatever is typed comes back as typed, whatever comes back is words or nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import payloads


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=60))
def test_words_that_fit_into_a_link_come_back(words: str) -> None:
    payload = payloads.to_subscribe(words)
    if payload:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
        assert payloads.words_of(payload) == " ".join(words.split())


@given(st.text(max_size=70) | st.from_regex(r"find_[A-Za-z0-9_-]{0,59}", fullmatch=True))
def test_whatever_comes_back_is_words_or_nothing(payload: str) -> None:
    assert isinstance(payloads.words_of(payload), str)


@pytest.mark.parametrize(
    ("words", "payload"),
    [
        ("energie", "sub_energie"),
        (" künstliche  Intelligenz ", "find_a8O8bnN0bGljaGUgSW50ZWxsaWdlbno"),
        ("", ""),
        ("ä" * 23, ""),
    ],
)
def test_one_plain_word_stays_readable(words: str, payload: str) -> None:
    assert payloads.to_subscribe(words) == payload

"""What people write at the end of a sentence to say when something is to come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.errors import BadArgument
from handlers.when import When, both, read, split


@pytest.mark.parametrize(
    ("phrase", "about", "times", "days"),
    [
        ("klima 7:30 mo-fr", "klima", ["07:30"], "1111100"),
        ("klima um 7.30 Uhr", "klima", ["07:30"], ""),
        ("klima 8 Uhr", "klima", ["08:00"], ""),
        ("klima 8h30", "klima", ["08:30"], ""),
        ("klima um 8 und 18 Uhr", "klima", ["08:00", "18:00"], ""),
        ("klima 12 am", "klima", ["00:00"], ""),
        ("klima 12pm", "klima", ["12:00"], ""),
        ("klima jeden Montag", "klima", [], "1000000"),
        ("klima mo., mi. und fr.", "klima", [], "1010100"),
        ("klima sa–mo", "klima", [], "1000011"),
        ("klima von Montag bis Freitag", "klima", [], "1111100"),
        ("klima werktags und sonntags", "klima", [], "1111101"),
        ("Area 51", "Area 51", [], ""),
        ("um 8 Uhr", "um 8 Uhr", [], ""),
        ("Berlin, Hamburg", "Berlin, Hamburg", [], ""),
        ("Berlin, Hamburg montags", "Berlin, Hamburg", [], "1000000"),
        ("Brot und", "Brot und", [], ""),
    ],
)
def test_end_of_a_phrase_says_when(phrase: str, about: str, times: list[str], days: str) -> None:
    assert split(phrase, When()) == (about, When(times, days))


def test_what_was_said_behind_a_phrase_goes_on_with_it() -> None:
    assert split("ki um 8 und", When(["18:00"], "1111100")) == ("ki", When(["08:00", "18:00"], "1111100"))
    assert split("ki mo und", When([], "0000100")) == ("ki", When([], "1000100"))
    assert split("ki", When(["18:00"], "")) == ("ki", When(["18:00"], ""))


def test_phrase_that_says_anything_else_besides_is_not_read() -> None:
    assert read("mo-fr um 8 Uhr") == When(["08:00"], "1111100")
    assert read("halb acht") is None
    assert read("ki 8 Uhr") is None
    assert read("und") is None
    assert read("") is None


@pytest.mark.parametrize("phrase", ["ki 25:00", "ki 7:99", "ki 24 Uhr", "ki 13h99"])
def test_absurd_time_is_named(phrase: str) -> None:
    with pytest.raises(BadArgument, match="not a time of day"):
        split(phrase, When())


def test_days_of_two_sayings_are_joined() -> None:
    assert both("1000000", "0000001") == "1000001"
    assert (both("1000000", ""), both("", "1000000"), both("", "")) == ("1000000", "1000000", "")


SAID = ("ki", "und", ",", "mo", "fr-", "8", "uhr", "um", "18:00", "am", "pm", "-", "bis", "sa-so", "x", "7pm")
WORDS = st.lists(st.sampled_from(SAID), max_size=8)


@given(WORDS)
def test_whatever_is_written_something_remains(words: list[str]) -> None:
    about, said = split(" ".join(["x", *words]), When())
    assert about.startswith("x")
    assert said.days in {""} or len(said.days) == 7
    assert all(len(at) == 5 for at in said.times)

"""Whole questions: the clip that answers comes first, by its words and by parts of them."""

from collections.abc import Mapping, Sequence

from handlers.news.pieces import pieces, worth

COUNTS = {"": 100, "deckel": 3, "flasch": 5, "preis": 40, "stadt": 50}


def rank(question: Sequence[str], texts: Mapping[int, str], counts: Mapping[str, int]) -> list[int]:
    """The clips, those that are worth most first."""
    values = worth(question, texts, counts)
    return sorted(texts, key=lambda clip: (-values[clip], -clip))


def test_a_word_is_cut_into_runs_of_four_letters_and_a_short_one_stays_whole() -> None:
    assert pieces("kraft") == ["kraf", "raft"]
    assert pieces("ki") == ["ki"]


def test_rare_words_decide_before_common_ones() -> None:
    texts = {1: "preis stadt preis stadt", 2: "deckel an", 3: "nicht davon"}
    assert rank(["preis", "stadt", "deckel"], texts, {**COUNTS, "deckel": 1})[0] == 2


def test_a_compound_answers_for_its_parts() -> None:
    texts = {1: "der flaschendeckel bleibt fest", 2: "der hut bleibt fest"}
    assert rank(["deckel", "flasch"], texts, COUNTS) == [1, 2]


def test_a_piece_that_every_clip_has_does_not_outweigh_the_one_that_tells_them_apart() -> None:
    every = " ".join(["kernkraft"] * 6)
    texts = {1: "kernkraft reaktorblock", 2: every, 3: every}
    assert rank(["kernkraftig", "block"], texts, {"": 100})[0] == 1


def test_a_long_clip_is_not_preferred_for_its_length() -> None:
    texts = {1: "flaschendeckel", 2: "flaschendeckel " + "anderes wort hier " * 40}
    assert rank(["deckel"], texts, COUNTS) == [1, 2]


def test_nothing_to_rank_is_nothing() -> None:
    assert rank(["deckel"], {}, {}) == []
    assert rank([], {1: "", 2: "deckel"}, {}) == [2, 1]

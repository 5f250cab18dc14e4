"""The measures, against examples worked by hand."""

from datetime import timedelta
from math import log2

import numpy as np
import pytest

from tests.eval.baselines import Bm25, Tfidf, cut, lexrank, single_pass
from tests.eval.metrics import bcubed, micro, ndcg, pairs, reciprocal_rank, rouge_1, rouge_l
from tests.make import NOW


def test_bcubed_of_two_groups_run_together_loses_precision_only() -> None:
    gold = {"a": 1, "b": 1, "c": 2}
    score = bcubed(dict.fromkeys("abc", "all"), gold)
    # a and b share their group with one stranger, c with two: (2/3 + 2/3 + 1/3) / 3.
    assert score.precision == pytest.approx(5 / 9)
    assert score.recall == 1


def test_bcubed_of_items_left_alone_loses_recall_only() -> None:
    score = bcubed({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 1, "c": 2})
    assert score.precision == 1
    assert score.recall == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)
    assert score.f1 == pytest.approx(2 * (2 / 3) / (1 + 2 / 3))


def test_bcubed_counts_only_the_items_of_the_gold() -> None:
    assert bcubed({"a": 1, "x": 1}, {"a": 7}) == (1, 1)


def test_pairs_of_three_and_one() -> None:
    assert pairs({"a": 1, "b": 1, "c": 1, "d": 2}) == {("a", "b"), ("a", "c"), ("b", "c")}


def test_micro_counts_over_all_labels() -> None:
    score = micro([["x", "y"], []], [["x"], ["z", "x"]])
    assert score == (1 / 2, 1 / 3)


def test_reciprocal_rank_is_that_of_the_first_wanted_one() -> None:
    assert reciprocal_rank(["a", "b", "c"], {"c", "b"}) == 1 / 2
    assert reciprocal_rank(["a", "b", "c"], {"c"}, at=2) == 0


def test_ndcg_of_second_and_third_place() -> None:
    gain = 1 / log2(3) + 1 / log2(4)
    best = 1 / log2(2) + 1 / log2(3)
    assert ndcg(["x", "a", "b"], {"a", "b"}) == pytest.approx(gain / best)
    assert ndcg(["a", "b"], {"a", "b"}) == 1


def test_ndcg_wants_no_more_than_there_are_places() -> None:
    assert ndcg(["a"], {"a", "b"}, at=1) == 1


def test_rouge_1_counts_a_word_as_often_as_both_have_it() -> None:
    # Shared: the (once), cat; 2 of 4 said and 2 of 3 wanted.
    assert rouge_1("The cat the dog", "the cat sat") == pytest.approx(2 * (2 / 4) * (2 / 3) / (2 / 4 + 2 / 3))
    assert rouge_1("", "the cat") == 0


def test_rouge_l_wants_the_order_too() -> None:
    assert rouge_l("b a", "a b") == 1 / 2
    assert rouge_1("b a", "a b") == 1
    # Longest common subsequence: police … gunman, 2 of 4 on both sides.
    assert rouge_l("police kill the gunman", "police ended the gunman") == 3 / 4


def test_bm25_puts_the_rare_word_before_the_common_one() -> None:
    index = Bm25([["a", "b"], ["a", "c"], ["a", "d"]])
    assert index.ranking(["a", "c"])[0] == 1
    assert index.ranking(["z"]) == []


def test_tfidf_finds_the_text_with_the_same_words_first() -> None:
    assert Tfidf([["a", "b"], ["c"], ["b", "a", "d"]]).ranking(0) == [2]


def test_single_pass_joins_what_is_near_and_recent() -> None:
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    times = [NOW, NOW, NOW + timedelta(days=1), NOW + timedelta(days=9)]
    assert single_pass(rows @ rows.T, times, 0.5) == [0, 1, 0, 2]


def test_lexrank_puts_the_sentence_that_resembles_the_others_first() -> None:
    assert lexrank([["a", "x"], ["a", "b"], ["b", "y"]])[0] == 1


def test_cut_ends_at_a_word() -> None:
    assert cut("eins zwei drei", 9) == "eins zwei"
    assert cut("eins zwei drei", 11) == "eins zwei"
    assert cut("eins", 9) == "eins"

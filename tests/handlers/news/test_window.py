"""The memory of recent clips: what is alike is found, and what fell out of it is not."""

import numpy as np

from handlers.news.vectors import pack, unpack
from handlers.news.window import Window


def test_who_shares_most_of_the_telling_stems_comes_first() -> None:
    window = Window()
    window.add(1, ["bruck", "husum", "offen"])
    window.add(2, ["bruck", "trier"])
    window.add(3, ["wahl"])
    assert window.alike([("husum", 3.0), ("bruck", 2.0), ("offen", 1.0)], 5) == [1, 2]
    assert window.alike([("wahl", 1.0)], 5) == [3]
    assert window.alike([("nichts", 1.0)], 5) == []


def test_the_oldest_make_room() -> None:
    window = Window(stems_of=4)
    for clip in range(1, 8):
        window.add(clip, ["bruck", f"ort{clip}"])
    assert len(window) == 4
    assert sorted(window.alike([("bruck", 1.0)], 9)) == [4, 5, 6, 7]
    assert window.alike([("ort1", 1.0)], 9) == []


def test_a_word_that_all_have_hides_nobody_who_shares_a_rare_one() -> None:
    window = Window()
    for clip in range(1, 9_000):
        window.add(clip, ["bruck", "ort77"] if clip == 77 else ["bruck"])
    assert window.alike([("ort77", 2.0), ("bruck", 0.1)], 3)[0] == 77


def test_what_is_near_in_meaning_is_found_and_the_rest_is_not() -> None:
    window = Window(vectors_of=3)
    for clip, place in ((1, 0), (2, 1), (3, 0), (4, 2)):
        window.add(clip, [], np.eye(4, dtype=np.float32)[place])
    near = window.near(np.eye(4, dtype=np.float32)[:1], 5)
    assert near == [[3]]  # the first one made room


def test_vectors_come_back_as_they_were_but_for_their_last_digits() -> None:
    vector = np.array([0.6, -0.8, 0.0], dtype=np.float32)
    assert np.allclose(unpack(pack(vector)), vector, atol=1e-3)
    assert len(pack(vector)) == 6

"""What of a clip answers a search, and how a found word is spelled."""

import pytest

from handlers.news.snippet import MAX_CHARACTERS, passage, spelling, spellings

SUMMARY = "Das Dorf feiert sein Fest."
TEXT = ["Das Dorf feiert sein Fest.", "Am Abend spielte die Feuerwehrkapelle. Das hatte niemand erwartet, sagte sie."]


@pytest.mark.parametrize(
    ("groups", "answer"),
    [
        ([], SUMMARY),
        ([{"fest"}], SUMMARY),
        ([{"zeppelin"}], SUMMARY),
        ([{"kapell", "kapelle"}], "Am Abend spielte die Feuerwehrkapelle."),
        ([{"fest"}, {"kapell"}], SUMMARY),
        ([{"abend"}, {"spielt"}, {"fest"}], "Am Abend spielte die Feuerwehrkapelle."),
        (
            [{"erwartet"}],
            "Am Abend spielte die Feuerwehrkapelle. Das hatte niemand erwartet, sagte sie.",
        ),
    ],
)
def test_sentence_with_most_of_the_words_answers(groups: list[set[str]], answer: str) -> None:
    assert passage(SUMMARY, TEXT, [frozenset(group) for group in groups], "de") == answer


def test_long_sentence_is_cut_between_words() -> None:
    sentence = "Das Orchester " + "spielte sehr lange und " * 30 + "ging dann nach Hause."
    cut = passage("", [sentence], [frozenset({"orchest"})], "de")
    assert len(cut) <= MAX_CHARACTERS
    assert cut.endswith(("spielte…", "sehr…", "lange…", "und…"))


def test_stem_is_spelled_as_the_text_writes_it() -> None:
    assert spelling("reaktor", "Kleine Reaktoren brauchen kein Reaktorgebäude.", "de") == "Reaktoren"
    assert spelling("klein", "Kleine Reaktoren, kleine Gebäude", "de") == "kleine"
    assert spelling("zeppelin", "Kleine Reaktoren", "de") == ""
    assert spellings([("reaktor",), ("zeppelin",)], [("Reaktoren", "de")]) == "Reaktoren zeppelin"

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.terms import MAX_BAG, bag, fold, query_stems, search_text, stems, words

LANGUAGES = ("de", "en", "ru", "fr")


def _finds(query, text, language):
    return bool(query_stems(query, LANGUAGES) & set(stems(text, language)))


@pytest.mark.parametrize(
    ("query", "text", "language"),
    [
        ("Kernkraftwerk", "Russland baut neue Kernkraftwerke.", "de"),
        ("Kernkraftwerke", "Das Kernkraftwerk steht still.", "de"),
        ("hauser", "Die Häuser stehen leer.", "de"),
        ("Häuser", "Das Haus steht leer.", "de"),
        ("haeuser", "Die Häuser stehen leer.", "de"),
        ("Häuser", "Die Haeuser stehen leer.", "de"),
        ("strasse", "Die Straßen sind nass.", "de"),
        ("Feuer", "Das Feuer ist aus.", "de"),
        ("энергия", "Цены на энергии растут.", "ru"),
        ("ёлка", "Елку привезли.", "ru"),
        ("election", "Elections were held.", "en"),
        ("énergie", "L'energie coûte cher.", "fr"),
        ("energie", "L'énergie coûte cher.", "fr"),
    ],
)
def test_query_finds_the_other_forms_of_a_word(query, text, language):
    assert _finds(query, text, language)


def test_query_does_not_find_other_words():
    assert not _finds("Kernkraft", "Der Kern des Apfels.", "de")


def test_part_of_a_compound_is_found_by_substring():
    text = search_text("Urteil", ["Das Bundesverfassungsgericht hat entschieden."], "de")
    assert "gericht" in text.compounds
    assert text.title == "urteil"


def test_compounds_hold_each_long_word_once_and_no_short_one():
    text = search_text("Kernkraftwerke", ["Kernkraftwerke, Häuser und Kernkraftwerke"], "de")
    assert text.compounds == "kernkraftwerke"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Häuser", "hauser"),
        ("Straße", "strasse"),
        ("Ёлка", "елка"),
        ("Йод", "йод"),
        ("Œuvre", "oeuvre"),
        ("İzmir", "izmir"),
    ],
)
def test_folding_takes_accents_away(text, folded):
    assert fold(text) == folded


@given(st.text(max_size=100))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_soft_hyphen_and_stress_mark_do_not_cut_a_word():
    assert words("Kern\u00adkraft за\u0301мок") == ("kernkraft", "замок")


def test_scores_and_decimals_stay_whole():
    assert words("Es stand 3:1 bei 12,5 Grad.") == ("es", "stand", "3:1", "bei", "12,5", "grad")


def test_bag_leaves_out_stop_words_and_weighs_the_title():
    found = bag("Kernkraft für Moskau", ["Der Bau der Anlage ist teuer und die Anlage ist groß."], "de")
    assert not {"der", "und", "ist", "die", "fur"} & found.keys()
    assert found["kernkraft"] > found["bau"]
    assert found["anlag"] > found["bau"]


@given(st.text(max_size=2000), st.sampled_from([*LANGUAGES, "xx"]))
def test_bag_is_bounded_and_positive(text, language):
    found = bag("", [text], language)
    assert len(found) <= MAX_BAG
    assert all(weight > 0 for weight in found.values())

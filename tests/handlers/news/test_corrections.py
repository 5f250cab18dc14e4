"""Which changes of a clip matter to somebody who has read it."""

import pytest

from handlers.news.corrections import matters

TITLE = "Kühlturm gesprengt"


@pytest.mark.parametrize(
    ("old", "new", "language", "expected"),
    [
        ("Kühlturm gesprengt", "Kühlturm nicht gesprengt", "de", True),
        ("Kühlturm gesprengt", "Kühlturm gesprengt!", "de", False),
        ("Kühlturm gesprengt", "KÜHLTURM „gesprengt“", "de", False),
        ("Zwölf Tote", "12 Tote", "de", True),
        ("Müller tritt zurück", "Muller tritt zurück", "de", True),
        ("Мост открыт", "Мост закрыт", "ru", True),
    ],
)
def test_headline_matters_by_its_words(old: str, new: str, language: str, expected: bool) -> None:
    assert matters(old, ["Text."], new, ["Text."], language) is expected


@pytest.mark.parametrize(
    ("old", "new", "language", "expected"),
    [
        # numbers
        ("Es gab 12 Verletzte.", "Es gab 14 Verletzte.", "de", True),
        ("Es gab 12 Verletzte.", "12 Verletzte gab es.", "de", False),
        ("Das Spiel endete 3:1.", "Das Spiel endete 1:3.", "de", True),
        # names
        ("The minister John Smith said so.", "The minister John Smythe said so.", "en", True),
        ("The tower fell at noon.", "At noon, the tower fell down.", "en", False),
        ("Yesterday the tower fell.", "Today the tower fell.", "en", False),
        ("La ministre Anne Dupont a parlé.", "La ministre Anne Durand a parlé.", "fr", True),
        ("Das sagte Olaf Scholz am Abend.", "Am Abend sagte das Friedrich Merz.", "de", True),
        ("Das meldet die ARD.", "Das meldet das ZDF.", "de", True),
        ("Der Kanzler Scholz sprach.", "Der Kanzler Merz sprach.", "de", True),
        # German nouns have capitals and are no names
        ("Der Turm fiel um zwölf.", "Um zwölf fiel der hohe Turm neben der Brücke.", "de", False),
        # nothing
        ("Der Turm fiel um zwölf.", "Der Turm fiel, um zwölf!", "de", False),
        ("", "", "de", False),
    ],
)
def test_text_matters_by_its_numbers_and_names(old: str, new: str, language: str, expected: bool) -> None:
    assert matters(TITLE, [old], TITLE, [new], language) is expected


def test_paragraphs_in_another_order_do_not_matter() -> None:
    assert not matters(
        TITLE, ["Es fielen 2 Türme.", "Niemand litt."], TITLE, ["Niemand litt.", "Es fielen 2 Türme."], "en"
    )

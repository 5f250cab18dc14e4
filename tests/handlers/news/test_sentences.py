import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.sentences import split


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("de", ["Das gilt z. B. für Obst.", "Dr. Meier kam am 12. Dezember."]),
        ("de", ["Es kostet 3 Mrd. Euro, d. h. viel Geld.", "Das ist neu."]),
        ("de", ["Am Donnerstag, 3. April, war es so weit.", "Alle kamen."]),
        ("de", ["Im 19. Jahrhundert war der 1. FC noch klein.", "Heute nicht mehr."]),
        ("de", ["Er wurde 12.", "Dann zog er um."]),
        ("de", ["„Wir kommen. Wir gehen nicht“, sagte er.", "Danach schwieg er."]),
        ("de", ["»Wir gehen. Sofort.«", "Der Saal blieb still."]),
        ("de", ["Die Strafe nach Art. 5 Abs. 2 beträgt ca. 3.000 Euro.", "Das ist viel."]),
        ("de", ["Um 7.30 Uhr begann es.", "Um 9 Uhr war Schluss."]),
        ("en", ["The U.S. Senate voted.", "Mr. Smith left at 5 p.m.", "Then he slept."]),
        ("en", ['"We came. We saw," he said.', "It was over."]),
        ("en", ["“It is done. We won,” she said.", "They left."]),
        ("ru", ["Это стоит 5 млрд руб. в год.", "Пушкин ушёл."]),
        ("ru", ["Он сказал: «Мы пришли. Мы ушли».", "Потом он ушёл."]),
        ("fr", ["M. Durand a parlé.", "Puis il est parti."]),
        ("fr", ["« C'est fini. On part », a-t-il dit.", "Elle est restée."]),
        ("fr", ["C'est l'art. 5 de la loi.", "Il est clair."]),
        ("de", ["So viele hat noch niemand gezählt.", "1.612 Paare brüteten im Land."]),
        ("de", ["In einer Abstimmung wurde einer 13. Monatsrente zugestimmt.", "58,2 Prozent waren dafür."]),
        ("de", ["Der Paragraph gilt seit Sept. 2024 nicht mehr.", "12 Länder klagen."]),
        ("en", ["It fell from the sky last week.", "- The group announced more."]),
        ("xx", ["One sentence.", "And another."]),
    ],
)
def test_paragraph_is_cut_at_its_sentences_only(language, sentences):
    assert split(" ".join(sentences), language) == sentences


def test_quotation_that_never_ends_does_not_swallow_the_paragraph():
    assert split('Er sagte: "Das bleibt so. Der Rat tagte. Alle gingen.', "de")[1:] == [
        "Der Rat tagte.",
        "Alle gingen.",
    ]


def test_empty_text_has_no_sentences():
    assert split(" \n\t ", "de") == []


@given(st.text(max_size=400), st.sampled_from(["de", "en", "ru", "fr"]))
def test_nothing_of_a_text_is_lost_or_added(text, language):
    assert "".join(" ".join(split(text, language)).split()) == "".join(text.split())

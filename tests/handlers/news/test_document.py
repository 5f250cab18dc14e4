"""Plain documents: section, headline, paragraphs; references and notices stay inside."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from handlers.news.items import Parsed, RawItem, Refused
from handlers.news.parse import parse

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEED = Path(__file__).parents[4] / "shared" / "seeds" / "kurzclip-ai-journey.txt"


def one(text: str) -> RawItem:
    parsed = parse(text.encode(), name="clip.txt", now=NOW)
    assert parsed.refused == ()
    return parsed.items[0]


def test_a_section_line_stands_above_the_headline() -> None:
    item = one("Kurzclips\n\nNeue Trasse genehmigt\n\nErster Absatz mit einigem Text darin.\n\nZweiter Absatz.")
    assert (item.section, item.title) == ("Kurzclips", "Neue Trasse genehmigt")
    assert item.paragraphs == ("Erster Absatz mit einigem Text darin.", "Zweiter Absatz.")


def test_without_a_section_line_the_headline_comes_first() -> None:
    item = one("Neue Trasse genehmigt: Bau beginnt im März\n\n" + "Ein langer Absatz. " * 30 + "\n\nNoch einer.")
    assert (item.section, item.title) == ("", "Neue Trasse genehmigt: Bau beginnt im März")
    assert len(item.paragraphs) == 2


def test_a_headline_and_one_paragraph_are_a_clip() -> None:
    assert one("Neue Trasse\n\nEin Absatz.").title == "Neue Trasse"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_wrapped_lines_join_whatever_the_line_ends(end: str) -> None:
    text = "Kurzclips\n\nNeue Trasse\n\nDer Betreiber rechnet\nmit dem Start im März.\n  \nEnde der Meldung."
    item = one(text.replace("\n", end))
    assert item.paragraphs == ("Der Betreiber rechnet mit dem Start im März.", "Ende der Meldung.")


@pytest.mark.parametrize(
    "text",
    [
        "# Neue Trasse\nEin Absatz.",
        "Neue Trasse\n===\nEin Absatz.",
        "# Neue Trasse #\n\nEin Absatz.",
        "\ufeff# Neue Trasse\r\n\r\nEin Absatz.",
    ],
)
def test_a_markdown_heading_is_the_headline(text: str) -> None:
    item = one(text)
    assert (item.section, item.title, item.paragraphs) == ("", "Neue Trasse", ("Ein Absatz.",))


def test_a_first_sentence_is_no_section() -> None:
    item = one("Es regnet.\n\nKurz.\n\nUnd nun ein längerer Absatz über das Wetter.")
    assert (item.section, item.title) == ("", "Es regnet.")


def test_direction_marks_and_controls_are_no_text() -> None:
    item = one("Neue\u202e Trasse\u200b\n\nEin\x07 Absatz\u00a0hier.")
    assert (item.title, item.paragraphs) == ("Neue Trasse", ("Ein Absatz hier.",))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Nur eine Zeile", Refused.NO_TEXT),
        ("Kein Titel, nur Text. " * 40, Refused.NO_TITLE),
        ("\ufeff \r\n", Refused.EMPTY),
    ],
)
def test_what_is_no_clip_is_refused(text: str, code: Refused) -> None:
    parsed = parse(text.encode(), now=NOW)
    assert (parsed.items, [refusal.code for refusal in parsed.refused]) == ((), [code])


@pytest.mark.skipif(not SEED.exists(), reason="the sample document is not beside this checkout")
def test_the_sample_document_is_read_whole() -> None:
    parsed = parse(SEED.read_bytes(), name=SEED.name, now=NOW)
    (item,) = parsed.items
    assert parsed == Parsed(items=(item,))
    assert item.section == "Kurzclips"
    assert item.title.startswith('Moskau startet "AI Journey 2025"')
    beginnings = [
        "In Moskau hat",
        "Geplant sind dafür",
        "International kündigte",
        "Mehr zum Thema - Sacharowa:",
        "Durch die Sperrung",
    ]
    assert [text[: len(start)] for text, start in zip(item.paragraphs, beginnings, strict=True)] == beginnings
    assert item.paragraphs[-1].endswith("in den Sozialen Medien zu teilen.")

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.items import RawReference
from handlers.news.references import extract

NEWS = "Der Rat hat am Montag einen Haushalt beschlossen."


@pytest.mark.parametrize(
    ("line", "titles"),
    [
        ("Mehr zum Thema - Rat streitet über Schwimmbad", ["Rat streitet über Schwimmbad"]),
        ("Mehr zum Thema – Rat: Streit geht weiter", ["Rat: Streit geht weiter"]),
        ("Mehr zum Thema ‒ Erster Titel Mehr zum Thema — Zweiter Titel", ["Erster Titel", "Zweiter Titel"]),
        ("Mehr dazu: Rat streitet", ["Rat streitet"]),
        ("Lesen Sie auch: Rat streitet", ["Rat streitet"]),
        ("Lesen Sie auch Ein Titel ohne Doppelpunkt", ["Ein Titel ohne Doppelpunkt"]),
        ("Siehe auch: Ein Titel | Noch ein Titel", ["Ein Titel", "Noch ein Titel"]),
        ("Read more: Council at odds", ["Council at odds"]),
        ("Also read: Council at odds", ["Council at odds"]),
        ("See also – Council at odds", ["Council at odds"]),
        ("Читайте также: Совет спорит", ["Совет спорит"]),
        ("ЧИТАЙТЕ ТАКЖЕ — Совет спорит", ["Совет спорит"]),
        ("À lire aussi : Le conseil se divise", ["Le conseil se divise"]),
        ("Lire aussi Le conseil se divise", ["Le conseil se divise"]),
        ("Mehr zum Thema:\n- Erster\n- Zweiter", ["Erster", "Zweiter"]),
        ("Lesen Sie mehr zum Thema: Rat streitet", ["Rat streitet"]),
        ("Lesen Sie hierzu auch: Rat streitet", ["Rat streitet"]),
        ("Lesen Sie in Teil 2: Rat streitet weiter", ["Rat streitet weiter"]),
        ("Lesetipp der Redaktion: Rat streitet", ["Rat streitet"]),
        ("Passend zum Thema: Rat streitet", ["Rat streitet"]),
        ("Schon gelesen? Rat streitet", ["Rat streitet"]),
        ("Mehr Nachrichten aus Kassel: Rat streitet", ["Rat streitet"]),
        ("→ Rat streitet um Bad", ["Rat streitet um Bad"]),
        ("Read next: Council at odds", ["Council at odds"]),
        ("Watch: Council at odds", ["Council at odds"]),
        ("You may also like: Council at odds", ["Council at odds"]),
        ("Ранее мы писали: Совет спорит", ["Совет спорит"]),
        ("Ещё по теме: Совет спорит", ["Совет спорит"]),
        ("Lisez aussi : Le conseil se divise", ["Le conseil se divise"]),
        ("Notre dossier : le conseil", ["le conseil"]),
        ("Weiterlesen …", []),
        ("Continue reading...", []),
        ("Lire la suite de l'article", []),
        ("Читать далее", []),
    ],
)
def test_marked_line_becomes_references(line, titles):
    kept, found = extract([NEWS, line])
    assert kept == (NEWS,)
    assert [reference.title for reference in found] == titles


@pytest.mark.parametrize(
    "line",
    [
        "Mehr zum Thema Energie sagte der Minister am Montag in Kassel.",
        "Mehr dazu hat der Minister nicht gesagt.",
        "Read more books, the minister told pupils on Monday.",
        "Подробнее о планах министр расскажет завтра.",
        "Zum Thema Steuern schwieg der Kanzler.",
        "Related costs rose by four percent in the second quarter.",
        "Voir aussi loin était le rêve du savant, disait sa fille.",
        "More than 40 people were hurt, police said.",
        "Watch makers in Geneva expect a weak year.",
        "Recommended doses were cut by half, the agency said.",
        "Alles zum Thema Geld besprach die Runde am Montag.",
        "Weiterlesen lernen Kinder in Kassel seit Montag mit Hunden.",
    ],
)
def test_sentence_that_begins_like_a_marker_stays_news(line):
    assert extract([NEWS, line]) == ((NEWS, line), ())


def test_lone_marker_takes_the_headlines_and_links_below_it():
    lines = ["Mehr zum Thema", "Erster Titel", "https://a.example/1", "Zweiter Titel https://a.example/2", NEWS]
    kept, found = extract(lines)
    assert kept == (NEWS,)
    assert found == (
        RawReference("Erster Titel", "https://a.example/1"),
        RawReference("Zweiter Titel", "https://a.example/2"),
    )


def test_titled_marker_takes_only_bullets_and_links_below_it():
    kept, found = extract(["Read more: One", "• Two", "Council in talks", NEWS])
    assert kept == ("Council in talks", NEWS)
    assert [reference.title for reference in found] == ["One", "Two"]


def test_markdown_link_gives_title_and_address():
    assert extract(["Lesen Sie auch: [Der Rat](https://a.example/x)"])[1] == (
        RawReference("Der Rat", "https://a.example/x"),
    )


def test_marker_glued_to_the_end_of_a_paragraph_is_cut_off():
    kept, found = extract([f"{NEWS} Mehr zum Thema - Rat streitet"])
    assert kept == (NEWS,)
    assert found == (RawReference("Rat streitet"),)


@pytest.mark.parametrize(
    "closing", ["Weiterlesen", "Weiterlesen …", "Continue reading...", "Lire la suite", "Подробнее »"]
)
def test_teaser_that_ends_with_a_call_to_read_on_loses_it(closing):
    assert extract([f"{NEWS} {closing}"])[0] == (NEWS,)


def test_same_reference_twice_is_one():
    assert len(extract(["Read more: One", "Read more: One"])[1]) == 1


@given(st.lists(st.text(max_size=120), max_size=6))
def test_hostile_paragraphs_are_read_without_harm(paragraphs):
    kept, found = extract(paragraphs)
    assert len(kept) <= len(paragraphs)
    assert all(reference.title for reference in found)

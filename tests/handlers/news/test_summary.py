import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.sentences import split
from handlers.news.summary import LINE_LETTERS, LONG_LETTERS, SHORT_LETTERS, summarise
from tests.handlers.news.engine_texts import BY_KEY, LOOKALIKES, TEXTS, TWINS

TITLE = "Rat von Kassel beschließt neues Schwimmbad"
LEAD = "Der Rat von Kassel hat am Montag den Bau eines Schwimmbads beschlossen."
NEXT = "Die Kosten werden auf 30 Millionen Euro geschätzt."


def _all(title, paragraphs, language="de", teaser=""):
    found = summarise(title, paragraphs, language, teaser=teaser)
    return (found.line, found.short, found.long)


@pytest.mark.parametrize("text", [*TEXTS, *TWINS, *LOOKALIKES], ids=lambda text: f"{text.key}-{text.language}")
def test_summary_is_whole_sentences_in_order_within_its_length(text):
    found = summarise(text.title, text.paragraphs, text.language)
    sentences = [sentence for paragraph in text.paragraphs for sentence in split(paragraph, text.language)]
    assert found.short
    assert found.long
    for value, limit in ((found.line, LINE_LETTERS), (found.short, SHORT_LETTERS), (found.long, LONG_LETTERS)):
        assert len(value) <= limit
        places = [
            next(place for place, sentence in enumerate(sentences) if sentence.endswith(part))
            for part in split(value, text.language)
        ]
        assert places == sorted(set(places))


@pytest.mark.parametrize("text", [text for text in TEXTS if text.key != "farbe"], ids=lambda text: text.key)
def test_lead_that_tells_the_news_opens_the_summary(text):
    lead = split(text.paragraphs[0].partition("/ТАСС/. ")[2] or text.paragraphs[0], text.language)[0]
    assert lead.endswith(split(summarise(text.title, text.paragraphs, text.language).long, text.language)[0])


def test_lead_that_only_paints_a_scene_gives_way_to_the_news():
    text = BY_KEY["farbe"]
    found = summarise(text.title, text.paragraphs, "de")
    assert found.short.startswith("Der Dorfladen in Oberau gehört seit Januar einer Genossenschaft:")
    assert "Kaffee" not in found.long


@pytest.mark.parametrize(
    ("language", "start"),
    [
        ("de", "Er hatte lange gezögert und wollte zuerst abwarten."),
        ("de", "Dies sei ein guter Tag für die Stadt gewesen, hieß es."),
        ("de", "Doch die Kosten sind hoch, und die Zweifel wachsen."),
        ("de", "Das sagte der Minister am Donnerstag in Berlin."),
        ("en", "However, the costs are high and doubts are growing."),
        ("en", "He had waited long before he decided to act."),
        ("ru", "Он долго ждал и решил действовать только весной."),
        ("ru", "Однако расходы высоки, и сомнения растут."),
        ("fr", "Il avait longtemps attendu avant de se décider."),
        ("fr", "Mais les coûts sont élevés et les doutes grandissent."),
    ],
)
def test_summary_never_starts_with_a_word_that_points_back(language, start):
    whole = {
        "de": "Die Stadt Kassel baut ein Schwimmbad im Westen.",
        "en": "The city of Leeds will build a swimming pool.",
        "ru": "Город Тверь построит новый бассейн на окраине.",
        "fr": "La ville de Lille construira une piscine au sud.",
    }[language]
    assert all(value in {"", whole, f"{whole} {start}"} for value in _all("Titel", [start, whole], language))
    assert _all("Titel", [start], language) == ("", "", "")


@pytest.mark.parametrize(
    ("language", "start"),
    [
        ("de", "Das Kabinett hat am Mittwoch ein neues Gesetz beschlossen."),
        ("de", "Den Filmpreis erhält in diesem Jahr eine Regisseurin aus Kiel."),
        ("de", "So viel Regen fiel im November seit 1990 nicht mehr."),
        ("en", "This week the council meets to decide on the budget."),
        ("fr", "Ce mardi, le conseil se réunit pour voter le budget."),
    ],
)
def test_sentence_that_names_its_own_subject_may_start_the_summary(language, start):
    assert summarise("Titel", [start], language).short == start


@pytest.mark.parametrize(
    "unfit",
    [
        "Was bedeutet das nun für die Bürger der Stadt Kassel?",
        "Foto: Max Beispiel/Beispielagentur, Rathaus von Kassel.",
        "Von Anna Beispiel, Kassel und Berlin",
        "Das Bild zeigt das Rathaus von Kassel im Abendlicht.",
        "Im Bild das Rathaus von Kassel (Archivbild).",
        "Lesen Sie hier alles über das Schwimmbad in Kassel.",
        "Jetzt abonnieren und alles über Kassel erfahren.",
        "Der Rat von Kassel hat das Schwimmbad beschlos...",
        "SCHWIMMBAD FÜR KASSEL BESCHLOSSEN VOM RAT.",
        "Folgen Sie uns auf Telegram, um nichts zu verpassen.",
    ],
)
def test_unfit_sentence_never_comes_into_a_summary(unfit):
    joined = " ".join(_all(TITLE, [unfit, LEAD, NEXT]))
    assert unfit not in joined
    assert LEAD in joined


def test_credit_lines_of_other_languages_are_left_out():
    body = "The city council of Leeds approved a new swimming pool on Monday."
    for unfit in (
        "Photo: A. Example / Example Agency, file picture.",
        "Reporting by A. Example; editing by B. Example.",
    ):
        assert summarise("Leeds builds pool", [unfit, body], "en").long == body


def test_title_is_not_repeated():
    assert summarise(TITLE, [f"{TITLE}.", NEXT], "de").long == NEXT


@pytest.mark.parametrize(
    ("lead", "rest"),
    [
        ("Kassel (dpa) - ", "Der Rat hat den Bau eines Schwimmbads beschlossen."),
        ("Kassel, 5. Mai (Reuters) – ", "Der Rat hat den Bau eines Schwimmbads beschlossen."),
    ],
)
def test_dateline_of_an_agency_is_left_out(lead, rest):
    assert summarise("Schwimmbad", [lead + rest], "de").short == rest


def test_quotation_of_two_sentences_is_kept_whole_or_not_at_all():
    quote = "„Wir haben lange gewartet. Nun wird gebaut“, sagte die Bürgermeisterin von Kassel."
    for value in _all(TITLE, [LEAD, quote]):
        assert value.count("„") == value.count("“")


def test_same_thing_is_not_said_twice():
    again = "Der Rat von Kassel hat den Bau eines Schwimmbads am Montag beschlossen."
    assert again not in summarise(TITLE, [LEAD, again, NEXT], "de").long


def test_publishers_teaser_is_the_short_summary():
    teaser = "Kassel bekommt ein Schwimmbad für 30 Millionen Euro. Der Bau beginnt im Mai."
    assert summarise(TITLE, [LEAD, NEXT], "de", teaser=teaser).short == teaser


@pytest.mark.parametrize(
    "teaser",
    [
        "Der Rat von Kassel hat am Montag den Bau eines…",
        "Warum wird in Kassel jetzt ein Schwimmbad gebaut?",
        "Er hat lange gezögert, nun wird in Kassel gebaut.",
        "Jetzt lesen: alles über das neue Schwimmbad in Kassel.",
        "Mehr dazu.",
        TITLE + ".",
    ],
)
def test_teaser_that_is_none_is_not_used(teaser):
    assert summarise(TITLE, [LEAD, NEXT], "de", teaser=teaser).short == f"{LEAD} {NEXT}"


def test_clip_with_nothing_but_a_teaser_has_it_as_summary():
    found = summarise(TITLE, [], "de", teaser=LEAD)
    assert (found.line, found.short, found.long) == (LEAD, LEAD, LEAD)


@pytest.mark.parametrize("paragraphs", [[], [""], ["Bildergalerie"], ["3:1", "2:0"], ["?" * 500], ["\u202e"]])
def test_text_without_sentences_has_no_summary(paragraphs):
    assert _all(TITLE, paragraphs) == ("", "", "")


def test_sentence_too_long_for_every_length_gives_no_summary():
    assert _all("Titel", [f"Der Rat {'und noch ein Rat ' * 60}tagte."]) == ("", "", "")


@given(st.lists(st.text(max_size=300), max_size=5), st.text(max_size=300), st.sampled_from(["de", "en", "ru", "fr"]))
def test_any_text_is_summarised_within_its_lengths(paragraphs, teaser, language):
    found = summarise("Titel", paragraphs, language, teaser=teaser)
    assert len(found.line) <= LINE_LETTERS
    assert len(found.short) <= SHORT_LETTERS
    assert len(found.long) <= LONG_LETTERS

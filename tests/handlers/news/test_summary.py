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
        ("de", "„Das ist ein guter Tag für alle“, sagte er am Montag."),
        ("de", "„Das ist ein guter Tag für alle in der Stadt.“"),
        ("de", "Sie ist das falsche Signal zur falschen Zeit."),
        ("de", "Weil die Genehmigungen in Kassel Jahre dauern."),
        ("de", "Damals war die Stadt noch klein und das Geld knapp."),
        ("de", "All dies hat die Stadt in den vergangenen Jahren bezahlt."),
        ("en", "“This is a good day for everybody,” she added on Monday."),
        ("ru", "«Это хороший день для всех», — добавил он в понедельник."),
        ("fr", "« C'est un bon jour pour tous », a-t-il ajouté lundi."),
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
    ("language", "later"),
    [
        ("de", "230 von ihnen haben im Herbst Anteile gezeichnet."),
        ("de", "In seiner Rede nannte der Minister keine Zahlen."),
        ("de", "Im Finale von Riga schlugen sie die Türkei deutlich."),
        ("de", "Die Entscheidung fiel am Montag nach langem Streit."),
        ("de", "Der Grund ist der Mangel an Personal im Sommer."),
        ("de", "Noch im Sommer standen sie alle vor dem Nichts."),
        ("en", "Many of them have been waiting for three years."),
        ("en", "In his speech the minister gave no figures at all."),
        ("en", "The forces were also fighting for a nearby dam."),
        ("en", "The move came after months of talks in Geneva."),
        ("en", "Ms Example added that many people had complained."),
        ("en", "One such person is a teacher from the north."),
        ("en", "Usually they are the ones who ask for more."),
        ("ru", "В его речи на совещании не было ни одной цифры."),
        ("fr", "Dans son discours, le ministre n'a donné aucun chiffre."),
    ],
)
def test_sentence_that_points_back_further_in_never_starts_a_summary(language, later):
    whole = {
        "de": "Was wird nun aus der kleinen Stadt an der Grenze?",
        "en": "What will become of the town at the border?",
        "ru": "Что теперь будет с маленьким городом на границе?",
        "fr": "Que va devenir la petite ville à la frontière ?",
    }[language]
    assert _all("Titel", [f"{whole} {later}"], language) == ("", "", "")


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("de", "In seiner ersten Rede hat Kanzler Beispiel am Montag neue Schulden angekündigt."),
        ("de", "So deutlich war noch kein Endspiel: Kiel hat am Samstag Bremen mit 5:0 besiegt."),
        ("en", "In her first speech the prime minister on Monday announced new taxes on fuel."),
    ],
)
def test_lead_that_points_forward_may_start_the_summary(language, first):
    assert summarise("Titel", [first], language).short == first


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
        "Watch the full video of the council's debate above.",
        "Reporting by A. Example; editing by B. Example.",
    ):
        assert summarise("Leeds builds pool", [unfit, body], "en").long == body


@pytest.mark.parametrize(
    "caption",
    [
        "Das Rathaus von Kassel wird seit Montag beleuchtet. Foto: A. Beispiel",
        "Im Rathaus von Kassel wurde am Montag lange gestritten. © dpa/Anna Beispiel",
        "Der Rat von Kassel bei einer früheren Sitzung. (Archivbild)",
        "Das Rathaus von Kassel im Licht des Abends. | Bildquelle: dpa",
        "The council of Leeds at an earlier meeting. Photo by A. Example",
    ],
)
def test_caption_goes_with_the_credit_of_its_picture(caption):
    found = summarise(TITLE, [caption, LEAD, NEXT], "de")
    assert (found.short, found.long) == (f"{LEAD} {NEXT}", f"{LEAD} {NEXT}")


def test_title_is_not_repeated():
    assert summarise(TITLE, [f"{TITLE}.", NEXT], "de").long == NEXT


@pytest.mark.parametrize(
    ("lead", "rest"),
    [
        ("Kassel (dpa) - ", "Der Rat hat den Bau eines Schwimmbads beschlossen."),
        ("Kassel, 5. Mai (Reuters) – ", "Der Rat hat den Bau eines Schwimmbads beschlossen."),
        ("Kassel - ", "Unterhändler haben sich auf den Bau eines Schwimmbads geeinigt."),
        ("Kassel (ots) - (mm) ", "Der Rat hat den Bau eines Schwimmbads beschlossen."),
        ("Kassel. ", "Der Rat hat den Bau eines Schwimmbads beschlossen."),
        ("KASSEL taz | ", "Der Rat hat den Bau eines Schwimmbads beschlossen."),
        ("Bad-Kassel – ", "Unterhändler haben sich auf den Bau eines Schwimmbads geeinigt."),
        ("KASSEL/FULDA – ", "Der Rat hat den Bau eines Schwimmbads beschlossen."),
        ("(dpa) ", "Der Rat hat den Bau eines Schwimmbads beschlossen."),
        ("- ", "Der Rat hat den Bau eines Schwimmbads beschlossen."),
        ("(01.02.2026) ", "Der Rat hat den Bau eines Schwimmbads beschlossen."),
    ],
)
def test_dateline_of_an_agency_is_left_out(lead, rest):
    assert summarise("Schwimmbad", [lead + rest], "de").short == rest


@pytest.mark.parametrize(
    ("language", "lead", "rest"),
    [
        ("en", "MOSCOW, March 20. /TASS/. ", "The city council approved a new pool on Monday."),
        ("en", "Dhaka, Bangladesh - ", "The city council approved a new pool on Monday."),
        ("en", "ANDØYA – ", "The city council approved a new pool on Monday."),
        ("en", "NEW YORK — ", "The city council approved a new pool on Monday."),
        ("en", "LONDON (AP) — ", "The city council approved a new pool on Monday."),
        ("ru", "МОСКВА, 20 марта — РИА Новости. ", "Городской совет одобрил в понедельник новый бассейн."),
        ("fr", "PARIS (AFP) - ", "Le conseil municipal a approuvé lundi une nouvelle piscine."),
    ],
)
def test_dateline_of_other_languages_is_left_out(language, lead, rest):
    assert summarise("Titel", [lead + rest], language).short == rest


def test_first_word_between_dashes_is_no_dateline():
    text = "Wasser – Grundlage allen Lebens – wird in Kassel in diesem Sommer knapp und teuer."
    assert summarise("Titel", [text], "de").short == text


def test_short_form_is_the_two_opening_sentences():
    more = "Die Opposition im Rat sprach vom teuersten Schwimmbad des Landes Hessen."
    assert summarise(TITLE, [f"{LEAD} {NEXT}", more], "de").short == f"{LEAD} {NEXT}"


def test_lead_in_other_words_than_the_title_stays_the_lead():
    lead = "Bus- und Bahnfahren im Süden wird zum 1. August teurer. Der Verbund erhöht die Preise um 5,8 Prozent."
    found = summarise("Verkehrsverbund erhöht Preise", [lead, "Das Ticket kostet dann 3,10 Euro."], "de")
    assert found.short == lead


def test_short_text_whose_last_sentence_shares_a_word_with_the_title_opens_with_its_lead():
    lead = "Die Bahn hat den Fernverkehr zwischen Hamburg und Kiel eingestellt. Grund sind umgestürzte Bäume."
    later = "In Husum deckte der Sturm ein Schuldach ab, verletzt wurde niemand."
    assert summarise("Live-Ticker: Sturm über dem Norden", [lead, later], "de").short == lead


def test_lead_that_says_the_title_again_is_left_out_and_what_follows_is_told():
    found = summarise(
        "Koalition streitet über Reform der Erbschaftsteuer",
        [
            "In der Koalition gibt es Streit über die Erbschaftsteuer. Die SPD fordert höhere Sätze.",
            "Im Bundestag soll die Reform im Mai beraten werden.",
        ],
        "de",
    )
    assert found.short.startswith("Die SPD fordert höhere Sätze.")


def test_title_that_is_a_quotation_does_not_make_a_scene_of_the_lead():
    lead = "Die Sanierung der Tauernstrecke verzögert sich um mehr als ein Jahr."
    quote = "„Wir haben zu lange gewartet und zu wenig geprüft“, sagte Vorstand Georg Pichler."
    assert summarise("„Wir haben zu lange gewartet“", [lead, quote], "de").short.startswith(lead)


def test_sentence_with_half_a_quotation_is_left_out():
    found = summarise(
        TITLE, [LEAD, "So gehe es nicht weiter“, sagte die Bürgermeisterin von Kassel am Abend.", NEXT], "de"
    )
    assert found.long == f"{LEAD} {NEXT}"


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

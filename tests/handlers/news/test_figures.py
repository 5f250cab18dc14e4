"""Numbers with what they count in: equal ones are equal however they are written, others are not."""

import pytest

from handlers.news.figures import Figure, days, figures


@pytest.mark.parametrize(
    ("language", "written", "value", "unit"),
    [
        ("de", "12 %|12 Prozent|zwölf Prozent|12-prozentig", "12", "%"),
        ("de", "1,2 Millionen Euro|1,2 Mio. Euro|1.200.000 €|1 200 000 Euro|€1,2 Millionen", "1200000", "€"),
        ("de", "am 5. März|5. März 2025|am fünften März", "5", "month 3"),
        ("de", "12:30 Uhr|12.30 Uhr", "12:30", ""),
        ("de", "einundzwanzig Tote|21 Tote", "21", ""),
        ("de", "56 000 Tonnen|56.000 Tonnen|56\u202f000 Tonnen|56000 Tonnen|56 Tausend Tonnen", "56000", ""),
        ("de", "3 Billionen Dollar|3.000 Milliarden Dollar", "3000000000000", "$"),
        ("en", "$3 billion|3 billion dollars|three billion US-dollars|$3,000,000,000", "3000000000", "$"),
        ("en", "1.2 euros|1.20 euros", "1.2", "€"),
        ("en", "12 per cent|12%|twelve percent", "12", "%"),
        ("en", "March 5|5 March|5th of March|5th March", "5", "month 3"),
        ("en", "a four-kilometre tunnel|4 kilometres", "4", ""),
        ("fr", "12 pour cent|douze pour cent|12 %", "12", "%"),
        ("fr", "97 morts|quatre-vingt-dix-sept morts", "97", ""),
        ("ru", "двадцать один человек|21 человек|21-летний", "21", ""),
        ("ru", "двести тысяч евро|200 тыс. евро|200 000 евро", "200000", "€"),
        ("ru", "2,5 млрд рублей|2,5 миллиарда руб.", "2500000000", "₽"),
    ],
)
def test_one_number_in_all_its_spellings_is_one_figure(language: str, written: str, value: str, unit: str) -> None:
    for spelling in written.split("|"):
        assert Figure(value, unit) in figures(spelling, language), spelling


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "12 Menschen", "12 Prozent"),
        ("de", "1,2 Millionen", "1,2 Milliarden"),
        ("de", "30 Euro", "30 Dollar"),
        ("de", "5. März", "5. Mai"),
        ("en", "1,200 euros", "1.2 euros"),
        ("en", "30 people", "30 billion"),
        ("fr", "2 milliards", "2 billions"),
        ("ru", "двух детей", "трёх детей"),
    ],
)
def test_what_counts_something_else_is_another_figure(language: str, one: str, other: str) -> None:
    assert figures(one, language)
    assert not figures(one, language) & figures(other, language)


@pytest.mark.parametrize(
    ("language", "text"), [("de", "ein Mann"), ("en", "one of them, who may march"), ("ru", "один")]
)
def test_words_that_are_articles_too_are_no_figures(language: str, text: str) -> None:
    assert figures(text, language) == set()


def test_weekdays_are_told_in_every_language() -> None:
    assert days("am Montag, on Monday, lundi, в понедельник") == {"1"}
    assert days("в среду или в пятницу") == {"3", "5"}

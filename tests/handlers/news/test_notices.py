from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.news.notices import fingerprint, may_repeat, split
from tests.handlers.news.engine_texts import LOOKALIKES, TEXTS, TWINS

SEED = Path(__file__).parents[4] / "shared" / "seeds" / "kurzclip-ai-journey.txt"
NOBODY: frozenset[str] = frozenset()


def _is_notice(paragraph, language="de"):
    result = split([paragraph], repeated=NOBODY, language=language)
    return result.notices == (paragraph,) and not result.body


@pytest.mark.skipif(not SEED.is_file(), reason="the example document is not here")
def test_appeal_and_legal_note_of_the_example_document_go_whole():
    paragraphs = SEED.read_text(encoding="utf-8").strip().split("\n\n")[2:]
    result = split(paragraphs, repeated=NOBODY, language="de")
    assert result.notices == (paragraphs[-1],)
    assert [reference.title[:9] for reference in result.references] == ["Sacharowa"]
    assert result.body == tuple(paragraphs[:3])


@pytest.mark.skipif(not SEED.is_file(), reason="the example document is not here")
def test_notice_without_line_breaks_before_it_is_cut_off():
    paragraphs = SEED.read_text(encoding="utf-8").strip().split("\n\n")[2:]
    result = split([" ".join(paragraphs)], repeated=NOBODY, language="de")
    assert len(result.notices) == 1
    assert result.notices[0] == paragraphs[-1]
    assert "Sperrung von RT" not in " ".join(result.body)


@pytest.mark.parametrize(
    ("language", "paragraph"),
    [
        ("de", "Wenn Ihnen dieser Artikel gefallen hat, teilen Sie ihn gern in den sozialen Netzwerken."),
        ("de", "Abonnieren Sie unseren kostenlosen Newsletter und bleiben Sie informiert."),
        ("de", "Folgen Sie uns auf Telegram und Instagram."),
        ("de", "Laden Sie jetzt unsere neue App herunter."),
        ("de", "Unterstützen Sie unsere Arbeit mit einer Spende."),
        ("de", "© 2026 Beispiel Verlag. Alle Rechte vorbehalten."),
        ("de", "Gastbeiträge müssen nicht die Sichtweise der Redaktion widerspiegeln."),
        ("de", "Anmerkung: Allerdings hat Österreich mit der Änderung des Mediengesetzes eine Änderung eingeführt."),
        ("en", "Sign up for our morning newsletter and get the news delivered to your inbox."),
        ("en", "Follow us on Facebook and X."),
        ("en", "If you enjoyed this story, please share it with your friends."),
        ("en", "This material may not be published, broadcast, rewritten or redistributed."),
        ("en", "Support our journalism. Donate today."),
        ("ru", "Подписывайтесь на наш телеграм-канал."),
        ("ru", "При использовании материалов ссылка на сайт обязательна."),
        ("ru", "Нашли ошибку? Выделите её и нажмите Ctrl+Enter."),
        ("fr", "Abonnez-vous à notre lettre quotidienne."),
        ("fr", "Suivez-nous sur les réseaux : Facebook, X et Instagram."),
        ("fr", "Tous droits réservés."),
        ("fr", "Partagez cet article avec vos amis."),
    ],
)
def test_known_wording_is_a_notice_at_first_sight(language, paragraph):
    assert _is_notice(paragraph, language)


@pytest.mark.parametrize(
    ("language", "paragraph"),
    [
        ("de", "Die EU hat die Sperrung von RT um ein halbes Jahr verlängert. Der Sender klagt dagegen."),
        ("de", "Österreich hat das Gesetz über audiovisuelle Mediendienste geändert und neue Strafen eingeführt."),
        ("de", "Nutzer teilten das Video gern und überall, bis der Konzern den Beitrag sperrte."),
        ("de", "„Teilt unsere Artikel überall, wo ihr aktiv seid“, rief der Blogger vor Gericht seinen Anhängern zu."),
        ("de", "Der Verein bittet um Spenden für die Opfer der Flut. Bis Montag kamen 40.000 Euro zusammen."),
        ("de", "Der Verlag stellt seinen Newsletter ein, den 200.000 Leser abonniert hatten."),
        ("de", "Die App der Bahn war am Dienstag stundenlang nicht zu erreichen."),
        ("de", "Das Gericht entschied, dass Cookies nur mit Zustimmung gesetzt werden dürfen."),
        ("de", "Der Minister unterstützt die Arbeit der Helfer mit zwei Millionen Euro."),
        ("de", "Tausende folgten dem Aufruf und kamen auf den Marktplatz, um für freie Medien zu demonstrieren."),
        ("en", "The company said subscribers to its newsletter had fallen by a third."),
        ("en", "Charities received more donations than ever after the flood, the regulator said."),
        ("en", "The judge ruled that copyright does not protect a photograph taken by a monkey."),
        ("ru", "Число подписчиков канала выросло до миллиона, рассказал его основатель."),
        ("ru", "Благотворители собрали пожертвования на лечение детей."),
        ("fr", "Le journal compte désormais 500 000 abonnés, un record depuis sa création."),
        ("fr", "Les associations ont reçu moins de dons cette année, selon une étude."),
    ],
)
def test_news_that_speaks_of_such_things_is_kept(language, paragraph):
    assert split([paragraph], repeated=NOBODY, language=language).body == (paragraph,)


@pytest.mark.parametrize("text", [*TEXTS, *TWINS, *LOOKALIKES], ids=lambda text: f"{text.key}-{text.language}")
def test_ordinary_news_has_no_notices(text):
    result = split(text.paragraphs, repeated=NOBODY, language=text.language)
    assert result == type(result)(text.paragraphs, (), ())


def test_paragraph_that_the_source_is_known_to_repeat_is_a_notice():
    standing = "Der Beispielbote erscheint seit 1899 an jedem Werktag und gehört seinen Lesern."
    news = "Der Rat tagte am Montag."
    result = split([news, standing], repeated={fingerprint(standing)}, language="de")
    assert (result.body, result.notices) == ((news,), (standing,))


@pytest.mark.parametrize(
    "again", ["DER  BOTE erscheint täglich", "Der Bote erscheint taglich!", "„Der Bote“ erscheint täglich."]
)
def test_fingerprint_looks_past_case_accents_and_punctuation(again):
    assert fingerprint(again) == fingerprint("Der Bote erscheint täglich.")


def test_fingerprint_tells_numbers_apart():
    assert fingerprint("Der Dax schloss bei 15.000 Punkten") != fingerprint("Der Dax schloss bei 15.100 Punkten")


def test_only_longer_paragraphs_are_learned():
    assert may_repeat("Der Beispielbote erscheint seit vielen Jahren an jedem Werktag und gehört seinen Lesern.")
    assert not may_repeat("Das Wetter am Montag:")


@given(st.lists(st.text(max_size=200), max_size=5), st.sampled_from(["de", "en", "ru", "fr", "xx"]))
def test_hostile_text_is_sorted_without_harm(paragraphs, language):
    result = split(paragraphs, repeated=NOBODY, language=language)
    assert len("".join((*result.body, *result.notices))) <= len("".join(paragraphs)) + 10 * len(paragraphs)

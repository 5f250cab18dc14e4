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
        ("de", "Anzeige"),
        ("de", "Stand: 12.03.2025 10:04 Uhr"),
        ("de", "Jetzt Plus 30 Tage kostenlos lesen"),
        ("de", "Original-Content von: Polizei Kassel, übermittelt durch news aktuell"),
        ("de", "Rückfragen bitte an:"),
        ("de", "Über dieses Thema berichtete BR24 am 12. März 2025 um 08:00 Uhr."),
        ("de", "Dieses Thema im Programm: NDR Info | Aktuell | 12.03.2025 | 08:00 Uhr"),
        ("de", "Der Beitrag Neues aus Kassel erschien zuerst auf Hessenblatt."),
        ("de", "Mit Material von Reuters"),
        ("de", "Mit Material der dpa"),
        ("de", "(Mit Informationen von Anna Beispiel)"),
        ("de", "dpa/abc"),
        ("de", "(dpa, AFP)"),
        ("de", "Quelle: ntv.de, mau/dpa"),
        ("de", "Anmerkung der Redaktion: In einer früheren Version dieses Artikels hieß es, der Rat habe zugestimmt."),
        ("de", "Korrektur: Wir hatten den Namen der Ministerin falsch geschrieben."),
        ("de", "Transparenzhinweis: Die Autorin ist Mitglied des Vereins."),
        ("de", "An dieser Stelle befindet sich ein externer Inhalt von YouTube, der den Artikel ergänzt."),
        (
            "de",
            "Ich bin damit einverstanden, dass mir externe Inhalte angezeigt werden.",
        ),
        ("de", "Mit der Aktivierung des Videos akzeptieren Sie die Datenschutzerklärung von YouTube."),
        ("de", "Empfohlener redaktioneller Inhalt"),
        ("de", "Dieser Artikel ist exklusiv für Abonnenten."),
        ("de", "Sie möchten weiterlesen? Testen Sie unser Digitalabo vier Wochen lang."),
        ("de", "Sie haben bereits ein Abo? Hier anmelden."),
        ("de", "Jetzt vier Wochen für nur einen Euro testen."),
        ("de", "Hören Sie hier unseren Podcast zum Thema."),
        ("de", "Schreiben Sie uns Ihre Meinung an leserbriefe@bote.example."),
        ("de", "Keine Nachrichten mehr verpassen: Mit der Botenapp bleiben Sie auf dem Laufenden."),
        ("de", "Jetzt unserem WhatsApp-Kanal folgen!"),
        ("de", "Dieser Text wurde mithilfe Künstlicher Intelligenz erstellt und von der Redaktion geprüft."),
        ("de", "Dieser Artikel wurde aus dem Englischen übersetzt."),
        ("de", "Haben Sie Suizidgedanken? Hilfe bietet die Telefonseelsorge unter 0800 1110111."),
        ("de", "Alle Angaben ohne Gewähr."),
        ("de", "Dieser Artikel erschien zuerst im Handelsblatt."),
        ("de", "Dieser Text erschien in der Ausgabe vom 12. März."),
        ("de", "© dpa-infocom, dpa:250312-99-1/3"),
        ("de", "Hinweis der Redaktion: Wir erhalten beim Kauf eine Provision."),
        ("de", "Holen Sie sich den Newsletter der Redaktion – kostenlos und jeden Morgen."),
        ("de", "Lesen Sie jetzt mit unserem Plus-Abo alle Artikel."),
        ("de", "Möchten Sie externe Inhalte von Instagram laden?"),
        ("en", "(Reporting by Anna Smith in Berlin; Editing by Bob Jones)"),
        ("en", "Additional reporting by Jane Doe."),
        ("en", "Associated Press writer John Smith contributed to this report."),
        ("en", "Correction: An earlier version of this article misspelled the name of the mayor."),
        ("en", "This story has been updated with comments from the company."),
        ("en", "Editor's note: This piece is part of a series on water."),
        ("en", "The post City builds pool appeared first on Leeds Herald."),
        ("en", "This article is republished from The Conversation under a Creative Commons licence."),
        ("en", "To continue reading, subscribe today."),
        ("en", "This article is for subscribers only."),
        ("en", "Start your free trial now."),
        ("en", "Already a subscriber? Log in here."),
        ("en", "Get in touch with us by emailing news@herald.example."),
        ("en", "Join our WhatsApp channel for breaking news."),
        ("en", "Like us on Facebook and follow us on Twitter."),
        ("en", "Listen to our daily podcast wherever you get your podcasts."),
        ("en", "The app is available on the App Store and Google Play. Get the app now."),
        ("en", "To view this content, please enable cookies."),
        ("en", "For more stories like this, visit our homepage."),
        ("en", "In the UK, call Samaritans on 116 123."),
        ("en", "Let us know what you think in the comments."),
        ("en", "We may earn a commission from links on this page."),
        ("en", "Have you been affected by this story? Email us at news@herald.example."),
        ("ru", "Подписывайтесь на наш Telegram-канал и узнавайте новости первыми."),
        ("ru", "Следите за нашими новостями в Telegram."),
        ("ru", "Больше новостей в нашем канале."),
        ("ru", "Оставайтесь с нами."),
        ("ru", "Нашли опечатку? Выделите её и нажмите Ctrl+Enter."),
        ("ru", "По материалам ТАСС"),
        ("ru", "С использованием материалов Reuters."),
        ("ru", "Реклама. ООО «Пример», erid: 2VtzqxKq"),
        ("ru", "Оформите подписку, чтобы читать дальше."),
        ("ru", "Исправление: в ранней версии этой статьи была указана неверная дата."),
        ("ru", "* Meta признана экстремистской организацией и запрещена в России."),
        ("ru", "Данное сообщение (материал) создано и (или) распространено иностранным средством массовой информации."),
        ("ru", "Запись Новый мост открыт впервые появилась Вестник."),
        ("ru", "Чтобы посмотреть этот контент, разрешите файлы cookie."),
        ("ru", "Пишите нам на почту redaktor@vestnik.example."),
        ("ru", "Установите наше приложение, чтобы ничего не пропустить."),
        ("ru", "Читайте нас в Дзене."),
        ("fr", "Suivez-nous sur WhatsApp."),
        ("fr", "Rejoignez notre chaîne WhatsApp pour ne rien manquer."),
        ("fr", "Téléchargez notre application gratuite."),
        ("fr", "Pour lire la suite, abonnez-vous."),
        ("fr", "Déjà abonné ? Connectez-vous."),
        ("fr", "Essayez pour 1 euro le premier mois, sans engagement."),
        ("fr", "Le Courrier avec AFP"),
        ("fr", "Cet article a d'abord été publié en anglais."),
        ("fr", "L’article Une piscine à Lille est apparu en premier sur Le Courrier."),
        ("fr", "Cet article a été mis à jour à 14 heures."),
        ("fr", "Note de la rédaction : une version précédente de cet article indiquait une date erronée."),
        ("fr", "Ce contenu est bloqué car vous n'avez pas accepté les cookies."),
        ("fr", "Écoutez notre podcast quotidien."),
        ("fr", "Écrivez-nous à redaction@courrier.example."),
        ("fr", "Une erreur dans cet article ? Signalez-la."),
        ("fr", "Ne manquez rien de l'actualité."),
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
        ("de", "Jetzt will die Bahn ihre Züge kostenlos testen lassen."),
        ("de", "Stand der Dinge ist, dass der Rat noch nicht entschieden hat."),
        ("fr", "Les associations ont reçu moins de dons cette année, selon une étude."),
        ("de", "Der Verlag erklärte, der Newsletter habe inzwischen 200.000 Abonnenten, jeder zweite zahle dafür."),
        ("de", "„Abonnieren Sie unseren Newsletter“, stand auf dem Plakat, das der Künstler im Museum zeigt."),
        ("de", "„Folgen Sie uns auf Instagram“, rief der Bürgermeister seinen Anhängern am Samstag zu."),
        ("de", "Die Redaktion der Zeitung trat am Montag in einen Streik, weil sie um ihre Stellen fürchtet."),
        ("de", "Die Nachrichtenagentur dpa entlässt nach eigenen Angaben 40 Mitarbeiter."),
        ("de", "Der Sender hatte über dieses Thema berichtet, nachdem ein Informant Unterlagen übergeben hatte."),
        ("de", "Die App der Bahn lässt sich seit Dienstag nicht mehr herunterladen."),
        ("de", "Der Podcast „Nachtzug“ gewinnt den Deutschen Radiopreis."),
        ("de", "Der Konzern muss seine Nutzer künftig fragen, ob externe Inhalte geladen werden sollen."),
        ("de", "Die Telefonseelsorge meldet so viele Anrufe wie nie zuvor."),
        ("de", "Das Gericht gab der Klage einer Abonnentin statt, die ihr Abo online kündigen wollte."),
        ("de", "Der Autor korrigierte in seinem neuen Buch einen Fehler der früheren Fassung des Romans."),
        ("de", "Wer das Abo bis Ende März abschließt, zahlt laut Verkehrsverbund nur die Hälfte."),
        (
            "de",
            "Google verlangt, Texte zu kennzeichnen, die mithilfe von Künstlicher Intelligenz entstanden sind.",
        ),
        ("de", "Der Artikel 5 des Grundgesetzes wurde zuletzt 1949 geändert, sagte die Richterin."),
        ("de", "Mit Material aus dem Tagebau wird der Damm verstärkt, teilte das Amt mit."),
        ("de", "Die Ministerin warb dafür, mehr zu spenden: Jeder Euro helfe den Opfern."),
        ("de", "Facebook-Nutzer teilten den Artikel tausendfach in sozialen Netzwerken."),
        ("de", "Die Partei will mit einem WhatsApp-Kanal junge Wähler erreichen."),
        ("de", "Auf dem Laufenden zu bleiben falle vielen schwer, heißt es in der Studie."),
        ("de", "Das Museum zeigt eine Korrektur, die Goethe eigenhändig in den Text schrieb."),
        ("en", "The newsletter platform said it had five million paying subscribers."),
        ("en", "“Follow us on Instagram,” the protesters shouted as police moved in."),
        ("en", "Reporting by the newspaper led to the minister's resignation."),
        ("en", "The company has updated its app after a series of failures."),
        ("en", "The charity Samaritans said calls had risen by a third."),
        ("en", "An earlier version of the software contained the same flaw, engineers said."),
        ("en", "The court ruled that the article was defamatory and must be removed."),
        ("en", "Subscribers to the service were told to log in again after the breach."),
        ("en", "The podcast has been downloaded 80 million times."),
        ("en", "Donations to the flood appeal have passed 10 million pounds."),
        ("en", "She shared the post with 3,000 followers, the court heard."),
        ("en", "Correction of the error took engineers three days, the airline said."),
        ("ru", "Telegram-канал чиновника заблокировали по решению суда."),
        ("ru", "Число подписчиков телеграм-канала выросло до миллиона."),
        ("ru", "Компания Meta подала апелляцию на решение московского суда."),
        ("ru", "Реклама лекарств в интернете будет ограничена с марта, сообщили в министерстве."),
        ("ru", "Приложение банка не работает с утра понедельника, сообщили клиенты."),
        ("ru", "Редакция газеты объявила забастовку из-за сокращений."),
        ("ru", "По материалам дела, ущерб составил 40 миллионов рублей, сообщил прокурор."),
        ("fr", "Le podcast a été téléchargé dix millions de fois en un an."),
        ("fr", "Les abonnés du journal ont augmenté de 12 % l'an dernier."),
        ("fr", "« Suivez-nous sur Instagram », lançait l'affiche du candidat."),
        ("fr", "L'article 49 de la Constitution a été utilisé dix fois."),
        ("fr", "L'application de la SNCF est en panne depuis mardi matin."),
        ("fr", "Le contenu du colis a été saisi par les douanes."),
        ("fr", "La rédaction du quotidien s'est mise en grève lundi."),
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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Über dieses Thema berichtete das Lokalfernsehen Kassel am 12. März 2025 um 08:00 Uhr.",
            "Über dieses Thema berichtete das Lokalfernsehen Fulda am 3. Dezember 2024 um 19:30 Uhr.",
        ),
        (
            "Dieser Text ist Teil 14 der Reihe, in der Anna Beispiel jede Woche für unsere Leser kocht und schreibt.",
            "Dieser Text ist Teil 15 der Reihe, in der Karl Muster jede Woche für unsere Leser kocht und schreibt.",
        ),
        (
            "Wer mehr weiß, erreicht unsere Redaktion am Montag unter der Nummer 0561 1234 und hilft damit allen.",
            "Wer mehr weiß, erreicht unsere Redaktion am Freitag unter der Nummer 0661 99 und hilft damit allen.",
        ),
        (
            "You are reading issue 214 of the weekly letter that our desk in Paris sends to its members.",
            "You are reading issue 215 of the weekly letter that our desk in Rome sends to its members.",
        ),
        (
            "Этот выпуск нашей рассылки подготовила Анна Пример, следующий вы получите 12 марта в семь утра.",
            "Этот выпуск нашей рассылки подготовила Ольга Слово, следующий вы получите 3 мая в семь утра.",
        ),
        (
            "Vous lisez le numéro 12 de la lettre que notre bureau de Lille envoie chaque lundi à ses abonnés.",
            "Vous lisez le numéro 13 de la lettre que notre bureau de Lyon envoie chaque mardi à ses abonnés.",
        ),
    ],
)
def test_notice_with_another_number_date_or_name_has_the_same_fingerprint(one, other):
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Der Dax schloss am Montag mit einem Plus von 0,4 Prozent bei 15.000 Punkten und damit fester.",
            "Der Dax schloss am Dienstag mit einem Plus von 0,9 Prozent bei 15.100 Punkten und damit fester.",
        ),
        (
            "In Hamburg werden am Samstag bis zu 12 Grad erwartet, dazu weht ein frischer Wind aus Westen.",
            "In Kassel werden am Sonntag bis zu 9 Grad erwartet, dazu weht ein frischer Wind aus Osten.",
        ),
        (
            "Der Artikel über Kassel hat den Rat empört, er verlangt nun eine Entschuldigung von der Zeitung.",
            "Der Artikel über Fulda hat den Rat erfreut, er dankte am Montag den Reportern von der Zeitung.",
        ),
    ],
)
def test_news_with_other_numbers_or_names_has_another_fingerprint(one, other):
    assert fingerprint(one) != fingerprint(other)


def test_notice_with_another_date_is_known_again():
    first = "Über dieses Thema berichtete das Lokalfernsehen Kassel am 12. März 2025 um 08:00 Uhr."
    again = "Das sehen unsere Leser am 3. Mai im Programm von TV Kassel und danach noch lange im Netz."
    later = "Das sehen unsere Leser am 4. Juni im Programm von TV Fulda und danach noch lange im Netz."
    result = split([first, later], repeated={fingerprint(again)}, language="de")
    assert (result.body, result.notices) == ((), (first, later))


@pytest.mark.parametrize(
    ("language", "news", "notice"),
    [
        (
            "de",
            "Der Rat von Kassel hat am Montag den Bau eines Schwimmbads beschlossen. Er kostet 30 Mio. Euro.",
            "Folgen Sie uns auf Telegram.",
        ),
        (
            "de",
            "Der Rat von Kassel hat am Montag den Bau eines Schwimmbads beschlossen. Er kostet 30 Mio. Euro.",
            "Mit Material der dpa",
        ),
        ("de", "Der Rat von Kassel hat am Montag ein Bad beschlossen. Es kostet 30 Mio. Euro.", "(dpa)"),
        ("de", "Der Rat von Kassel hat am Montag ein Bad beschlossen. „Das wird gut“, sagte er.", "mau/dpa"),
        (
            "en",
            "The city council of Leeds approved a new swimming pool on Monday. It will cost 30 million pounds.",
            "Jane Doe contributed to this report.",
        ),
        (
            "fr",
            "Le conseil de Lille a voté lundi la construction d'une piscine. Elle coûtera 30 millions d'euros.",
            "Abonnez-vous à notre lettre.",
        ),
    ],
)
def test_notice_glued_to_the_news_is_cut_off_and_the_news_stays(language, news, notice):
    result = split([f"{news} {notice}"], repeated=NOBODY, language=language)
    assert (result.body, result.notices) == ((news,), (notice,))


def test_sentence_that_ends_with_an_agency_stays_whole():
    news = "Das meldete am Montag die dpa. Der Rat von Kassel bestätigte am Dienstag einen Bericht der AFP."
    assert split([news], repeated=NOBODY, language="de").body == (news,)


def test_long_text_that_begins_with_a_note_of_the_editors_stays_news():
    news = " ".join(f"Der Rat von Kassel hat am Montag Punkt {number} der Liste beschlossen." for number in range(12))
    result = split(
        [f"Anmerkung der Redaktion: Der Bericht erscheint in Teilen. {news}"], repeated=NOBODY, language="de"
    )
    assert (result.body, len(result.notices)) == ((news,), 1)


def test_only_longer_paragraphs_are_learned():
    assert may_repeat("Der Beispielbote erscheint seit vielen Jahren an jedem Werktag und gehört seinen Lesern.")
    assert may_repeat("Die nächste Folge der Serie erscheint am Montag.")
    assert not may_repeat("Das Wetter am Montag:")
    assert not may_repeat("Der Rat von Kassel hat am Montag getagt.")


@given(st.lists(st.text(max_size=200), max_size=5), st.sampled_from(["de", "en", "ru", "fr", "xx"]))
def test_hostile_text_is_sorted_without_harm(paragraphs, language):
    result = split(paragraphs, repeated=NOBODY, language=language)
    assert len("".join((*result.body, *result.notices))) <= len("".join(paragraphs)) + 10 * len(paragraphs)

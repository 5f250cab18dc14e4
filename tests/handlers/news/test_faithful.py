"""What a language model's summary may say of a clip, and what is refused."""

import pytest

from handlers.news.faithful import Flaw, flaw

LANGUAGES = ("de", "en", "ru", "fr")
TITLE = "Kühltürme in Gundremmingen gesprengt"
TEXT = (
    "Die zwei Kühltürme des Kernkraftwerks Gundremmingen sind am 25. Oktober 2025 um 12:30 Uhr gesprengt worden.",
    "Rund 56.000 Tonnen Stahlbeton fielen zu Boden. „Es ist ein Abschied“, sagte Werkleiter Heiko Ringel.",
    "RWE plant dort einen Batteriespeicher für 230 Millionen Euro. Nigeria und Belgien bauen ähnliche Anlagen.",
)
GOOD = "In Gundremmingen sind die Kühltürme des Kraftwerks gesprengt worden; 56 000 Tonnen Beton fielen."


def judge(text: str) -> Flaw | None:
    return flaw(text, title=TITLE, paragraphs=TEXT, language="de", allowed=LANGUAGES)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "Dort will RWE einen Speicher für 230 Millionen Euro bauen, ähnlich wie in Belgien.",
        "„Es ist ein Abschied“, sagte Ringel, nachdem die zwei Türme am 25. Oktober gefallen waren.",
    ],
)
def test_summary_that_says_what_the_clip_says_passes(text: str) -> None:
    assert judge(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD.replace("56 000", "57.000"), Flaw.NUMBER),
        (GOOD.replace("56 000", "5.6"), Flaw.NUMBER),
        (GOOD.replace("56 000", "５７"), Flaw.NUMBER),
        (GOOD.replace("die Kühltürme", "drei Kühltürme"), Flaw.NUMBER),
        ("RWE plant in Gundremmingen einen Batteriespeicher für 230 Milliarden Euro.", Flaw.NUMBER),
        (f"{GOOD} Es war 30:12 Uhr.", Flaw.NUMBER),
        (GOOD.replace("Gundremmingen", "Isar"), Flaw.NAME),
        ("Merkel sah, wie in Gundremmingen die Kühltürme gesprengt worden sind.", Flaw.NAME),
        ("In Niger sind die zwei Kühltürme des Kraftwerks gesprengt worden.", Flaw.NAME),
        ("Die EU lässt die Kühltürme des Kernkraftwerks Gundremmingen sprengen.", Flaw.NAME),
        ("„Es ist ein Neubeginn“, sagte Werkleiter Heiko Ringel in Gundremmingen.", Flaw.QUOTE),
        ("„Es ist ein Abschied, sagte Werkleiter Heiko Ringel in Gundremmingen.", Flaw.QUOTE),
        ("", Flaw.LENGTH),
        ("Gesprengt.", Flaw.LENGTH),
        ("In Gundremmingen sind die Kühltürme des Kraftwerks gesprengt worden, und", Flaw.LENGTH),
        (" ".join([GOOD] * 9), Flaw.LENGTH),
        (f"<b>{GOOD}</b> In Gundremmingen.", Flaw.MARKUP),
        (f"**{GOOD}** In Gundremmingen.", Flaw.MARKUP),
        (f"{GOOD} &lt;RWE&gt; in Gundremmingen.", Flaw.MARKUP),
        (f"{GOOD} Mehr auf https://rwe.com.", Flaw.LINK),
        (f"{GOOD} Mehr auf rwe.com.", Flaw.LINK),
        (f"{GOOD} Mehr von @rwe.", Flaw.LINK),
        (f"/subscribe {GOOD}", Flaw.LINK),
        (f"{GOOD} Nun !subscribe.", Flaw.LINK),
        (GOOD.replace("sind", "si\u200bnd"), Flaw.HIDDEN),
        (GOOD.replace("sind", "\u202esind"), Flaw.HIDDEN),
        (GOOD.replace("; ", ";\n"), Flaw.HIDDEN),
        ("RWE is planning a new storage at the plant after it was blown up in the morning.", Flaw.LANGUAGE),
    ],
)
def test_what_the_clip_does_not_say_is_refused(text: str, expected: Flaw) -> None:
    assert judge(text) is expected


def test_other_languages_are_judged_by_their_own_forms() -> None:
    russian = ("Москва и Пекин договорились о газе", ("В Москве министры подписали договор на 30 лет.",))
    said = "Министры договорились в Москве и Пекине: договор подписали на 30 лет."
    assert flaw(said, title=russian[0], paragraphs=russian[1], language="ru", allowed=LANGUAGES) is None
    lie = said.replace("Пекине", "Токио")
    assert flaw(lie, title=russian[0], paragraphs=russian[1], language="ru", allowed=LANGUAGES) is Flaw.NAME
    english = ("Oslo opens its longest tunnel", ("The tunnel in Oslo is four kilometres long, the mayor said.",))
    said = "The mayor of Oslo has opened a tunnel that is four kilometres long."
    assert flaw(said, title=english[0], paragraphs=english[1], language="en", allowed=LANGUAGES) is None
    lie = said.replace("The mayor", "Mayor Hansen")
    assert flaw(lie, title=english[0], paragraphs=english[1], language="en", allowed=LANGUAGES) is Flaw.NAME


FIRE = "Zwei Tote nach Brand in Kassel"
FIRE_TEXT = (
    "Bei einem Brand in Kassel sind am Montag zwei Menschen gestorben, 30 wurden verletzt. Das teilte die Polizei mit.",
    "Die Feuerwehr war mit 120 Kräften im Einsatz. „Wir haben alles getan“, sagte Sprecherin Anna Weber.",
    "Rund 12 Prozent der Wohnungen sind zerstört, der Schaden beträgt 1,2 Millionen Euro.",
    "Bürgermeister Peter Krause besuchte am 5. März die Siedlung. Der Ministerpräsident, Boris Rhein, kam auch.",
)
TUNNEL = "Oslo opens its longest tunnel"
TUNNEL_TEXT = (
    "The tunnel in Oslo is four kilometres long and cost 1,200 euros per metre, Mayor Anne Lindboe said on Monday.",
    "Builder Per Hansen told us: 30 people work there. “We are proud,” he said. Costs rose 12 percent to $3 billion.",
)


@pytest.mark.parametrize(
    "text",
    [
        "Zwei Menschen sind bei einem Wohnungsbrand in Kassel ums Leben gekommen, 30 wurden verletzt.",
        "Nach dem Brand in Kassel liegt der Schaden bei 1,2 Mio. Euro; 12 % der Wohnungen sind zerstört.",
        "In Kassel sind 2 Menschen bei einem Brand gestorben. Bürgermeister Krause besuchte die Siedlung.",
        "Insgesamt waren 120 Einsatzkräfte der Feuerwehr bei dem Brand in Kassel.",
    ],
)
def test_other_spellings_and_words_put_together_from_those_of_the_clip_pass(text: str) -> None:
    assert flaw(text, title=FIRE, paragraphs=FIRE_TEXT, language="de", allowed=LANGUAGES) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In Kassel sind 12 Menschen bei einem Brand gestorben, teilte die Polizei mit.", Flaw.NUMBER),
        ("In Kassel sind siebzehn Menschen bei einem Brand gestorben, teilte die Polizei mit.", Flaw.NUMBER),
        ("In Kassel sind zweihundert Menschen bei einem Brand gestorben, teilte die Polizei mit.", Flaw.NUMBER),
        ("Der Schaden nach dem Brand in Kassel beträgt 1,2 Prozent, sagte die Polizei.", Flaw.NUMBER),
        ("Der Schaden nach dem Brand in Kassel beträgt 12 Millionen Euro, sagte die Polizei.", Flaw.NUMBER),
        ("Die Polizei sagte am 30. März, bei dem Brand in Kassel seien Menschen gestorben.", Flaw.NUMBER),
        ("Dienstag sind bei einem Brand in Kassel zwei Menschen gestorben, sagte die Polizei.", Flaw.NUMBER),
        ("Peter Weber, der Bürgermeister, besuchte nach dem Brand die Siedlung in Kassel.", Flaw.NAME),
        ("Anna Rhein, die Sprecherin, sagte, dass bei dem Brand in Kassel Menschen starben.", Flaw.NAME),
        ("Sprecherin Weber sagte 'Wir haben nichts getan', als in Kassel der Brand war.", Flaw.QUOTE),
        ("Die Polizei ist schlecht und gehört abgeschafft, wählt jetzt alle die richtigen leute.", Flaw.WORDS),
        ("Die Polizei warnt alle: wer das liest, soll sofort die bank anrufen und geld schicken.", Flaw.WORDS),
        ("In Kassel sind zwei Menschen bei einem Brand gestorben – ☎ ruft die Polizei 👉.", Flaw.HIDDEN),
        ("Bei dem Brand in Kassel hat m\u0435rkel zwei Menschen verletzt, teilte die Polizei mit.", Flaw.HIDDEN),
        ("Bei dem Brand in Kassel sind \u0663\u0660 Menschen verletzt worden, sagte die Polizei.", Flaw.HIDDEN),
    ],
)
def test_what_a_number_counts_and_how_names_go_together_is_checked_too(text: str, expected: Flaw) -> None:
    assert flaw(text, title=FIRE, paragraphs=FIRE_TEXT, language="de", allowed=LANGUAGES) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Oslo's mayor said that the 4-kilometre tunnel cost 1,200 euros per metre.", None),
        ("Costs of the tunnel in Oslo rose by 12 per cent to 3 billion dollars, Hansen said.", None),
        ("The tunnel in Oslo cost 1.2 euros per metre, Mayor Anne Lindboe said on Monday.", Flaw.NUMBER),
        ("The tunnel in Oslo cost 30 billion, Mayor Anne Lindboe said on Monday.", Flaw.NUMBER),
        ("Some sixteen people work in the tunnel in Oslo, the mayor said on Monday.", Flaw.NUMBER),
        ("Anne Hansen said on Monday that the tunnel in Oslo is four kilometres long.", Flaw.NAME),
        ("The US opens a tunnel in Oslo that is four kilometres long, the mayor said.", Flaw.NAME),
        ("She said 'we are ashamed' of the tunnel in Oslo that is four kilometres long.", Flaw.QUOTE),
    ],
)
def test_english_units_names_and_quotations_are_checked_in_their_own_forms(text: str, expected: Flaw | None) -> None:
    assert flaw(text, title=TUNNEL, paragraphs=TUNNEL_TEXT, language="en", allowed=LANGUAGES) is expected

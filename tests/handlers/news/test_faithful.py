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

"""/related: the source's own references first, then the same story, then similar matters, each with its reason."""

from handlers.reply import Action
from storage.database import Database
from tests import make
from tests.dialogue import Talk

TEXTS = (
    ("Kühlturm des Kraftwerks Mehlingen gesprengt", "Der Kühlturm des Kernkraftwerks Mehlingen fiel am Mittag."),
    ("Mehlingen: Turm gefallen", "Der Kühlturm in Mehlingen ist gesprengt worden, viele Menschen sahen zu."),
    ("Rückbau dauert Jahrzehnte", "Der Rückbau eines Werks dauert lange und kostet Milliarden."),
    ("Reaktor im Kernkraftwerk Aarau abgeschaltet", "Der Reaktor im Kernkraftwerk Aarau lieferte zuletzt Strom; der "
     "Kühlturm bleibt stehen, anders als beim Kernkraftwerk Mehlingen."),
    ("Orgel in Husum erklingt", "Nach langer Pause ist die alte Orgel wieder zu hören."),
)  # fmt: skip


async def _tell(db: Database) -> list[int]:
    async with db.write() as tx:
        bote, welle = await make.source(tx, "bote"), await make.source(tx, "welle")
        ids = [await make.clip(tx, welle if place == 1 else bote, *text) for place, text in enumerate(TEXTS[1:], 1)]
        main = await make.clip(tx, bote, *TEXTS[0], references=(make.reference("Rückbau dauert Jahrzehnte"),))
        await make.story(tx, main, ids[0])
        return [main, *ids]


async def test_reference_then_story_then_similar_each_with_its_reason(talk: Talk, db: Database) -> None:
    main, twin, reference, similar, other = await _tell(db)
    await talk.says(f"/related {main}")
    talk.hears(
        "Related to: Kühlturm des Kraftwerks",
        "1. Rückbau",
        "named by the source",
        "2. Mehlingen",
        "same story",
        "3. Reaktor im Kernkraftwerk Aarau",
    )
    assert talk.reply.clips == (reference, twin, similar)
    assert other not in talk.reply.clips


async def test_reference_that_we_do_not_have_is_named_with_its_link(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        named = make.reference("Sacharowa: Antwort folgt", "https://bote.example/antwort")
        await make.clip(tx, await make.source(tx), references=(named,))
    await talk.says("/related 1")
    talk.hears("The source also names", "• Sacharowa: Antwort folgt <https://bote.example/antwort>")


async def test_clip_alone_on_its_matter_is_said_to_be_so(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        await make.clip(tx, await make.source(tx))
    await talk.through(("/related 1", "I know of nothing else on this matter."), ("/related 2", "There is no clip #2."))


async def test_demo_clip_leads_to_its_neighbours(demo_talk: Talk) -> None:
    await demo_talk.says("/related 1")
    demo_talk.hears("Rückbau der Kernkraftwerke", "named by the source")
    assert len(demo_talk.reply.clips) == 5


async def test_list_under_an_inline_result_leads_back_and_promises_nothing_for_later(talk: Talk, db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx)
        first = await make.clip(tx, bote, "Kühlturm gesprengt")
        await make.story(tx, first, await make.clip(tx, await make.source(tx, "funk"), "Turm gefallen"))
    await talk.acts(Action("related", ("1",)))  # no message of ours stands there
    assert talk.labels() == ["1", "Back"]
    await talk.says("/related 1")
    assert talk.labels() == ["1", "Follow this story", "Back"]

"""An edition as its reader sees it."""

from collections.abc import Sequence

from handlers import delivering, digest
from handlers.dispatch import Answer
from handlers.reply import Action
from storage import deliveries
from storage.database import Database, Tx
from storage.states import DeliveryKind, Ownership
from storage.tables import Delivery, EditionEntry
from tests import make
from tests.dialogue import plain
from tests.make import NOW, MovableClock


def entry(place: int, clip_id: int, heading: str = "topic:energie", **fields: object) -> EditionEntry:
    return EditionEntry(edition_id=0, position=place, clip_id=clip_id, heading=heading, **fields)


async def spoken(db: Database, entries: Sequence[EditionEntry], language: str = "en") -> str:
    async with db.read() as tx:
        reply = await digest.of_entries(tx, entries, due_at=NOW)
    return plain(Answer(reply, language, "Europe/Berlin"), MovableClock())


async def two_sources(tx: Tx) -> list[int]:
    bote = await make.source(tx, "bote", name="Der Bote", ownership=Ownership.PUBLIC)
    funk = await make.source(tx, "funk", name="Funk", ownership=Ownership.STATE_CONTROLLED, country="RU")
    return [
        await make.clip(tx, bote, "Kühlturm gesprengt", "Der Turm fiel um zwölf.", url="https://bote.example/1"),
        await make.clip(tx, bote, "Netz wächst", "Zwei Trassen gehen früher ans Netz.", hours=2),
        await make.clip(tx, funk, "Neue Rechner", "Die Rechner stehen im Norden.", hours=20),
    ]


async def test_digest_has_day_time_headings_numbered_stories_and_a_line_that_counts(db: Database) -> None:
    async with db.write() as tx:
        first, second, third = await two_sources(tx)
    heard = await spoken(db, [entry(0, first), entry(1, second, is_update=True), entry(2, third, "keyword:Rechner")])
    at = 0
    for part in (
        "Your overview · Tuesday, 24 November 2026, 08:30",
        "Energy",
        "1. Kühlturm gesprengt <https://bote.example/1>",
        "Der Turm fiel um zwölf.",
        "Der Bote · 1 hour ago",
        "2. Netz wächst",
        "updated · Der Bote",
        "Rechner",
        "3. Neue Rechner",
        "Funk (state-controlled, Russia)",
        "2 topics, 3 items and 2 sources: one public broadcaster and one state-controlled source",
        "[1] [2] [3]",
        "[More on Energy] [More on Rechner]",
        "[Settings]",
    ):
        found = heard.find(part, at)
        assert found >= 0, f"{part!r} is not (or not here) in:\n{heard}"
        at = found


async def test_counts_of_one_are_words(db: Database) -> None:
    async with db.write() as tx:
        first, *_ = await two_sources(tx)
    assert "1 topic, 1 item and 1 source: one public broadcaster" in await spoken(db, [entry(0, first)])


async def test_buttons_lead_to_the_clip_and_to_more_of_each_heading(db: Database) -> None:
    async with db.write() as tx:
        first, second, _ = await two_sources(tx)
    async with db.read() as tx:
        reply = await digest.of_entries(tx, [entry(0, first), entry(1, second, "keyword:Netz")], due_at=NOW)
    actions = [button.action for row in reply.buttons for button in row]
    assert actions[0] == Action("summary", (str(first),))
    assert {Action("latest", ("energie",)), Action("search", ("Netz",)), Action("settings")} <= set(actions)
    assert reply.clips == (first, second)


async def test_nothing_new_is_one_line_under_the_title(db: Database) -> None:
    heard = await spoken(db, [])
    assert heard.endswith("Nothing new on your topics since the last time.")


async def test_story_whose_clip_is_gone_is_left_out_and_the_others_are_counted_without_it(db: Database) -> None:
    async with db.write() as tx:
        first, *_ = await two_sources(tx)
    heard = await spoken(db, [entry(0, 4711), entry(1, first)])
    assert "1. Kühlturm gesprengt" in heard
    assert "1 item" in heard


async def test_markup_in_a_headline_stays_text(db: Database) -> None:
    async with db.write() as tx:
        bote = await make.source(tx, name="<b>B</b>")
        clip_id = await make.clip(tx, bote, "<b>&*_[x](y)` \u202eabc", "Text <i>x</i>.")
    async with db.read() as tx:
        reply = await digest.of_entries(tx, [entry(0, clip_id, "keyword:<b>{name}")], due_at=NOW)
    heard = plain(Answer(reply, "en", "UTC"), MovableClock())
    assert "<b>&*_[x](y)`" in heard
    assert "<b>{name}" in heard


async def delivered(db: Database, kind: str, entries: Sequence[EditionEntry], **fields: object) -> str:
    async with db.write() as tx:
        edition_id = await deliveries.save_edition(tx, "k", entries, NOW)
    row = Delivery(
        chat_id=1, kind=kind, slot="x", local_date=NOW.date(), edition_id=edition_id,
        due_at=NOW, ready_at=NOW, created_at=NOW, **fields,
    )  # fmt: skip
    async with db.read() as tx:
        reply = (await delivering.compose(tx, row)).reply
    return plain(Answer(reply, "en", "UTC"), MovableClock())


async def test_alert_shows_the_story_and_why_it_comes(db: Database) -> None:
    async with db.write() as tx:
        first, *_ = await two_sources(tx)
    heard = await delivered(db, DeliveryKind.ALERT, [entry(0, first, "keyword:Kühlturm")])
    assert heard.startswith("Kühlturm gesprengt")
    assert "You asked to hear of Kühlturm at once · Der Bote" in heard
    assert "[Related]" in heard


async def test_alert_whose_clip_is_gone_has_nothing_to_say(db: Database) -> None:
    async with db.read() as tx:
        assert (await digest.of_alert(tx, [entry(0, 4711)])).blocks == ()


async def test_broadcast_says_the_operators_words(db: Database) -> None:
    heard = await delivered(db, DeliveryKind.BROADCAST, [], body={"text": "Maintenance at noon."})
    assert "Maintenance at noon." in heard

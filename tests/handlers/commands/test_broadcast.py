"""/broadcast: shown first, then owed once to every private chat that can be written to."""

from datetime import UTC, datetime

import pytest

from bot.i18n import Speech
from handlers import broadcast
from handlers.reply import Paragraph
from handlers.request import Person
from storage import chats, deliveries
from storage.database import Database
from storage.states import ChatKind, ChatState, DeliveryKind
from storage.tables import Delivery
from tests import make
from tests.dialogue import Talk

OPERATOR = Person("1", "Olga", language="en", is_operator=True)


@pytest.fixture
async def operator(talk: Talk, db: Database) -> Talk:
    """The operator, in a bot with two private chats beside her own, a group, and one that blocked it."""
    async with db.write() as tx:
        await make.chat(tx, "10")
        await make.chat(tx, "11", options={"quiet": "08:00-09:00"})
        await make.chat(tx, "12", kind=ChatKind.GROUP)
        await make.chat(tx, "13", state=ChatState.BLOCKED)
    return talk.beside(OPERATOR)


async def owed(db: Database) -> dict[str, Delivery]:
    found = {}
    async with db.read() as tx:
        for native_id in ("10", "11", "12", "13"):
            chat = await chats.find(tx, "terminal", native_id)
            assert chat is not None
            for row in await deliveries.of_chat(tx, chat.id or 0, 10):
                found[native_id] = row
    return found


async def test_it_is_shown_and_goes_to_active_private_chats_on_yes(operator: Talk, db: Database) -> None:
    await operator.says("/broadcast Am Sonntag ruht der Bot.")
    operator.hears("A word from the operator", "Am Sonntag ruht der Bot.", "all 3 private chats", "[Yes, send it] [No]")
    assert await owed(db) == {}
    await operator.presses("Yes, send it")
    operator.hears("on its way to 3 chats")
    found = await owed(db)
    assert set(found) == {"10", "11"}
    assert found["10"].kind == DeliveryKind.BROADCAST
    assert found["10"].body == {"text": "Am Sonntag ruht der Bot."}
    assert found["10"].ready_at == make.NOW


async def test_quiet_hours_are_kept(operator: Talk, db: Database) -> None:
    await operator.through(("/broadcast Kurz", "Kurz"), ("[Yes, send it]", "on its way"))
    assert (await owed(db))["11"].ready_at == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


async def test_line_breaks_and_quotation_marks_stay_as_written(operator: Talk, db: Database) -> None:
    text = 'Neu:\n\n„Wetter“ heißt jetzt "Klima".\n  Bis bald'
    await operator.says(f"/broadcast {text}")
    operator.hears("Neu:", '„Wetter“ heißt jetzt "Klima".', "Bis bald")
    await operator.presses("Yes, send it")
    assert (await owed(db))["10"].body == {"text": text}


async def test_pressing_yes_twice_sends_once(operator: Talk, db: Database) -> None:
    await operator.says("/broadcast Kurz")
    yes = operator.buttons()[0].action
    assert yes is not None
    await operator.acts(yes)
    await operator.acts(yes)
    operator.hears("This question is closed")
    async with db.read() as tx:
        assert await deliveries.count(tx) == {"planned": 3}


async def test_a_newer_question_closes_the_older_one(operator: Talk, db: Database) -> None:
    await operator.says("/broadcast Erstens")
    older = operator.buttons()[0].action
    assert older is not None
    operator.clock.move(minutes=1)
    await operator.says("/broadcast Zweitens")
    await operator.acts(older)
    operator.hears("This question is closed")
    assert await owed(db) == {}


async def test_no_sends_nothing(operator: Talk, db: Database) -> None:
    await operator.through(("/broadcast Kurz", "Kurz"), ("[No]", "Nothing is sent."))
    assert await owed(db) == {}


async def test_the_same_words_can_be_sent_twice_a_day(operator: Talk, db: Database) -> None:
    for _ in range(2):
        await operator.through(("/broadcast Kurz", "Kurz"), ("[Yes, send it]", "to 3 chats"))
        operator.clock.move(hours=1)
    async with db.read() as tx:
        assert await deliveries.count(tx) == {"planned": 6}


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("/broadcast", "What shall I write"),
        ("/broadcast    ", "What shall I write"),
        ("/broadcast " + "x" * 3001, "3,000"),
    ],
)
async def test_no_words_or_too_many_are_declined(operator: Talk, said: str, answered: str) -> None:
    await operator.says(said)
    operator.hears(answered)
    assert operator.buttons() == []


async def test_it_is_for_the_operator_only(talk: Talk) -> None:
    await talk.says("/broadcast Kurz")
    talk.hears("Only the operator")


def test_what_readers_get_is_the_text_and_never_markup() -> None:
    reply = broadcast.reply_of(broadcast.body_of("Eins <b>\n\n zwei & {drei}"))
    assert reply.blocks[1:] == (Paragraph("Eins <b>"), Paragraph("zwei & {drei}"))
    speech = Speech("en", "UTC", make.NOW)
    assert [speech.speak(block.content) for block in reply.blocks if isinstance(block, Paragraph)] == [
        "Eins <b>",
        "zwei & {drei}",
    ]


@pytest.mark.parametrize("body", [{}, {"text": None}, {"text": 5}])
def test_an_odd_body_does_not_stop_the_deliverer(body: dict[str, object]) -> None:
    assert broadcast.reply_of(body).blocks

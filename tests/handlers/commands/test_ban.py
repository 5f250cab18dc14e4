"""/ban: a chat that is neither answered nor written to, until the operator lifts it."""

import pytest

from handlers.request import ChatAddress, Person
from storage import chat_moves, chats
from storage.database import Database
from storage.states import ChatKind, ChatState, Platform
from tests.dialogue import Talk

OPERATOR = Person("1", "Olga", language="en", is_operator=True)
GROUP = ChatAddress(Platform.TELEGRAM, "-100", "", ChatKind.GROUP, "Redaktion")


@pytest.fixture
def operator(talk: Talk) -> Talk:
    return talk.beside(OPERATOR, ChatAddress(Platform.TELEGRAM, "1"))


async def state(db: Database, native_id: str = "100") -> str:
    async with db.read() as tx:
        chat = await chats.find(tx, Platform.TELEGRAM, native_id)
    assert chat is not None
    return chat.state


async def test_banned_chat_is_not_answered_until_that_is_lifted(talk: Talk, operator: Talk, db: Database) -> None:
    await talk.says("/subscribe energie")
    await operator.through(("/ban telegram:100", "telegram:100 is answered no longer"))
    assert await talk.says("/help") == ""
    async with db.write() as tx:  # blocked, and unblocked again
        for seen in (ChatState.BLOCKED, ChatState.ACTIVE):
            await chat_moves.set_state(tx, Platform.TELEGRAM, "100", seen)
            await chats.set_state(tx, 1, seen)
    assert await state(db) == ChatState.BANNED
    await operator.through(("/status", "1 is banned"), ("/ban telegram:100 off", "telegram:100 is answered again"))
    await talk.through(("/subscriptions", "Energy"))


async def test_new_topic_of_a_banned_group_is_banned(talk: Talk, operator: Talk) -> None:
    group = talk.beside(address=GROUP)
    await group.says("/help")
    await operator.says("/ban telegram:-100")
    topic = talk.beside(address=ChatAddress(Platform.TELEGRAM, "-100", "7", ChatKind.GROUP))
    assert [await each.says("/help") for each in (group, topic)] == ["", ""]
    await operator.says("/ban telegram:-100 off")
    assert all([await each.says("/help") for each in (group, topic)])


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/ban", "Which chat?"),
        ("/ban 100", "Which chat?"),
        ("/ban icq:100", "Which chat?"),
        ("/ban telegram:", "Which chat?"),
        ("/ban telegram:4711", "I know no chat telegram:4711"),
        ("/ban telegram:100 off", "I know no chat telegram:100"),
        ("/ban telegram:1", "This is the chat that you write from."),
    ],
)
async def test_chat_that_cannot_be_banned_is_named(operator: Talk, said: str, answer: str) -> None:
    await operator.through((said, answer))


async def test_only_the_operator_bans(talk: Talk, operator: Talk) -> None:
    await operator.says("/help")
    await talk.through(("/ban telegram:1", "Only the operator"))

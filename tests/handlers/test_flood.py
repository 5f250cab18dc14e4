"""One person may ask for much, not for everything; the others are answered all the while."""

from datetime import timedelta

import pytest

from handlers import flood
from handlers.dispatch import Dispatcher
from handlers.flood import MOST, Flood, Verdict
from handlers.request import ChatAddress, Person, Request
from storage.states import ChatKind, Platform
from tests.dialogue import Talk
from tests.make import NOW


async def asks(dispatcher: Dispatcher, times: int, person: Person, chat: str = "100", seconds: float = 0) -> list[str]:
    """The words of the answers, "" for none."""
    told = []
    for number in range(times):
        now = NOW + timedelta(seconds=seconds)
        address = ChatAddress(Platform.TELEGRAM, chat, "", ChatKind.PRIVATE)
        request = Request(chat=address, person=person, now=now, text="/help", message_id=str(number))
        answer = await dispatcher.answer(request)
        told.append("" if answer is None else str(answer.reply.blocks[0]))
    return told


async def test_who_asks_too_much_is_told_once_and_heard_again_later(talk: Talk) -> None:
    dispatcher, anna = Dispatcher(talk.services), Person("7", language="en")
    told = await asks(dispatcher, MOST + 20, anna)
    assert all("lot at once" not in words for words in told[:MOST])
    assert ("lot at once" in told[MOST], set(told[MOST + 1 :])) == (True, {""})
    assert await asks(dispatcher, 5, anna, chat="-100", seconds=20) == [""] * 5  # in no other chat either
    assert all(await asks(dispatcher, 20, anna, seconds=31))


async def test_others_and_operators_are_answered_meanwhile(talk: Talk) -> None:
    dispatcher = Dispatcher(talk.services)
    await asks(dispatcher, MOST + 5, Person("7"))
    assert all(await asks(dispatcher, 5, Person("8"), chat="-100"))
    assert all(await asks(dispatcher, MOST + 5, Person("1", is_operator=True)))


def test_clock_that_is_set_back_stops_nobody_for_longer() -> None:
    judge = Flood(4).judge
    assert [judge("a", NOW + timedelta(hours=1)) for _ in range(6)] == [
        *([Verdict.HEARD] * 4),
        Verdict.TOLD,
        Verdict.IGNORED,
    ]
    assert judge("a", NOW) is Verdict.IGNORED
    assert judge("a", NOW + timedelta(seconds=31)) is Verdict.HEARD


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood, "REMEMBERED", 2)
    judge = Flood(1).judge
    assert [judge(person, NOW) for person in "abca"] == [Verdict.HEARD] * 4
    assert judge("a", NOW) is Verdict.TOLD

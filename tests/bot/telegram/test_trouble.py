"""When Telegram is slow, down, full or does not want us: what people get, what the operator reads, what is kept.

Long, since what the server can say is one list, and what becomes of each stands beside it.
"""

import asyncio
import logging
import traceback

import pytest

from bot.errors import PlatformRefused
from bot.platforms.outgoing import Failure, Outgoing, SendError, Withdrawn
from bot.platforms.telegram.account import MOST_ANSWERS, TelegramAccount, diagnose, make_bot
from bot.platforms.telegram.polling import REFUSED
from handlers.reply import Button, Paragraph, Reply, say
from handlers.request import ChatAddress
from storage import chats
from storage.database import Database
from storage.states import ChatState, Platform
from tests.bot.telegram.conftest import Naps, Open, settings_of
from tests.bot.telegram.stub import Stub
from tests.fakes.telegram import FakeTelegram, Person, Room, Status, faults
from tests.make import NOW, MovableClock

SECRET = "1:AVeryLongSecretThatMustNeverBeSeenAnywhere"


class Notes:
    """Is told how far a message is; `refuses` keeps it from being begun."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.begun = 0
        self.parts: list[tuple[str, ...]] = []
        self._refuses = refuses

    async def begin(self) -> None:
        self.begun += 1
        if self._refuses:
            raise Withdrawn

    async def part_sent(self, parts: tuple[str, ...]) -> None:
        self.parts.append(parts)


def outgoing(person: Person | Room, reply: Reply, *, thread: str = "", sent: tuple[str, ...] = ()) -> Outgoing:
    address = ChatAddress(Platform.TELEGRAM, str(person.id), thread)
    return Outgoing(address, reply, "de", "Europe/Berlin", "delivery-1", sent)


async def failure(account: TelegramAccount, message: Outgoing) -> SendError:
    with pytest.raises(SendError) as caught:
        await account.sender.send(message, Notes())
    return caught.value


# People who talk to the bot


@pytest.mark.usefixtures("account")
async def test_an_answer_that_meets_a_flood_limit_comes_after_the_pause(fake: FakeTelegram, naps: Naps) -> None:
    fake.fail_next("sendMessage", faults.flood(7))
    anna = fake.user()
    await anna.says("/help")
    assert ((await anna.hears()).text, naps.taken_s) == ("help", [7.0])


@pytest.mark.usefixtures("account")
async def test_an_answer_meets_server_errors_and_comes_in_the_end(fake: FakeTelegram, naps: Naps) -> None:
    fake.fail_next("sendMessage", faults.error(502), times=3)
    anna = fake.user()
    await anna.says("/help")
    assert ((await anna.hears()).text, naps.taken_s) == ("help", [1.0, 2.0, 4.0])


@pytest.mark.usefixtures("account")
async def test_a_pause_that_nobody_waits_for_is_given_up_and_the_next_question_is_answered(
    fake: FakeTelegram, naps: Naps, caplog: pytest.LogCaptureFixture
) -> None:
    fake.fail_next("sendMessage", faults.flood(3600))
    anna = fake.user()
    await anna.says("/start")
    await anna.says("/help")
    assert ((await anna.hears()).text, naps.taken_s) == ("help", [])
    assert "an answer was not sent: retry flood" in caplog.messages


@pytest.mark.usefixtures("account")
async def test_an_answer_whose_receipt_was_lost_is_not_sent_twice(fake: FakeTelegram) -> None:
    fake.fail_next("sendMessage", faults.reset_after())
    anna = fake.user()
    await anna.says("/help")
    await anna.says("/start")
    heard = [(await anna.hears()).text for _ in range(2)]
    assert heard[0] == "help"
    assert len(anna.messages) == 2


async def test_somebody_who_blocked_the_bot_before_the_answer_came_is_marked(
    fake: FakeTelegram, account_on: Open, db: Database
) -> None:
    anna, ben = fake.user("Anna"), fake.user("Ben")
    fake.fail_next("sendMessage", faults.error(403, "Forbidden: bot was blocked by the user"))
    async with account_on():
        await anna.says("/help")
        await fake.until(lambda: fake.faulted)
        await ben.says("/help")
        await ben.hears()
    async with db.read() as tx:  # whoever closes an account waits for what it writes down
        chat = await chats.find(tx, Platform.TELEGRAM, str(anna.id))
    assert chat is not None
    assert (chat.state, chat.state_reason) == (ChatState.BLOCKED, "blocked")


@pytest.mark.usefixtures("account")
async def test_markup_that_telegram_cannot_read_goes_plain_and_is_logged(
    fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    fake.fail_next("sendMessage", faults.error(400, "Bad Request: can't parse entities: unexpected end tag"))
    anna = fake.user()
    await anna.says("/echo <b>")
    answer = await anna.hears()
    assert (answer.text.splitlines()[0], answer.entities) == ("<b>", [])
    assert [record.levelno for record in caplog.records if "our own markup" in record.message] == [logging.ERROR]


@pytest.mark.usefixtures("account")
async def test_buttons_that_telegram_refuses_are_left_out(fake: FakeTelegram) -> None:
    fake.fail_next("sendMessage", faults.error(400, "Bad Request: BUTTON_DATA_INVALID"))
    anna = fake.user()
    await anna.says("/page")
    answer = await anna.hears()
    assert (answer.text, answer.buttons) == ("page 1", [])


# Messages that are owed


async def test_what_is_owed_arrives_with_all_its_parts_begun_once_and_written_down_as_they_arrive(
    fake: FakeTelegram, account: TelegramAccount
) -> None:
    anna = fake.user(is_started=True)
    notes = Notes()
    long = Reply(tuple(Paragraph(letter * 3000) for letter in "ABC"))
    parts = await account.sender.send(outgoing(anna, long), notes)
    # The last part is written down with the end of the whole.
    assert (notes.begun, notes.parts) == (1, [parts[:1], parts[:2]])
    assert [message.text[0] for message in anna.messages] == ["A", "B", "C"]
    again = await account.sender.send(outgoing(anna, long, sent=parts[:2]), notes)
    assert (again[:2], len(anna.messages), anna.messages[-1].text[0]) == (parts[:2], 4, "C")
    assert notes.begun == 2
    assert fake.complaints == []


async def test_what_must_not_be_sent_now_never_reaches_the_server(fake: FakeTelegram, account: TelegramAccount) -> None:
    anna = fake.user(is_started=True)
    with pytest.raises(Withdrawn):
        await account.sender.send(outgoing(anna, say("x")), Notes(refuses=True))
    assert fake.calls["sendMessage"] == 0


async def test_a_failure_in_the_middle_names_the_parts_that_arrived(
    fake: FakeTelegram, account: TelegramAccount
) -> None:
    anna = fake.user(is_started=True)

    class ThenFails(Notes):
        async def part_sent(self, parts: tuple[str, ...]) -> None:
            fake.fail_next("sendMessage", faults.flood(5))

    long = Reply(tuple(Paragraph(letter * 3000) for letter in "AB"))
    with pytest.raises(SendError) as caught:
        await account.sender.send(outgoing(anna, long), ThenFails())
    assert caught.value.parts == (str(anna.messages[0].message_id),)


@pytest.mark.parametrize(
    ("fault", "expected", "code"),
    [
        (faults.error(500, "Internal Server Error"), Failure.RETRY, "server"),
        (faults.error(502), Failure.RETRY, "server"),
        (faults.error(504, "Gateway Timeout"), Failure.UNCERTAIN, "cut_off"),
        (faults.reset_before(), Failure.UNCERTAIN, "cut_off"),
        (faults.reset_after(), Failure.UNCERTAIN, "cut_off"),
        (faults.error(401, "Unauthorized"), Failure.RETRY, "token"),
        (faults.error(403, "Forbidden: bot was blocked by the user"), Failure.GONE, "blocked"),
        (faults.error(403, "Forbidden: user is deactivated"), Failure.GONE, "deactivated"),
        (faults.error(403, "Forbidden: bot was kicked from the supergroup chat"), Failure.GONE, "kicked"),
        (faults.error(403, "Forbidden: bot can't initiate conversation with a user"), Failure.GONE, "not_started"),
        (faults.error(403, "Forbidden: something new"), Failure.GONE, "forbidden"),
        (
            faults.error(400, "Bad Request: not enough rights to send text messages to the chat"),
            Failure.GONE,
            "no_rights",
        ),
        (faults.error(400, "Bad Request: need administrator rights in the channel chat"), Failure.GONE, "no_rights"),
        (faults.error(400, "Bad Request: TOPIC_CLOSED"), Failure.GONE, "topic_gone"),
        (faults.error(400, "Bad Request: chat not found"), Failure.MISSING, "chat_not_found"),
        (faults.error(400, "Bad Request: something new"), Failure.REJECTED, "bad_request"),
    ],
    ids=lambda value: getattr(value, "description", None) or str(value),
)
async def test_what_the_server_says_has_a_meaning_for_the_delivery(
    fake: FakeTelegram, account: TelegramAccount, fault: faults.Fault, expected: Failure, code: str
) -> None:
    anna = fake.user(is_started=True)
    fake.fail_next("sendMessage", fault)
    error = await failure(account, outgoing(anna, say("x")))
    assert (error.failure, error.code, error.parts) == (expected, code, ())


async def test_a_flood_limit_says_until_when(fake: FakeTelegram, account: TelegramAccount) -> None:
    anna = fake.user(is_started=True)
    fake.fail_next("sendMessage", faults.flood(35))
    error = await failure(account, outgoing(anna, say("x")))
    assert error.retry_at is not None
    assert ((error.retry_at - NOW).total_seconds(), error.lane_wide) == (35.0, False)


async def test_a_group_that_moved_says_where_to(fake: FakeTelegram, account: TelegramAccount) -> None:
    group = fake.group("Familie", fake.user())
    group.adds_bot()
    new = group.upgrade()
    error = await failure(account, outgoing(group, say("x")))
    assert (error.failure, error.moved_to) == (Failure.MOVED, str(new.id))


async def test_a_chat_or_topic_that_does_not_exist_is_told_apart(fake: FakeTelegram, account: TelegramAccount) -> None:
    room = fake.supergroup("Redaktion")
    room.set_bot(Status.MEMBER)
    no_topic = await failure(account, outgoing(room, say("x"), thread="77"))
    fake.fail_next("sendMessage", faults.error(400, "Bad Request: TOPIC_DELETED"))
    deleted = await failure(account, outgoing(room, say("x"), thread="78"))
    stranger = Outgoing(ChatAddress(Platform.TELEGRAM, "987654321"), say("x"), "de", "Europe/Berlin", "k")
    no_chat = await failure(account, stranger)
    gone_to = (Failure.MOVED, "topic_deleted", str(room.id))
    assert [(each.failure, each.code, each.moved_to) for each in (no_topic, deleted)] == [gone_to, gone_to]
    assert no_chat.failure is Failure.MISSING


async def test_a_server_that_cannot_be_connected_got_nothing(fake: FakeTelegram, account: TelegramAccount) -> None:
    anna = fake.user(is_started=True)
    await fake.__aexit__(None, None, None)
    error = await failure(account, outgoing(anna, say("x")))
    assert (error.failure, error.code) == (Failure.RETRY, "unreachable")


async def test_an_answer_without_words_sends_nothing(fake: FakeTelegram, account: TelegramAccount) -> None:
    anna = fake.user(is_started=True)
    assert await account.sender.send(outgoing(anna, Reply()), Notes()) == ()
    assert (
        await account.sender.send(outgoing(anna, Reply(buttons=((Button("x", url="https://a.de"),),))), Notes()) == ()
    )
    assert fake.calls["sendMessage"] == 0


# The account itself


async def test_a_wrong_token_is_one_clear_sentence_without_the_token(
    fake: FakeTelegram, account_on: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(PlatformRefused) as caught:
        async with account_on(token=SECRET, wait=False):
            pass
    assert str(caught.value).startswith("Telegram does not know this bot token;")
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + caplog.text
    with pytest.raises(PlatformRefused) as caught:
        await diagnose(settings_of(fake, SECRET), NOW)
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + caplog.text


async def test_the_operator_can_ask_who_the_bot_is(fake: FakeTelegram) -> None:
    assert await diagnose(settings_of(fake), NOW) == ("kurzclips_bot", "")


async def test_a_day_of_work_never_writes_the_token_into_a_log(
    account_on: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with FakeTelegram(SECRET) as fake, account_on(server=fake):
        anna = fake.user()
        fake.fail_next("sendMessage", faults.reset_before())
        for said in ("/help", "/start", "/boom"):
            await anna.says(said)
        await anna.hears()
    assert caplog.text
    assert SECRET not in caplog.text


async def test_without_a_network_at_the_start_the_bot_says_so_once_and_connects_later(
    fake: FakeTelegram, account_on: Open, naps: Naps, caplog: pytest.LogCaptureFixture
) -> None:
    fake.fail_next("getMe", faults.reset_before(), times=4)
    anna = fake.user()
    await anna.says("/help")
    async with account_on(wait=False):
        assert (await anna.hears()).text == "help"
    assert naps.taken_s == [1.0, 2.0, 4.0, 8.0][: len(naps.taken_s)]
    assert len(naps.taken_s) >= 3
    assert len([words for words in caplog.messages if "cannot be reached" in words]) == 1


async def test_a_token_that_turns_out_wrong_when_the_network_is_back_is_said(
    fake: FakeTelegram, account_on: Open, caplog: pytest.LogCaptureFixture
) -> None:
    fake.fail_next("getMe", faults.reset_before())
    fake.fail_next("getMe", faults.error(401, "Unauthorized"))
    async with account_on(wait=False), make_bot(fake.token, fake.api_url) as other:
        for _ in range(200):
            await other.get_webhook_info()  # a round trip, meanwhile the account goes on
            if caplog.messages[1:]:
                break
    assert "Telegram does not know this bot token" in caplog.messages[-1]


async def test_a_second_program_with_the_same_token_is_explained_in_one_line(
    fake: FakeTelegram, account: TelegramAccount, caplog: pytest.LogCaptureFixture
) -> None:
    fake.fail_next("getUpdates", faults.error(409, "Conflict: terminated by other getUpdates request"), times=2)
    anna = fake.user()
    await anna.says("/help")  # ends the waiting poll
    await anna.hears()
    await fake.until(lambda: len(fake.faulted) == 2, timeout_s=10)
    await fake.until(lambda: fake.updates.is_polled, timeout_s=10)
    assert [words for words in caplog.messages if "409" in words] == [
        "another program polls with the same bot token (409); stop one of the two"
    ]


async def test_a_break_of_the_network_is_said_once_and_its_end_too(
    fake: FakeTelegram, account: TelegramAccount, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    fake.fail_next("getUpdates", faults.error(502))
    anna = fake.user()
    await anna.says("/help")
    await anna.hears()
    await fake.until(lambda: fake.faulted, timeout_s=10)
    await fake.until(lambda: fake.updates.is_polled, timeout_s=10)
    await anna.says("/help")
    await anna.hears()
    told = [words for words in caplog.messages if "polled at the moment" in words or "again" in words]
    assert [words[:35] for words in told] == ["Telegram cannot be polled at the mo", "Telegram can be reached again"]


async def test_answers_that_people_wait_for_are_finished_when_the_bot_stops(
    fake: FakeTelegram, account_on: Open, clock: MovableClock
) -> None:
    anna = fake.user()
    fake.fail_next("sendMessage", faults.hold())
    async with account_on():
        await anna.says("/help")
        await fake.until(lambda: fake.held_calls)
        await anna.says("/page")
        await fake.until(lambda: fake.calls["getUpdates"] >= 3 and fake.updates.is_polled)
        fake.release_held()
    assert [message.text for message in anna.messages] == ["help", "page 1"]
    assert fake.updates.pending == 0


async def test_a_flood_of_updates_is_answered_a_thousand_at_a_time_and_nobody_is_left_out(
    fake: FakeTelegram, account: TelegramAccount, stub: Stub
) -> None:
    people = [fake.user() for _ in range(MOST_ANSWERS + 150)]
    for each in people:
        await each.says("/slow")
    async with make_bot(fake.token, fake.api_url) as other, asyncio.timeout(60):
        while len(stub.heard) < MOST_ANSWERS:
            await other.get_webhook_info()
        for _ in range(50):
            await other.get_webhook_info()  # a round trip, in which more could begin
    assert len(stub.heard) == MOST_ANSWERS
    assert fake.updates.pending >= 150  # they are still with Telegram
    stub.is_over.set()
    await fake.until(lambda: all(each.messages for each in people), timeout_s=60)
    assert {len(each.messages) for each in people} == {1}
    assert fake.complaints == []


async def test_an_update_that_cannot_be_read_does_not_hold_up_the_others(
    fake: FakeTelegram, account: TelegramAccount, caplog: pytest.LogCaptureFixture
) -> None:
    anna = fake.user()
    fake.updates.add("message", {"message_id": 7})
    await anna.says("/help")
    assert (await anna.hears()).text == "help"
    await anna.says("/page")
    assert (await anna.hears()).text == "page 1"
    assert caplog.messages == ["an update of Telegram cannot be read"]
    assert fake.complaints == []


async def test_a_token_that_is_revoked_while_the_bot_runs_is_said_once_and_seen_by_the_health_check(
    fake: FakeTelegram, account: TelegramAccount, naps: Naps, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    fake.fail_next("getUpdates", faults.error(401, "Unauthorized"), times=3)
    anna = fake.user()
    seen: list[str] = []
    naps.meanwhile = lambda: seen.append(account.trouble)
    await anna.says("/start")  # ends the waiting poll
    await anna.hears()
    await fake.until(lambda: len(fake.faulted) == 3)
    await anna.says("/help")
    assert (await anna.hears()).text == "help"
    assert naps.taken_s == [600.0] * 3
    assert (seen, account.trouble) == ([REFUSED] * 3, "")
    told = [record for record in caplog.records if "token" in record.message]
    assert [record.message for record in told] == [REFUSED, "Telegram takes the bot token again"]
    assert not any(record.exc_info for record in told)


async def test_the_webhook_of_another_program_is_told_from_another_poller(
    fake: FakeTelegram, account: TelegramAccount, caplog: pytest.LogCaptureFixture
) -> None:
    words = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
    fake.fail_next("getUpdates", faults.error(409, words), times=2)
    anna = fake.user()
    await anna.says("/help")
    await anna.hears()
    await fake.until(lambda: len(fake.faulted) == 2 and fake.updates.is_polled)
    assert caplog.messages == [
        "another program set a webhook for this bot token (409); stop it, then start this one again"
    ]

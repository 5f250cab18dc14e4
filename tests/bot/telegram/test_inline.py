"""Inline search and the buttons under its results, and the menus of commands."""

import pytest

from storage import chat_moves, search
from storage.database import Database
from tests import make
from tests.fakes.telegram import FakeTelegram, Message, Person

MANY = 45


async def chosen(fake: FakeTelegram, anna: Person, data: str) -> Message:
    """An inline result that stands in a group which the bot does not see, its first button rewritten."""
    answer = await anna.inline("kernkraftwerk")
    message = await anna.chooses(answer.results[0], fake.group("Fremde", anna))
    message.buttons[0].payload["callback_data"] = data
    return message


@pytest.mark.usefixtures("account")
async def test_words_behind_the_bots_name_find_clips_with_source_and_buttons(fake: FakeTelegram) -> None:
    anna = fake.user(language_code="en")
    answer = await anna.inline("kernkraftwerk")
    (result,) = answer.results
    assert (result.title, result.description) == ("Kernkraftwerk geht vom Netz", "Bote · 1 hour ago")
    assert result.text.startswith("Kernkraftwerk geht vom Netz\n")
    assert (answer.is_personal, answer.next_offset, 0 < answer.cache_time_s <= 300) == (True, "", True)
    assert result.payload["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "1|summary|1|long"
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    "typed", ["", " ", "x" * 256, "\U0001f600", "k", "<b>&*_[]", "topic:nosuch", '"', "-", "\u202e"]
)
async def test_anything_typed_gets_an_answer(fake: FakeTelegram, typed: str) -> None:
    anna = fake.user()
    await anna.inline(typed)
    await anna.inline(typed, offset="garbage")
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
async def test_pages_walk_to_the_end_without_a_gap_or_a_repeat(fake: FakeTelegram, db: Database) -> None:
    async with db.write() as tx:
        source = await make.source(tx, "bote")
        for number in range(MANY):
            await make.clip(tx, source, f"Solarpark Nummer {number} eröffnet", hours=2 + number)
    anna = fake.user()
    seen: list[str] = []
    offset = ""
    for _ in range(5):
        answer = await anna.inline("solarpark", offset=offset)
        seen += [result.id for result in answer.results]
        offset = answer.next_offset
        if not offset:
            break
    assert (len(seen), len(set(seen)), offset) == (MANY, MANY, "")
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
async def test_a_button_with_news_under_an_inline_result_changes_it_in_place(fake: FakeTelegram) -> None:
    anna = fake.user()
    message = await chosen(fake, anna, "1|summary|1")
    confirmed = await anna.presses(message, message.buttons[0].text)
    await fake.edited(message)
    assert (message.text, confirmed.text, anna.messages) == ("summary of 1", "", [])
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("data", "words", "is_alert"),
    [
        ("1|keep", "Kept", False),
        ("1|help", "help", False),
        ("1|poster|https://example.org/a.jpg", "Long words. Long words.", True),
        ("7|keep", "This button is too old;", False),
    ],
)
async def test_what_concerns_one_person_under_an_inline_result_is_told_to_that_person(
    fake: FakeTelegram, data: str, words: str, is_alert: bool
) -> None:
    anna = fake.user(language_code="en")
    message = await chosen(fake, anna, data)
    before = message.text
    confirmed = await anna.presses(message, message.buttons[0].text)
    assert confirmed.text.startswith(words)
    assert (confirmed.show_alert, message.text, anna.messages) == (is_alert, before, [])
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
async def test_a_search_leads_into_the_private_chat_to_subscribe_to_it(fake: FakeTelegram) -> None:
    anna = fake.user(language_code="de")
    found, nothing, newest = await anna.inline("kernkraftwerk"), await anna.inline("qwertzuiop"), await anna.inline("")
    assert found.button == {"text": "„kernkraftwerk“ abonnieren", "start_parameter": "sub_kernkraftwerk"}
    assert (nothing.results, nothing.button["text"]) == ((), "Zu „qwertzuiop“ noch nichts – abonnieren")
    assert newest.button == {}
    assert fake.complaints == []


@pytest.mark.usefixtures("account")
async def test_chosen_results_are_counted(fake: FakeTelegram, db: Database) -> None:
    anna = fake.user()
    (result,) = (await anna.inline("kernkraftwerk")).results
    for _ in range(2):
        await anna.chooses(result)
    await anna.says("/help")
    await anna.hears()
    async with db.read() as tx:
        assert await search.chosen(tx) == 2


@pytest.mark.usefixtures("account")
async def test_an_inline_result_sent_to_the_bot_itself_is_no_question(fake: FakeTelegram) -> None:
    anna = fake.user()
    body = {"message_id": 900, "date": fake.unix_time(), "chat": anna.chat.as_json(), "from": anna.user.as_json()}
    fake.updates.add("message", {**body, "text": "Kernkraftwerk geht vom Netz", "via_bot": fake.bot.as_json()})
    await anna.says("/help")
    assert (await anna.hears()).text == "help"
    assert len(anna.messages) == 1


@pytest.mark.usefixtures("account")
async def test_an_inline_query_that_was_typed_on_from_costs_nothing(fake: FakeTelegram) -> None:
    anna = fake.user()
    query = anna.asks_inline("kern")
    fake.queries[query.id].until = float("-inf")
    assert (await anna.inline("kernkraftwerk")).results
    await fake.until(lambda: fake.rejected)
    assert {refusal.method for refusal in fake.rejected} == {"answerInlineQuery"}


@pytest.mark.usefixtures("account")
async def test_a_banned_person_gets_neither_results_nor_answers(fake: FakeTelegram, db: Database) -> None:
    anna, ben = fake.user(), fake.user()
    await anna.says("/help")
    await anna.hears()
    async with db.write() as tx:
        assert await chat_moves.ban(tx, "telegram", str(anna.id))
    anna.asks_inline("kernkraftwerk", "")
    await anna.says("/help")
    await ben.inline("kernkraftwerk")
    await ben.says("/help")
    await ben.hears()
    assert (fake.calls["answerInlineQuery"], len(anna.messages)) == (1, 1)

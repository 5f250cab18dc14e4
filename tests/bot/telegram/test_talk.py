"""Talking with the bot on Telegram: messages, buttons, edits, long and hostile text, pictures, files."""

import logging

import pytest

from storage import chats
from storage.database import Database
from storage.states import Platform
from tests.bot.telegram.stub import Stub
from tests.fakes.telegram import FakeTelegram

pytestmark = pytest.mark.usefixtures("account")
HOSTILE = "<b>&*_[]</b> \u202eRTL\u200f </a> &amp; `x`\x07 \U0001f600"


async def shown_clips(db: Database, chat_id: int, message_id: int) -> list[int]:
    async with db.read() as tx:
        chat = await chats.find(tx, Platform.TELEGRAM, str(chat_id))
        assert chat is not None
        return await chats.clips_of_message(tx, chat.id or 0, str(message_id))


async def test_a_command_in_private_is_answered_in_the_persons_language_with_buttons(fake: FakeTelegram) -> None:
    anna = fake.user("Anna", language_code="en-GB")
    await anna.says("/start clip_1")
    answer = await anna.hears()
    assert answer.html == "<b>Good day. clip_1</b>\n\n/help"
    assert [[button.text for button in row] for row in answer.rows] == [["Seiten", "Website"]]
    assert answer.buttons[1].url == "https://example.org/a?b=1&c=2"
    assert fake.complaints == []


async def test_plain_words_and_links_reach_the_bot_and_stickers_are_met_with_help(fake: FakeTelegram) -> None:
    anna = fake.user()
    await anna.says("kernkraft heute")
    assert (await anna.hears()).text == "search kernkraft heute 1"
    await anna.says("https://example.org/a")
    assert (await anna.hears()).text == "summary of https://example.org/a"
    await anna.sends_document(b"", "a.pdf")
    assert (await anna.hears()).text == "help"
    assert fake.complaints == []


async def test_a_reply_names_the_message_it_answers_and_its_links(fake: FakeTelegram) -> None:
    anna = fake.user()
    await anna.says("/echo Netz")
    answer = await anna.hears()
    await anna.says("/summary", reply_to=answer)
    assert (await anna.hears()).text == f"summary of {answer.message_id} https://example.org/"


async def test_a_button_that_edits_changes_the_message_and_what_it_shows(fake: FakeTelegram, db: Database) -> None:
    anna = fake.user()
    await anna.says("/page")
    message = await anna.hears()
    confirmed = await anna.presses(message, "Mehr")
    await fake.edited(message)
    assert (message.text, confirmed.text, len(anna.messages)) == ("page 2", "", 1)
    await anna.presses(message, "Mehr")
    await fake.edited(message)
    await anna.says("/start")
    await anna.hears()
    assert await shown_clips(db, anna.id, message.message_id) == [3]
    assert fake.complaints == []


async def test_a_button_whose_answer_changes_nothing_is_confirmed_and_no_new_message_comes(fake: FakeTelegram) -> None:
    anna = fake.user()
    await anna.says("/same")
    message = await anna.hears()
    await anna.presses(message, "Noch einmal")
    await fake.until(lambda: fake.rejected)
    assert [refusal.method for refusal in fake.rejected] == ["editMessageText"]
    await anna.says("/help")
    assert (await anna.hears()).text == "help"


async def test_a_button_under_a_deleted_message_brings_a_new_one(fake: FakeTelegram) -> None:
    anna = fake.user()
    await anna.says("/page")
    message = await anna.hears()
    message.is_deleted = True
    await anna.presses(message, "Mehr")
    assert (await anna.hears()).text == "page 2"


@pytest.mark.parametrize("written", ["0|page", "9|page|>2", "page", "1|", "1|../x", "", "1|" + "x" * 40, "\U0001f600"])
async def test_a_button_of_another_time_is_met_with_a_kind_word(fake: FakeTelegram, written: str) -> None:
    anna = fake.user(language_code="en")
    await anna.says("/page")
    message = await anna.hears()
    message.buttons[0].payload["callback_data"] = written or " "
    answer = await anna.presses(message, "Mehr")
    assert answer.text == "This button is too old; please ask anew."
    assert fake.complaints == []


async def test_a_slow_answer_is_confirmed_at_once_and_then_comes_as_a_message(fake: FakeTelegram, stub: Stub) -> None:
    anna = fake.user()
    await anna.says("/page")
    message = await anna.hears()
    message.buttons[0].payload["callback_data"] = "1|slow|a"
    confirmed = await anna.presses(message, "Mehr")
    stub.is_over.set()
    assert (confirmed.text, (await anna.hears()).text) == ("", "done a")
    assert fake.complaints == []


async def test_a_press_is_confirmed_while_its_chat_still_waits_for_something_slow(
    fake: FakeTelegram, stub: Stub
) -> None:
    anna = fake.user()
    await anna.says("/page")
    message = await anna.hears()
    await anna.says("/slow a")
    await fake.until(lambda: stub.heard == ["a"])
    confirmed = await anna.presses(message, "Mehr")
    assert (confirmed.text, message.text) == ("", "page 1")
    stub.is_over.set()
    await fake.edited(message)
    assert message.text == "page 2"
    assert fake.complaints == []


async def test_a_short_answer_to_a_button_is_only_shown_beside_it(fake: FakeTelegram) -> None:
    anna = fake.user(language_code="en")
    await anna.says("/page")
    message = await anna.hears()
    message.buttons[0].payload["callback_data"] = "1|keep"
    assert (await anna.presses(message, "Mehr")).text == "Kept"
    await anna.says("/keep")
    assert (await anna.hears()).text == "kept at length"
    assert [each.text for each in anna.messages] == ["page 1", "kept at length"]


async def test_hostile_text_stays_text(fake: FakeTelegram) -> None:
    anna = fake.user()
    await anna.says(f"/echo {HOSTILE}")
    answer = await anna.hears()
    assert answer.text.startswith("<b>&*_[]</b> RTL </a> &amp; `x` \U0001f600\n\n1. <b>&*")
    assert {entity["type"] for entity in answer.entities} == {"bold", "italic", "text_link"}
    assert fake.complaints == []


async def test_an_unknown_command_in_private_gets_a_suggestion_that_can_be_pressed(fake: FakeTelegram) -> None:
    anna = fake.user(language_code="en")
    await anna.says("/strat <i>")
    answer = await anna.hears()
    assert "Did you mean /start?" in answer.text
    await anna.presses(answer, "/start")
    assert (await anna.hears()).text.startswith("Good day.")


async def test_long_text_comes_in_parts_in_order_with_the_buttons_below_the_last(
    fake: FakeTelegram, db: Database
) -> None:
    anna = fake.user()
    await anna.says("/tied \U0001f600")
    first, second = await anna.hears(), await anna.hears()
    assert first.text.startswith("A: ")
    assert second.text[1] == ":"  # cut between paragraphs
    assert (first.buttons, [button.text for button in second.buttons]) == ([], ["Seite"])
    await anna.says("/start")
    await anna.hears()
    assert await shown_clips(db, anna.id, first.message_id) == [1, 2]
    assert await shown_clips(db, anna.id, second.message_id) == [1, 2]
    assert fake.complaints == []


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://example.org/a.jpg", "photo"),
        ("https://example.org/a.mp4", "video"),
        ("https://example.org/a.GIF?w=3", "animation"),
    ],
)
async def test_a_picture_or_video_comes_with_its_caption_and_buttons(fake: FakeTelegram, url: str, kind: str) -> None:
    anna = fake.user()
    await anna.says(f"/picture {url} a few words")
    answer = await anna.hears()
    assert (answer.media, answer.text, answer.buttons[0].text) == (kind, "A picture\na few words", "Seite")
    assert fake.complaints == []


@pytest.mark.parametrize("words", ["wrong type of the web page content", "failed to get HTTP URL content"])
@pytest.mark.parametrize(("kind", "method"), [("jpg", "sendPhoto"), ("mp4", "sendVideo"), ("gif", "sendAnimation")])
async def test_a_picture_that_cannot_be_fetched_leaves_the_words_with_a_link(
    fake: FakeTelegram, words: str, kind: str, method: str
) -> None:
    fake.cannot_fetch(f"https://example.org/a.{kind}", words)
    anna = fake.user()
    await anna.says(f"/picture https://example.org/a.{kind} a few words")
    answer = await anna.hears()
    assert (answer.media, answer.text, answer.buttons[0].text) == ("", "A picture\na few words", "Seite")
    assert answer.payload["link_preview_options"]["url"] == "https://example.org/article"
    assert [refusal.method for refusal in fake.rejected] == [method]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://localhost/a.jpg", "ftp://example.org/a", "x"])
async def test_a_picture_at_an_absurd_address_is_not_even_tried(fake: FakeTelegram, url: str) -> None:
    anna = fake.user()
    await anna.says(f"/picture {url} words")
    assert (await anna.hears()).text == "A picture\nwords"
    assert fake.complaints == []


async def test_a_picture_with_too_long_a_caption_becomes_a_large_preview(fake: FakeTelegram) -> None:
    anna = fake.user()
    await anna.says("/poster https://example.org/a.jpg")
    answer = await anna.hears()
    assert (answer.media, len(answer.text)) == ("", 1199)
    assert answer.payload["link_preview_options"]["url"] == "https://example.org/a.jpg"
    assert fake.complaints == []


async def test_a_button_under_a_picture_changes_its_caption(fake: FakeTelegram) -> None:
    anna = fake.user()
    await anna.says("/picture https://example.org/a.jpg words")
    message = await anna.hears()
    await anna.presses(message, "Seite")
    await fake.edited(message)
    assert (message.media, message.text) == ("photo", "page 1")
    assert fake.complaints == []


async def test_a_file_comes_with_its_words(fake: FakeTelegram) -> None:
    anna = fake.user()
    await anna.says("/file")
    answer = await anna.hears()
    assert (answer.media, answer.text) == ("document", "all of it")
    assert fake.complaints == []


async def test_a_bug_below_is_one_calm_sentence_and_the_bot_lives_on(
    fake: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    anna = fake.user(language_code="en")
    await anna.says("/boom")
    assert "Something went wrong on my side." in (await anna.hears()).text
    await anna.says("/help")
    assert (await anna.hears()).text == "help"
    assert [record.levelno for record in caplog.records if record.message == "command failed"] == [logging.ERROR]


async def test_messages_of_one_chat_keep_their_order_while_another_chat_goes_on(fake: FakeTelegram, stub: Stub) -> None:
    anna, ben = fake.user("Anna"), fake.user("Ben")
    for words in ("/slow a", "/slow b", "/help"):
        await anna.says(words)
    await ben.says("/help")
    assert (await ben.hears()).text == "help"
    assert stub.heard == ["a"]
    stub.is_over.set()
    assert [(await anna.hears()).text for _ in range(3)] == ["done a", "done b", "help"]
    assert fake.complaints == []


@pytest.mark.parametrize(
    ("captions", "answer"),
    [
        (("https://example.org/a", "", ""), "summary of https://example.org/a"),
        (("", "", "https://example.org/a"), "summary of https://example.org/a"),
        (("https://example.org/a", "https://example.org/b"), "summary of https://example.org/a"),
        (("", "", ""), "help"),
    ],
)
async def test_an_album_is_answered_once(fake: FakeTelegram, captions: tuple[str, ...], answer: str) -> None:
    anna = fake.user()
    await anna.sends_album(*captions)
    assert (await anna.hears()).text == answer
    await anna.sends_album("/page")
    assert (await anna.hears()).text == "page 1"
    assert [message.text for message in anna.messages] == [answer, "page 1"]
    assert fake.complaints == []

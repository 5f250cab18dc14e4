"""python-telegram-bot against the fake: what it sends is accepted, what it gets back it understands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    LinkPreviewOptions,
    ReactionTypeEmoji,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from tests.fakes.telegram import FakeTelegram, Person, Room, faults

Context = ContextTypes.DEFAULT_TYPE


def bot_for(fake: FakeTelegram, token: str = "1:A") -> Bot:  # noqa: S107  the fake's own token
    return Bot(token, base_url=f"{fake.api_url}/bot", base_file_url=f"{fake.api_url}/file/bot")


async def latest(update: Update, _context: Context) -> None:
    assert update.message is not None
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Mehr", callback_data="more:1")]])
    await update.message.reply_text("<b>Netzausbau</b> &amp; mehr", parse_mode="HTML", reply_markup=buttons)


async def more(update: Update, _context: Context) -> None:
    assert update.callback_query is not None
    await update.callback_query.answer("Gern")
    await update.callback_query.edit_message_text("Mehr Text")


async def inline(update: Update, _context: Context) -> None:
    assert update.inline_query is not None
    content = InputTextMessageContent("Ein <i>Text</i>", parse_mode="HTML")
    article = InlineQueryResultArticle("1", f"Zu {update.inline_query.query}", content, description="kurz")
    await update.inline_query.answer([article], cache_time=5, next_offset="20", is_personal=True)


async def keep_document(update: Update, _context: Context) -> None:
    assert update.message is not None
    assert update.message.document is not None
    file = await update.message.document.get_file()
    await update.message.reply_text((await file.download_as_bytearray()).decode())


@pytest.fixture
async def fake(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeTelegram]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # 22.8 warns of RetryAfter's old whole seconds without it
    async with FakeTelegram() as fake:
        yield fake


@pytest.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[Bot]:
    async with bot_for(fake) as bot:
        yield bot


@pytest.fixture
async def application(fake: FakeTelegram) -> AsyncIterator[Application]:  # type: ignore[type-arg]
    builder = ApplicationBuilder().token("1:A").base_url(f"{fake.api_url}/bot")
    application = builder.base_file_url(f"{fake.api_url}/file/bot").build()
    application.add_handler(CommandHandler("latest", latest))
    application.add_handler(CallbackQueryHandler(more))
    application.add_handler(InlineQueryHandler(inline))
    application.add_handler(MessageHandler(filters.Document.ALL, keep_document))
    async with application:
        assert application.updater is not None
        await application.updater.start_polling(timeout=5)
        await application.start()
        yield application
        await application.updater.stop()
        await application.stop()


@pytest.mark.usefixtures("application")
async def test_a_dialogue_by_polling_command_button_and_edit(fake: FakeTelegram) -> None:
    anna = fake.user("Anna")
    await anna.says("/latest")
    message = await anna.hears()
    answer = await anna.presses(message, "Mehr")
    await fake.edited(message)
    assert (message.edits[0]["text"], message.text, answer.text) == ("Netzausbau & mehr", "Mehr Text", "Gern")
    assert fake.complaints == []


@pytest.mark.usefixtures("application")
async def test_inline_search_and_a_chosen_result(fake: FakeTelegram) -> None:
    anna = fake.user("Anna")
    answer = await anna.inline("kernkraft")
    chosen = await anna.chooses(answer.results[0])
    assert (answer.results[0].title, answer.next_offset, answer.cache_time_s) == ("Zu kernkraft", "20", 5)
    assert (chosen.text, chosen.html) == ("Ein Text", "Ein <i>Text</i>")


@pytest.mark.usefixtures("application")
async def test_a_document_reaches_the_bot_and_can_be_downloaded(fake: FakeTelegram) -> None:
    anna = fake.user("Anna")
    await anna.sends_document(b"<opml/>", "feeds.opml")
    assert (await anna.hears()).text == "<opml/>"


@pytest.mark.usefixtures("application")
async def test_privacy_mode_hides_talk_in_groups_but_not_commands(fake: FakeTelegram) -> None:
    anna = fake.user("Anna")
    group = fake.supergroup("Runde", anna)
    group.adds_bot(anna)
    before = fake.updates.pending
    await anna.says("/latest@other_bot", chat=group)
    await anna.says("Wie geht es?", chat=group)
    assert fake.updates.pending == before
    await anna.says("/latest@kurzclips_bot", chat=group)
    assert (await group.hears()).text == "Netzausbau & mehr"


async def test_the_updater_gives_way_when_a_second_bot_polls(fake: FakeTelegram, bot: Bot) -> None:
    async with bot_for(fake) as other:
        first = asyncio.ensure_future(bot.get_updates(timeout=5))
        await fake.until(lambda: fake.updates.is_polled)
        second = asyncio.ensure_future(other.get_updates(timeout=5))
        with pytest.raises(Conflict):
            await first
        await fake.user().says("Hallo")
        assert len(await second) == 1


async def test_a_bot_that_goes_and_comes_back_is_no_second_poller(fake: FakeTelegram) -> None:
    for text in ("eins", "zwei"):
        async with bot_for(fake) as bot:
            polling = asyncio.ensure_future(bot.get_updates(timeout=5))
            await fake.until(lambda: fake.updates.is_polled)
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
            await fake.user().says(text)
            (update,) = await bot.get_updates()
            await bot.get_updates(offset=update.update_id + 1)
    assert fake.complaints == []


async def test_updates_come_again_until_an_offset_confirms_them(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.user()
    for text in ("eins", "zwei", "drei"):
        await anna.says(text)
    first = await bot.get_updates(limit=2)
    again = await bot.get_updates(offset=first[0].update_id)
    rest = await bot.get_updates(offset=again[1].update_id + 1)
    assert [u.message.text for u in (*first, *rest) if u.message] == ["eins", "zwei", "drei"]
    assert fake.updates.pending == 1


async def test_unwanted_kinds_of_update_are_left_out(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.user()
    await bot.get_updates(allowed_updates=["inline_query"])
    await anna.says("Hallo")
    anna.asks_inline("x")
    assert [bool(update.inline_query) for update in await bot.get_updates()] == [True]


async def test_the_profile_can_be_set_and_read(fake: FakeTelegram, bot: Bot) -> None:
    me = await bot.get_me()
    await bot.set_my_commands([BotCommand("latest", "Neues")], scope=BotCommandScopeAllGroupChats(), language_code="de")
    await bot.set_my_description("Nachrichten", language_code="de")
    await bot.set_my_short_description("Kurz")
    commands = await bot.get_my_commands(scope=BotCommandScopeAllGroupChats(), language_code="de")
    assert (me.username, commands[0].command) == ("kurzclips_bot", "latest")
    assert (await bot.get_my_description("de")).description == "Nachrichten"
    assert (await bot.get_my_short_description("en")).short_description == "Kurz"
    assert (await bot.get_my_name()).name == "Kurzclips"
    assert fake.rejected == []


async def test_each_kind_of_message_is_accepted(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.user(is_started=True)
    picture = "https://example.org/bild.jpg"
    text = await bot.send_message(
        anna.id, "Text", link_preview_options=LinkPreviewOptions(is_disabled=True), disable_notification=True
    )
    reply = await bot.send_message(anna.id, "Antwort", reply_parameters=ReplyParameters(text.message_id, quote="Tex"))
    photo = await bot.send_photo(anna.id, b"\x89PNG", caption="<b>Bild</b>", parse_mode="HTML")
    await bot.send_video(anna.id, picture)
    await bot.send_animation(anna.id, picture)
    await bot.send_document(anna.id, b"<opml/>", filename="feeds.opml")
    album = await bot.send_media_group(anna.id, [InputMediaPhoto(picture, caption="a"), InputMediaPhoto(b"\x89PNG")])
    await bot.edit_message_caption(anna.id, photo.message_id, caption="Neu")
    await bot.edit_message_media(InputMediaPhoto(b"\x89PNG2", caption="Neuer"), anna.id, photo.message_id)
    await bot.send_chat_action(anna.id, "typing")
    await bot.copy_message(anna.id, anna.id, text.message_id)
    await bot.forward_message(anna.id, anna.id, text.message_id)
    await bot.pin_chat_message(anna.id, text.message_id)
    await bot.set_message_reaction(anna.id, text.message_id, ReactionTypeEmoji("👍"))
    await bot.delete_messages(anna.id, [text.message_id, 999])
    assert reply.reply_to_message is not None
    assert (reply.reply_to_message.message_id, len(album)) == (text.message_id, 2)
    assert [m.media or "text" for m in anna.messages] == [
        *("text", "photo", "video", "animation", "document", "photo", "photo", "text", "text")
    ]
    assert fake.complaints == []


async def test_chats_and_members_are_described(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.user("Anna")
    group = fake.supergroup("Runde", anna)
    group.adds_bot()
    group.promotes_bot()
    chat = await bot.get_chat(group.id)
    member = await bot.get_chat_member(group.id, bot.id)
    administrators = await bot.get_chat_administrators(group.id)
    assert (chat.title, member.status, [admin.user.id for admin in administrators]) == ("Runde", "administrator", [1])
    assert await bot.get_chat_member_count(group.id) == 2
    topic = group.topic("Energie")
    assert (await bot.send_message(group.id, "x", message_thread_id=topic.thread_id)).is_topic_message
    await bot.leave_chat(group.id)
    with pytest.raises(Forbidden, match="not a member"):
        await bot.send_message(group.id, "x")


def _flooded(fake: FakeTelegram, anna: Person, _group: Room) -> int:
    fake.fail_next("sendMessage", faults.flood(7))
    return anna.id


def _blocked(_fake: FakeTelegram, anna: Person, _group: Room) -> int:
    anna.blocks()
    return anna.id


def _upgraded(_fake: FakeTelegram, _anna: Person, group: Room) -> int:
    group.upgrade()
    return group.id


def _broken(fake: FakeTelegram, anna: Person, _group: Room) -> int:
    fake.fail_next("*", faults.error(502, "Bad Gateway"))
    return anna.id


def _cut_off(fake: FakeTelegram, anna: Person, _group: Room) -> int:
    fake.fail_next("sendMessage", faults.reset_before())
    return anna.id


def _unknown(_fake: FakeTelegram, _anna: Person, _group: Room) -> int:
    return 5


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (_flooded, RetryAfter),
        (_blocked, Forbidden),
        (_upgraded, ChatMigrated),
        (_broken, NetworkError),
        (_cut_off, NetworkError),
        (_unknown, BadRequest),
    ],
)
async def test_trouble_becomes_the_librarys_own_error(
    fake: FakeTelegram,
    bot: Bot,
    trouble: Callable[[FakeTelegram, Person, Room], int],
    error: type[TelegramError],
) -> None:
    anna = fake.user(is_started=True)
    group = fake.group("Runde", anna)
    group.adds_bot()
    chat_id = trouble(fake, anna, group)
    with pytest.raises(TelegramError) as caught:
        await bot.send_message(chat_id, "Guten Morgen")
    assert type(caught.value) is error
    assert anna.messages == []


async def test_a_wrong_token_is_an_invalid_token(fake: FakeTelegram) -> None:
    bot = bot_for(fake, "1:B")
    with pytest.raises(InvalidToken):
        await bot.initialize()
    await bot.shutdown()


@pytest.mark.parametrize(
    "fault",
    [
        faults.reset_after(),
        faults.error_after(),
        faults.gateway_after(502),
        faults.gateway_after(504),
        faults.gateway_after(has_page=False),
    ],
)
async def test_an_accepted_message_whose_answer_is_lost_stands_in_the_chat(
    fake: FakeTelegram, bot: Bot, fault: faults.Fault
) -> None:
    anna = fake.user(is_started=True)
    fake.fail_next("sendMessage", fault)
    with pytest.raises(NetworkError):
        await bot.send_message(anna.id, "Guten Morgen")
    assert [message.text for message in anna.messages] == ["Guten Morgen"]
    assert [line.is_answered for line in fake.accepted if line.method == "sendMessage"] == [False]


async def test_an_answer_that_comes_after_the_client_gave_up_is_lost(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.user(is_started=True)
    fake.fail_next("sendMessage", faults.hold())
    with pytest.raises(TimedOut):
        await bot.send_message(anna.id, "Guten Morgen", read_timeout=0.05)
    await fake.until(lambda: fake.held_calls)
    fake.release_held()
    sent = next(line for line in fake.accepted if line.method == "sendMessage")
    await fake.until(lambda: not sent.is_answered)
    assert [message.text for message in anna.messages] == ["Guten Morgen"]


async def _sent(bot: Bot, chat_id: int) -> bool:
    try:
        await bot.send_message(chat_id, "x")
    except NetworkError:
        return False
    return True


async def test_faults_by_chance_are_the_same_for_the_same_seed() -> None:
    async def run(seed: int) -> list[bool]:
        async with FakeTelegram() as fake, bot_for(fake) as bot:
            anna = fake.user(is_started=True)
            fake.random_faults(faults.RandomFaults(seed=seed, error=0.2, reset_after=0.1, gateway_after=0.2))
            return [await _sent(bot, anna.id) for _ in range(40)]

    first, again, other = await run(1), await run(1), await run(2)
    assert first == again != other
    assert 5 < first.count(False) < 35


async def test_a_held_answer_arrives_when_it_is_let_go(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.user(is_started=True)
    fake.fail_next("sendMessage", faults.hold())
    sending: Awaitable[object] = asyncio.ensure_future(bot.send_message(anna.id, "x"))
    await fake.until(lambda: fake.held_calls)
    assert len(anna.messages) == 1
    fake.release_held()
    await sending


async def test_silence_is_a_timeout_that_tells_what_was_refused(fake: FakeTelegram, bot: Bot) -> None:
    anna = fake.user(is_started=True)
    with pytest.raises(BadRequest):
        await bot.send_message(anna.id, "<p>x</p>", parse_mode="HTML")
    with pytest.raises(TimeoutError, match='Unsupported start tag "p"'):
        await anna.hears(timeout_s=0.01)

"""The rules of the fake Bot API, tried over the wire without any bot library.

Long, since it goes through the rules in the order of the Bot API.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.telegram import FakeTelegram, FloodLimits, Options, Person, Status

Json = dict[str, Any]


class Clock:
    """Seconds that only pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Wire:
    """Calls methods as a client would and gives back the whole answer."""

    def __init__(self, fake: FakeTelegram, session: aiohttp.ClientSession, anna: Person) -> None:
        self.fake = fake
        self.session = session
        self.anna = anna

    async def call(self, method: str, **params: Any) -> Json:
        form = {key: value if isinstance(value, str) else json.dumps(value) for key, value in params.items()}
        async with self.session.post(f"{self.fake.api_url}/bot1:A/{method}", data=form) as response:
            answer: Json = await response.json()
            assert response.status == answer.get("error_code", 200)
            return answer

    async def send(self, text: str = "Guten Morgen", **params: Any) -> Json:
        return await self.call("sendMessage", **{"chat_id": self.anna.id, "text": text} | params)

    async def refused(self, method: str, **params: Any) -> str:
        answer = await self.call(method, **params)
        assert not answer["ok"], answer
        assert self.fake.rejected, "a refusal must be on record"
        return str(answer["description"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def wire(clock: Clock) -> AsyncIterator[Wire]:
    async with FakeTelegram(clock=clock) as fake, aiohttp.ClientSession() as session:
        yield Wire(fake, session, fake.user("Anna", is_started=True))


def keyboard(*buttons: Json) -> Json:
    return {"inline_keyboard": [list(buttons)]}


def press(data: str) -> Json:
    return {"text": "Mehr", "callback_data": data}


async def test_a_plain_message_is_accepted_in_form_json_and_multipart(wire: Wire) -> None:
    url = f"{wire.fake.api_url}/bot1:A/sendMessage"
    multipart = aiohttp.FormData({"chat_id": str(wire.anna.id), "text": "drei & 3 ä"}, default_to_multipart=True)
    assert (await wire.send("eins + 1 ä"))["ok"]
    async with wire.session.post(url, json={"chat_id": wire.anna.id, "text": "zwei % 2 ä"}) as response:
        assert response.status == 200
    async with wire.session.post(url, data=multipart) as response:
        assert response.status == 200
    assert [message.text for message in wire.anna.messages] == ["eins + 1 ä", "zwei % 2 ä", "drei & 3 ä"]
    assert wire.fake.rejected == []


async def test_nested_objects_come_as_json_objects_too_and_are_checked_as_strictly(wire: Wire) -> None:
    async def send(button: Json) -> Json:
        params = {"chat_id": wire.anna.id, "text": "<b>x</b>", "parse_mode": "HTML"}
        params |= {"link_preview_options": {"is_disabled": True}, "reply_markup": {"inline_keyboard": [[button]]}}
        async with wire.session.post(f"{wire.fake.api_url}/bot1:A/sendMessage", json=params) as response:
            answer: Json = await response.json()
            return answer

    sent = await send({"text": "Mehr", "callback_data": "more:1"})
    assert sent["result"]["reply_markup"] == {"inline_keyboard": [[{"text": "Mehr", "callback_data": "more:1"}]]}
    refused = [await send({"text": "Mehr"} | more) for more in ({"callback_data": "x" * 65}, {"callback_date": "x"})]
    assert refused[0]["description"] == "Bad Request: BUTTON_DATA_INVALID"
    assert 'unknown field "reply_markup.inline_keyboard.callback_date"' in refused[1]["description"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("text=a%20b+c%2B%3D%26%0A=d", "a b c+=&\n=d"),
        ("text=%C3%A4%F0%9F%98%80%E2%80%9Eä", "ä😀„ä"),
        ("text=50%+mehr%2", "50% mehr%2"),
        ("text=%C3", None),
        ("text", None),
        ("text=a&&b=c", None),
    ],
)
async def test_a_form_is_read_as_browsers_write_it(wire: Wire, body: str, text: str | None) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    url = f"{wire.fake.api_url}/bot1:A/sendMessage"
    async with wire.session.post(url, data=f"chat_id={wire.anna.id}&{body}", headers=kind) as response:
        answer = await response.json()
    assert answer.get("result", {}).get("text") == text, answer
    assert text is not None or "can't parse the request" in answer["description"]


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("sendMesage", {}, "Not Found: method not found"),
        ("sendMessage", {"text": "x"}, "Bad Request: chat_id is empty"),
        ("sendMessage", {"chat_id": 1}, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": 1, "text": "x"}, "Bad Request: chat not found"),
        ("sendMessage", {"chat_id": "@niemand", "text": "x"}, "Bad Request: chat not found"),
        ("sendMessage", {"chat_id": 1, "text": "x", "foo": 1}, 'Bad Request: unknown parameter "foo" of sendMessage'),
        ("getFile", {}, 'Bad Request: parameter "file_id" is required'),
        ("deleteMessage", {"chat_id": 1, "message_id": "x"}, 'Field "message_id" must be of type Integer'),
        ("deleteMessage", {"chat_id": 1}, "Bad Request: message identifier is not specified"),
        ("sendMessage", {"chat_id": 1, "text": "x", "protect_content": "vielleicht"}, "must be of type Boolean"),
        ("sendMessage", {"chat_id": 1, "text": "x", "link_preview_options": "{"}, "JSON object"),
        ("sendMessage", {"chat_id": 1, "text": "x", "link_preview_options": {"disabled": True}}, "unknown field"),
        ("sendMessage", {"chat_id": 1, "text": "x", "parse_mode": "XML"}, "Bad Request: unsupported parse_mode"),
        ("getUpdates", {"limit": 101}, 'parameter "limit" must be 1-100'),
        ("setMyName", {"name": "x" * 65}, 'parameter "name" must be 0-64'),
        ("setMyDescription", {"description": "x" * 513}, 'parameter "description" must be 0-512'),
        ("setMyShortDescription", {"short_description": "x" * 121}, 'parameter "short_description" must be 0-120'),
        ("setMyName", {"name": "x", "language_code": "deutsch"}, "invalid language code specified"),
    ],
)
async def test_a_wrong_call_is_refused(wire: Wire, method: str, params: Json, words: str) -> None:
    assert words in await wire.refused(method, **params)
    assert wire.fake.accepted == []


@pytest.mark.parametrize(
    ("path", "code"), [("bot1:B/getMe", 401), ("bot/getMe", 404), ("elsewhere", 404), ("file/bot1:A/x", 404)]
)
async def test_a_wrong_token_or_path_is_refused(wire: Wire, path: str, code: int) -> None:
    async with wire.session.get(f"{wire.fake.api_url}/{path}") as response:
        assert response.status == code


async def test_a_known_method_without_behaviour_answers_501_and_is_on_record(wire: Wire) -> None:
    answer = await wire.call("sendDice", chat_id=wire.anna.id)
    assert answer["error_code"] == 501
    assert wire.fake.unsupported == ["sendDice: Not Implemented: the fake has no behaviour for sendDice"]


@pytest.mark.parametrize(
    ("text", "params", "words"),
    [
        (" \n ", {}, "message text is empty"),
        ("<b> </b>", {"parse_mode": "HTML"}, "message text is empty"),
        ("x" * 4097, {}, "message is too long"),
        ("😀" * 2049, {}, "message is too long"),
        ("<b>", {"parse_mode": "HTML"}, "can't parse entities"),
        ("x", {"entities": [{"type": "bold", "offset": 0, "length": 2}]}, "ends after the end of the text"),
        ("x", {"reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ("x", {"message_thread_id": 7}, "message thread not found"),
        ("x", {"reply_markup": keyboard(press(""))}, "BUTTON_DATA_INVALID"),
        ("x", {"reply_markup": keyboard(press("ä" * 33))}, "BUTTON_DATA_INVALID"),
        ("x", {"reply_markup": keyboard({"text": "x"})}, "Text buttons are unallowed in the inline keyboard"),
        ("x", {"reply_markup": keyboard({"text": " ", "callback_data": "x"})}, "button text must be non-empty"),
        ("x", {"reply_markup": keyboard({"text": "x", "callback_data": "x", "pay": True})}, "exactly one action"),
        ("x", {"reply_markup": keyboard({"text": "x", "url": "ftp://example.org"})}, "Unsupported URL protocol"),
        ("x", {"reply_markup": keyboard({"text": "x", "url": "http://"})}, "Wrong HTTP URL"),
        ("x", {"reply_markup": {"inline_keyboard": [[press("x")]] * 101}}, "reply markup is too long"),
    ],
)
async def test_a_message_against_the_rules_is_refused(wire: Wire, text: str, params: Json, words: str) -> None:
    assert words in await wire.refused("sendMessage", chat_id=wire.anna.id, text=text, **params)
    assert wire.anna.messages == []


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("x" * 4096, {}),
        ("😀" * 2048, {}),
        ("<b>" + "x" * 4096 + "</b>", {"parse_mode": "html"}),
        ("&lt;" * 4096, {"parse_mode": "HTML"}),
        ("x", {"reply_markup": keyboard(press("x" * 64))}),
        ("x", {"reply_markup": keyboard({"text": "x", "url": "tg://user?id=1"})}),
        ("x", {"reply_markup": {"inline_keyboard": [[press("x")]] * 100}}),
        ("x", {"reply_parameters": {"message_id": 99, "allow_sending_without_reply": True}}),
        ("x", {"link_preview_options": {"is_disabled": True}}),
        ("x", {"reply_markup": {"remove_keyboard": True}}),
    ],
)
async def test_a_message_at_the_limit_is_accepted(wire: Wire, text: str, params: Json) -> None:
    assert (await wire.send(text, **params))["ok"]
    assert (wire.fake.rejected, wire.fake.warnings) == ([], [])


async def test_more_than_100_entities_are_cut_with_a_warning(wire: Wire) -> None:
    answer = await wire.send("<b>x</b> " * 101, parse_mode="HTML")
    assert len(answer["result"]["entities"]) == 100
    assert wire.fake.warnings == ["sendMessage: 101 entities: the server drops those beyond 100"]


async def test_a_media_caption_may_have_1024_units(wire: Wire) -> None:
    photo = {"chat_id": wire.anna.id, "photo": "https://example.org/bild.jpg"}
    assert (await wire.call("sendPhoto", caption="x" * 1024, **photo))["ok"]
    assert await wire.refused("sendPhoto", caption="x" * 1025, **photo) == "Bad Request: message caption is too long"


async def test_a_picture_that_cannot_be_fetched_is_refused_alone_and_in_an_album(wire: Wire) -> None:
    wire.fake.cannot_fetch("https://example.org/tot.jpg")
    wire.fake.cannot_fetch("https://example.org/weg.jpg", "failed to get HTTP URL content")
    media = [{"type": "photo", "media": f"https://example.org/{name}.jpg"} for name in ("gut", "weg")]
    assert await wire.refused("sendPhoto", chat_id=wire.anna.id, photo="https://example.org/tot.jpg") == (
        "Bad Request: wrong type of the web page content"
    )
    assert "failed to send message #2" in await wire.refused("sendMediaGroup", chat_id=wire.anna.id, media=media)
    assert "2-10" in await wire.refused("sendMediaGroup", chat_id=wire.anna.id, media=media[:1])
    assert wire.anna.messages == []


async def test_an_upload_can_be_downloaded_again(wire: Wire) -> None:
    form = aiohttp.FormData({"chat_id": str(wire.anna.id)})
    form.add_field("document", b"<opml/>", filename="feeds.opml")
    async with wire.session.post(f"{wire.fake.api_url}/bot1:A/sendDocument", data=form) as response:
        document = (await response.json())["result"]["document"]
    path = (await wire.call("getFile", file_id=document["file_id"]))["result"]["file_path"]
    async with wire.session.get(f"{wire.fake.api_url}/file/bot1:A/{path}") as response:
        assert await response.read() == b"<opml/>"


@pytest.mark.parametrize(
    ("method", "change"),
    [("editMessageText", {"text": "Neu"}), ("editMessageReplyMarkup", {"reply_markup": keyboard(press("neu"))})],
)
async def test_an_edit_changes_once_and_is_then_not_modified(wire: Wire, method: str, change: Json) -> None:
    sent = (await wire.send("Alt"))["result"]
    target = {"chat_id": wire.anna.id, "message_id": sent["message_id"]} | change
    assert (await wire.call(method, **target))["result"]["edit_date"]
    assert (await wire.refused(method, **target)).startswith("Bad Request: message is not modified")
    assert len(wire.anna.messages[0].edits) == 1


async def test_only_own_existing_messages_of_the_right_kind_can_be_edited(wire: Wire) -> None:
    own = (await wire.send("Alt"))["result"]["message_id"]
    hers = (await wire.anna.says("Hallo")).message_id
    edit = {"chat_id": wire.anna.id, "text": "Neu"}
    assert "can't be edited" in await wire.refused("editMessageText", message_id=hers, **edit)
    assert "message to edit not found" in await wire.refused("editMessageText", message_id=999, **edit)
    assert "no caption" in await wire.refused("editMessageCaption", chat_id=wire.anna.id, message_id=own, caption="Neu")
    assert (await wire.call("deleteMessage", chat_id=wire.anna.id, message_id=own))["ok"]
    assert "message to edit not found" in await wire.refused("editMessageText", message_id=own, **edit)
    assert "message to delete not found" in await wire.refused("deleteMessage", chat_id=wire.anna.id, message_id=own)


async def test_a_button_press_can_be_answered_once_and_in_time(wire: Wire, clock: Clock) -> None:
    await wire.send(reply_markup=keyboard(press("a")))
    first, second = (wire.anna.press(wire.anna.messages[0], "Mehr") for _ in range(2))
    assert "MESSAGE_TOO_LONG" in await wire.refused("answerCallbackQuery", callback_query_id=first.id, text="x" * 201)
    assert (await wire.call("answerCallbackQuery", callback_query_id=first.id, text="x" * 200))["ok"]
    clock.now += wire.fake.options.callback_timeout_s + 1
    for query_id in (first.id, second.id, "nonsense"):
        assert "query is too old" in await wire.refused("answerCallbackQuery", callback_query_id=query_id)


def article(number: int, **changes: Any) -> Json:
    content = {"message_text": "Text"}
    return {"type": "article", "id": str(number), "title": "Titel", "input_message_content": content} | changes


@pytest.mark.parametrize(
    ("results", "more", "words"),
    [
        ([article(n) for n in range(51)], {}, "RESULTS_TOO_MUCH"),
        ([article(1), article(1)], {}, "RESULT_ID_DUPLICATE"),
        ([article(1, id="ä" * 33)], {}, "RESULT_ID_INVALID"),
        ([article(1, title=" ")], {}, "ARTICLE_TITLE_EMPTY"),
        ([article(1, input_message_content={"message_text": ""})], {}, "message text is empty"),
        ([article(1, input_message_content={"message_text": "x" * 4097})], {}, "message is too long"),
        ([article(1, input_message_content={"message_text": "<b>", "parse_mode": "HTML"})], {}, "can't parse entities"),
        ([{"type": "article", "id": "1", "title": "x"}], {}, 'can\'t find field "results.input_message_content"'),
        ([{"type": "artikel", "id": "1"}], {}, 'unknown type of "results"'),
        ([article(1, thumbnail_url="bild.jpg")], {}, "WEBDOCUMENT_URL_INVALID"),
        ([article(1, reply_markup=keyboard(press("x" * 65)))], {}, "BUTTON_DATA_INVALID"),
        ([], {"next_offset": "x" * 65}, "next_offset"),
        ([], {"cache_time": -1}, "cache_time"),
        ([], {"button": {"text": "Los", "start_parameter": "a b"}}, "START_PARAM_INVALID"),
        ([], {"button": {"text": "Los", "start_parameter": "x" * 65}}, "START_PARAM_INVALID"),
        ([], {"button": {"text": "Los"}}, "exactly one"),
    ],
)
async def test_a_wrong_inline_answer_is_refused(wire: Wire, results: list[Json], more: Json, words: str) -> None:
    query = wire.anna.asks_inline("kernkraft")
    assert words in await wire.refused("answerInlineQuery", inline_query_id=query.id, results=results, **more)
    assert (await wire.call("answerInlineQuery", inline_query_id=query.id, results=[article(1)]))["ok"]


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ([{"command": "Latest", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "a b", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "x" * 33, "description": "x"}], "must be 1-32"),
        ([{"command": "latest", "description": ""}], "must be 1-256"),
        ([{"command": "latest", "description": "x" * 257}], "must be 1-256"),
        ([{"command": f"c{n}", "description": "x"} for n in range(101)], "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_wrong_commands_are_refused(wire: Wire, commands: list[Json], words: str) -> None:
    assert words in await wire.refused("setMyCommands", commands=commands)


async def test_commands_are_kept_by_scope_and_language(wire: Wire) -> None:
    groups, commands = {"type": "all_group_chats"}, [{"command": "latest", "description": "Neues"}]
    await wire.call("setMyCommands", commands=commands, scope=groups, language_code="de")
    assert (await wire.call("getMyCommands", scope=groups, language_code="de"))["result"] == commands
    assert (await wire.call("getMyCommands"))["result"] == []


async def test_flood_limits_answer_429_and_pass_with_time(clock: Clock) -> None:
    options = Options(flood=FloodLimits(per_private_chat_per_second=1, per_group_per_minute=2))
    async with FakeTelegram(clock=clock, options=options) as fake, aiohttp.ClientSession() as session:
        wire = Wire(fake, session, fake.user(is_started=True))
        group = fake.group("Runde", wire.anna)
        group.adds_bot()
        in_private = [(await wire.send())["ok"] for _ in range(2)]
        in_group = [await wire.send(chat_id=group.id) for _ in range(3)]
        assert (in_private, [answer["ok"] for answer in in_group]) == ([True, False], [True, True, False])
        assert in_group[-1] == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 60",
            "parameters": {"retry_after": 60},
        }
        clock.now += 60
        assert (await wire.send(chat_id=group.id))["ok"]
        assert (fake.too_many_requests, fake.rejected) == (2, [])


async def test_a_person_who_is_out_of_reach_is_forbidden(wire: Wire) -> None:
    never, blocked, gone = (wire.fake.user(name) for name in ("Nie", "Blockt", "Weg"))
    await blocked.says("/start")
    blocked.blocks()
    await gone.says("/start")
    gone.deactivates()
    words = [(await wire.send(chat_id=person.id))["description"] for person in (never, blocked, gone)]
    assert words == [
        "Forbidden: bot can't initiate conversation with a user",
        "Forbidden: bot was blocked by the user",
        "Forbidden: user is deactivated",
    ]
    blocked.unblocks()
    assert (await wire.send(chat_id=blocked.id))["ok"]


async def test_rooms_let_the_bot_write_by_its_rights(wire: Wire) -> None:
    group, channel = wire.fake.supergroup("Runde", wire.anna, username="runde"), wire.fake.channel("Kanal")

    async def words(room_id: int | str) -> str:
        return str((await wire.send(chat_id=room_id)).get("description", "ok"))

    assert await words(group.id) == "Forbidden: bot is not a member of the supergroup chat"
    group.adds_bot(wire.anna)
    assert await words("@Runde") == "ok"
    group.restricts_bot()
    assert await words(group.id) == "Bad Request: not enough rights to send text messages to the chat"
    group.kicks_bot()
    assert await words(group.id) == "Forbidden: bot was kicked from the supergroup chat"
    channel.adds_bot()
    assert await words(channel.id) == "Bad Request: need administrator rights in the channel chat"
    channel.promotes_bot()
    assert await words(channel.id) == "ok"


async def test_forum_topics_are_told_apart(wire: Wire) -> None:
    forum = wire.fake.supergroup("Forum", wire.anna)
    forum.adds_bot()
    topic = forum.topic("Energie")
    assert (await wire.send(chat_id=forum.id, message_thread_id=topic.thread_id))["result"]["is_topic_message"]
    assert "message thread not found" in (await wire.send(chat_id=forum.id, message_thread_id=1))["description"]
    assert "not enough rights" in await wire.refused("createForumTopic", chat_id=forum.id, name="Neu")
    forum.promotes_bot()
    made = (await wire.call("createForumTopic", chat_id=forum.id, name="Neu"))["result"]["message_thread_id"]
    await wire.call("closeForumTopic", chat_id=forum.id, message_thread_id=made)
    forum.set_bot(Status.MEMBER)
    assert "TOPIC_CLOSED" in (await wire.send(chat_id=forum.id, message_thread_id=made))["description"]


async def test_an_upgraded_group_names_its_new_id(wire: Wire) -> None:
    group = wire.fake.group("Runde", wire.anna)
    group.adds_bot()
    supergroup = group.upgrade()
    answer = await wire.send(chat_id=group.id)
    assert answer["parameters"] == {"migrate_to_chat_id": supergroup.id}
    assert (await wire.send(chat_id=supergroup.id))["ok"]

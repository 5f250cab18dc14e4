"""The wire to the Bot API: bodies as documented, failures told apart, the proxy of the environment, no secret told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from telegram import Bot, InputFile
from telegram.error import NetworkError, TelegramError, TimedOut

from bot.platforms.telegram import transport
from bot.platforms.telegram.transport import NEVER_SENT, AiohttpRequest
from tests.fakes.telegram import FakeTelegram

TOKEN = "1:AVeryLongSecret"


@asynccontextmanager
async def client(api_url: str, *, read_timeout_s: float = 5.0, token: str = TOKEN) -> AsyncIterator[Bot]:
    request = AiohttpRequest(connections=2, connect_timeout_s=1.0, read_timeout_s=read_timeout_s)
    bot = Bot(token, base_url=f"{api_url}/bot", request=request)
    await request.initialize()
    try:
        yield bot
    finally:
        await request.shutdown()


@asynccontextmanager
async def server(handle: web.RequestHandler) -> AsyncIterator[str]:  # type: ignore[type-arg]
    runner = web.ServerRunner(web.Server(handle), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def test_words_of_all_kinds_and_files_arrive_as_they_are(fake: FakeTelegram) -> None:
    anna = fake.user(is_started=True)
    async with client(fake.api_url, token=fake.token) as bot:
        await bot.send_message(anna.id, "Grüße 🎈 & <b>\\n</b> Привет", reply_parameters=None)
        await bot.send_document(anna.id, InputFile(b"\x00\xffdata", filename="Nähe.opml"), caption="Grüße")
    text, document = anna.messages
    assert text.text == "Grüße 🎈 & <b>\\n</b> Привет"
    upload = fake.accepted[-1].params["document"]
    assert (upload.file_name, upload.content, document.payload["caption"]) == ("Nähe.opml", b"\x00\xffdata", "Grüße")
    assert fake.complaints == []


async def test_half_a_surrogate_pair_does_not_keep_the_words_from_arriving(fake: FakeTelegram) -> None:
    anna = fake.user(is_started=True)
    async with client(fake.api_url, token=fake.token) as bot:
        await bot.do_api_request("SendMessage", api_kwargs={"chat_id": anna.id, "text": "Grüße \ud83d!"})
    assert anna.messages[0].text == "Grüße ?!"


@pytest.mark.parametrize(
    ("body", "name"),
    [(b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"\xff"}}', "\ufffd"), (b"<html>", None)],
)
async def test_what_is_no_utf8_is_read_as_far_as_it_goes_and_what_is_no_json_is_refused(
    body: bytes, name: str | None
) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(body=body)

    async with server(answer) as url, client(url) as bot:
        if name is None:
            with pytest.raises(TelegramError, match="Invalid server response"):
                await bot.get_me()
        else:
            assert (await bot.get_me()).first_name == name


async def test_a_server_that_is_not_there_got_nothing() -> None:
    async with client("http://127.0.0.1:1") as bot:
        with pytest.raises(NetworkError) as caught:
            await bot.get_me()
    assert isinstance(caught.value.__cause__, NEVER_SENT)
    assert "Secret" not in str(caught.value)


async def test_a_server_that_does_not_answer_in_time_may_have_got_it() -> None:
    may_end = asyncio.Event()

    async def never(request: web.BaseRequest) -> web.Response:
        await may_end.wait()
        return web.Response()

    async with server(never) as url, client(url, read_timeout_s=0.05) as bot:
        with pytest.raises(TimedOut) as caught:
            await bot.get_me()
        may_end.set()
    assert not isinstance(caught.value.__cause__, NEVER_SENT)


async def test_a_connection_that_breaks_may_have_carried_it() -> None:
    async def hang_up(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with server(hang_up) as url, client(url) as bot:
        with pytest.raises(NetworkError) as caught:
            await bot.get_me()
    assert not isinstance(caught.value.__cause__, NEVER_SENT)
    assert "Secret" not in str(caught.value)


async def test_a_closed_client_says_so() -> None:
    async with client("http://127.0.0.1:1") as bot:
        pass
    with pytest.raises(NetworkError, match="closed"):
        await bot.get_me()


async def test_the_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def proxy(request: web.BaseRequest) -> web.Response:
        asked.append(str(request.url))
        return web.json_response({"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "K"}})

    transport.proxy_for.cache_clear()
    async with server(proxy) as url:
        monkeypatch.setenv("http_proxy", url)
        monkeypatch.delenv("no_proxy", raising=False)
        async with client("http://telegram.example") as bot:
            await bot.get_me()
    transport.proxy_for.cache_clear()
    assert asked == [f"http://telegram.example/bot{TOKEN}/getMe"]

"""Updates by webhook: through a reverse proxy, once each and in order, and there and back between it and polling."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from bot.errors import ConfigError, PlatformRefused
from bot.platforms.telegram import webhook
from bot.platforms.telegram.account import TelegramAccount, diagnose
from bot.platforms.telegram.webhook import SECRET_HEADER, Webhook
from tests.bot.telegram.conftest import Open, settings_of
from tests.bot.telegram.stub import Stub
from tests.fakes.telegram import FakeTelegram, faults
from tests.make import NOW, MovableClock

SECRET = "a_Secret-1"
PATH = "/bots/kurz"


@dataclass
class Proxy:
    """A reverse proxy in front of the bot: passes calls on, cuts a prefix off, and may lose an answer.

    Attributes:
        to_port: where the bot listens; nothing is passed on while it is 0.
        cuts: the beginning of the path that the bot does not see.
    """

    url: str = ""
    to_port: int = 0
    cuts: str = ""
    loses_next: bool = False
    statuses: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.bodies.append(body)
        if not self.to_port:
            return web.Response(status=502)
        headers = {name: value for name, value in request.headers.items() if name != "Host"}
        inner = f"http://127.0.0.1:{self.to_port}{request.path.removeprefix(self.cuts)}"
        async with aiohttp.ClientSession() as session:
            try:
                async with session.request(request.method, inner, data=body, headers=headers) as response:
                    status, text = response.status, await response.text()
            except aiohttp.ClientConnectorError:
                status, text = 502, ""
        self.statuses.append(status)
        if self.loses_next:
            self.loses_next = False
            return web.Response(status=504)
        return web.Response(status=status, text=text)


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(epoch=int(NOW.timestamp())) as server:
        yield server


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    made = Proxy()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.pass_on)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


def hooked(proxy: Proxy, **more: object) -> dict[str, object]:
    """The settings of a bot behind the proxy."""
    listen = {"telegram_webhook_url": proxy.url + PATH, "telegram_webhook_listen": "127.0.0.1:0"}
    return {**listen, "telegram_webhook_secret": SECRET, "wait": False, **more}


def behind(account: TelegramAccount, proxy: Proxy) -> Webhook:
    """Tell the proxy where the bot listens."""
    assert isinstance(account.source, Webhook)
    proxy.to_port = account.source.port
    return account.source


Call = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def call() -> AsyncIterator[Call]:
    """Calls a server: method, address, and what goes to the client; gives status and words."""
    async with aiohttp.ClientSession() as session:

        async def called(method: str, url: str, **more: object) -> tuple[int, str]:
            async with session.request(method, url, **more) as response:  # type: ignore[arg-type]
                return response.status, await response.text()

        yield called


@pytest.mark.parametrize("cuts", ["", "/bots", "/bots/kurz"])
async def test_updates_come_through_a_proxy_whatever_it_cuts_off_the_path(
    fake: FakeTelegram, account_on: Open, proxy: Proxy, cuts: str
) -> None:
    proxy.cuts = cuts
    anna = fake.user()
    async with account_on(**hooked(proxy)) as account:
        behind(account, proxy)
        await anna.says("/help")
        assert (await anna.hears()).text == "help"
        message = (await anna.says("/page"), await anna.hears())[1]
        await anna.presses(message, "Mehr")
        assert (await fake.edited(message)).text == "page 2"
        assert (await anna.inline("kernkraft")).results
    assert fake.calls["getUpdates"] == 0
    assert fake.complaints == []


async def test_telegram_is_told_address_secret_and_kinds_and_nothing_that_waits_is_dropped(
    fake: FakeTelegram, account_on: Open, proxy: Proxy
) -> None:
    anna = fake.user()
    await anna.says("/help")
    async with account_on(**hooked(proxy)) as account:
        behind(account, proxy)
        fake.updates.retry_webhook()
        assert (await anna.hears()).text == "help"
    (entry,) = [entry for entry in fake.accepted if entry.method == "setWebhook"]
    assert (entry.params["url"], entry.params["secret_token"]) == (proxy.url + PATH, SECRET)
    assert "my_chat_member" in entry.params["allowed_updates"]
    assert not entry.params.get("drop_pending_updates")


async def test_a_secret_that_is_not_given_is_made_of_the_token_and_is_not_the_token(
    fake: FakeTelegram, account_on: Open, proxy: Proxy
) -> None:
    anna = fake.user()
    async with account_on(**hooked(proxy, telegram_webhook_secret=None)) as account:
        behind(account, proxy)
        await anna.says("/help")
        await anna.hears()
    (entry,) = [entry for entry in fake.accepted if entry.method == "setWebhook"]
    secret = entry.params["secret_token"]
    assert secret == webhook.address_of(settings_of(fake), fake.token).secret
    assert (len(secret), fake.token in secret) == (64, False)
    assert secret != webhook.address_of(settings_of(fake), "2:B").secret


async def test_a_call_without_the_secret_is_refused_and_changes_nothing(
    fake: FakeTelegram, account_on: Open, proxy: Proxy, call: Call, stub: Stub
) -> None:
    anna = fake.user()
    async with account_on(**hooked(proxy)) as account:
        behind(account, proxy)
        await anna.says("/help")
        await anna.hears()
        update = proxy.bodies[-1].replace(b"700000001", b"700000999")
        for headers in ({}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: SECRET.lower()}, {SECRET_HEADER: "ü"}):
            assert await call("POST", proxy.url + PATH, data=update, headers=headers) == (403, "")
        assert (await call("POST", proxy.url + PATH, data=update, headers={SECRET_HEADER: SECRET}))[0] == 200
        assert (await anna.hears()).text == "help"
    assert len(anna.messages) == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/elsewhere", b"{}", 404),
        ("POST", PATH, b"", 400),
        ("POST", PATH, b"\xff\xfe", 400),
        ("POST", PATH, b"[1]", 400),
        ("POST", PATH, b'{"update_id": "x"}', 400),
        ("POST", PATH, b'{"update_id": 5, "message": 7}', 200),  # sent again it would be no better
        ("POST", PATH, b"x" * 2_000_000, 413),
        ("PUT", PATH, b"{}", 405),
        ("GET", PATH, b"", 404),
        ("GET", "/health", b"", 200),
        ("GET", PATH + "/health", b"", 200),
    ],
)
async def test_whatever_is_called_gets_an_answer_and_no_traceback(
    account_on: Open, proxy: Proxy, call: Call, method: str, path: str, body: bytes, status: int
) -> None:
    async with account_on(**hooked(proxy)) as account:
        behind(account, proxy)
        found, words = await call(method, proxy.url + path, data=io.BytesIO(body), headers={SECRET_HEADER: SECRET})
    assert found == status
    assert "Traceback" not in words


async def test_noise_that_is_no_http_is_not_worth_a_line(
    account_on: Open, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    async with account_on(**hooked(proxy)) as account:
        port = behind(account, proxy).port
        for noise in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 5, b"POST x y z\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(noise)
            writer.write_eof()
            await reader.read()
            writer.close()
    assert caplog.messages == []


async def test_an_update_that_comes_twice_because_our_answer_was_lost_is_answered_once(
    fake: FakeTelegram, account_on: Open, proxy: Proxy
) -> None:
    anna = fake.user()
    async with account_on(**hooked(proxy)) as account:
        behind(account, proxy)
        proxy.loses_next = True
        await anna.says("/help")
        await anna.hears()
        await fake.until(lambda: len(proxy.statuses) == 1)
        fake.updates.retry_webhook()
        await anna.says("/page")
        assert (await anna.hears()).text == "page 1"
    assert proxy.statuses == [200, 200, 200]
    assert [message.text for message in anna.messages] == ["help", "page 1"]


async def test_one_chat_is_answered_in_order_and_does_not_hold_up_another(
    fake: FakeTelegram, account_on: Open, proxy: Proxy, stub: Stub
) -> None:
    anna, ben = fake.user("Anna"), fake.user("Ben")
    async with account_on(**hooked(proxy)) as account:
        behind(account, proxy)
        await anna.says("/slow one")
        await anna.says("/help")
        await ben.says("/help")
        assert (await ben.hears()).text == "help"
        assert anna.messages == []
        stub.is_over.set()
        assert [(await anna.hears()).text for _ in range(2)] == ["done one", "help"]


async def test_what_was_taken_is_answered_before_the_bot_stops_and_the_rest_waits_for_the_next_start(
    fake: FakeTelegram, account_on: Open, proxy: Proxy
) -> None:
    anna = fake.user()
    fake.fail_next("sendMessage", faults.hold())
    async with account_on(**hooked(proxy)) as account:
        behind(account, proxy)
        await anna.says("/help")
        await fake.until(lambda: fake.held_calls)
        fake.release_held()
    await anna.says("/page")
    await fake.until(lambda: 502 in proxy.statuses)
    assert fake.updates.webhook_info()["url"] == proxy.url + PATH
    async with account_on(**hooked(proxy)) as account:
        behind(account, proxy)
        fake.updates.retry_webhook()
        await anna.hears()
        assert (await anna.hears()).text == "page 1"
    assert len(anna.messages) == 2


async def test_from_polling_to_the_webhook_and_back_nothing_is_lost_and_nothing_comes_twice(
    fake: FakeTelegram, account_on: Open, proxy: Proxy
) -> None:
    anna = fake.user()
    heard = []
    for number, settings in enumerate(({}, hooked(proxy), {"wait": False}, hooked(proxy)), 1):
        proxy.to_port = 0
        await anna.says(f"/echo {number}")  # while the bot is down
        async with account_on(**settings) as account:
            if settings.get("telegram_webhook_url"):
                behind(account, proxy)
                fake.updates.retry_webhook()
            heard.append((await anna.hears()).text[0])
    assert heard == ["1", "2", "3", "4"]
    assert len(anna.messages) == 4
    assert fake.complaints == []


async def test_an_address_that_telegram_does_not_take_is_one_sentence(fake: FakeTelegram, account_on: Open) -> None:
    with pytest.raises(PlatformRefused) as caught:
        async with account_on(
            telegram_webhook_url="http://bot.example/x", telegram_webhook_listen="127.0.0.1:0", wait=False
        ):
            pass
    assert str(caught.value).startswith("Telegram does not take KURZCLIPS_TELEGRAM_WEBHOOK_URL: Bad webhook: an https")


async def test_a_place_that_is_taken_is_one_sentence(fake: FakeTelegram, account_on: Open, proxy: Proxy) -> None:
    taken = proxy.url.removeprefix("http://")
    with pytest.raises(ConfigError) as caught:
        async with account_on(**hooked(proxy, telegram_webhook_listen=taken)):
            pass
    assert str(caught.value).startswith(f"KURZCLIPS_TELEGRAM_WEBHOOK_LISTEN: {taken} cannot be listened on:")
    assert fake.calls["getMe"] == 0


async def test_before_telegram_can_be_reached_updates_are_put_off_and_health_says_so(
    fake: FakeTelegram, account_on: Open, proxy: Proxy, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.fail_next("getMe", faults.reset_before())
    fake.fail_next("getMe", faults.hold())
    anna = fake.user()
    async with account_on(**hooked(proxy)) as account:
        behind(account, proxy)
        await fake.until(lambda: fake.held_calls)
        assert await call("GET", proxy.url + "/health") == (503, "starting")
        assert (await call("POST", proxy.url + PATH, headers={SECRET_HEADER: SECRET}))[0] == 503
        fake.release_held()
        await anna.says("/help")
        fake.updates.retry_webhook()
        assert (await anna.hears()).text == "help"
        assert await call("GET", proxy.url + "/health") == (200, "ok")


async def test_a_webhook_that_somebody_took_away_is_set_again(
    fake: FakeTelegram, account_on: Open, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    anna = fake.user()
    async with account_on(**hooked(proxy)) as account:
        source = behind(account, proxy)
        fake.updates.delete_webhook({})
        await anna.says("/help")
        await source.look()
        assert (await anna.hears()).text == "help"
    assert [words for words in caplog.messages if "taken away" in words]


async def test_the_webhook_of_another_program_is_left_alone_and_said_once(
    fake: FakeTelegram, account_on: Open, proxy: Proxy, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    async with account_on(**hooked(proxy)) as account:
        source = behind(account, proxy)
        fake.updates.set_webhook({"url": proxy.url + "/another"})
        for _ in range(3):
            await source.look()
        assert caplog.messages == ["another program set its own webhook for this bot token; stop one of the two"]
        assert account.trouble == caplog.messages[0]
        assert await call("GET", proxy.url + "/health") == (503, account.trouble)
    assert fake.updates.webhook_info()["url"] == proxy.url + "/another"


async def test_a_proxy_that_does_not_reach_the_bot_is_said_with_telegrams_words_and_its_end_too(
    fake: FakeTelegram, account_on: Open, proxy: Proxy, clock: MovableClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    anna = fake.user()
    async with account_on(**hooked(proxy)) as account:
        source = behind(account, proxy)
        proxy.to_port = 0
        await anna.says("/help")
        await fake.until(lambda: "last_error_message" in fake.updates.webhook_info())
        await source.look()
        words = (
            "Telegram cannot bring updates to the webhook: Wrong response from the webhook: 502 Bad Gateway (1 wait)"
        )
        assert account.trouble == words
        told = await diagnose(settings_of(fake, telegram_webhook_url=proxy.url + PATH), clock())
        assert told == ("kurzclips_bot", words)
        behind(account, proxy)
        fake.updates.retry_webhook()
        await anna.hears()
        await source.look()
        assert account.trouble == ""
    assert caplog.messages.count(words) == 1
    assert "Telegram reaches the webhook again" in caplog.messages


async def test_a_token_that_is_revoked_is_seen_without_polling(
    fake: FakeTelegram, account_on: Open, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    async with account_on(**hooked(proxy)) as account:
        source = behind(account, proxy)
        fake.fail_next("getWebhookInfo", faults.error(401, "Unauthorized"), times=2)
        await source.look()
        await source.look()
        assert account.trouble.startswith("Telegram does not know this bot token")
        await source.look()
        assert account.trouble == ""
    assert len([words for words in caplog.messages if "does not know" in words]) == 1


async def test_the_operator_reads_which_way_updates_come_where_it_is_not_the_configured_one(
    fake: FakeTelegram, proxy: Proxy
) -> None:
    assert (await diagnose(settings_of(fake, telegram_webhook_url="https://bot.example/x"), NOW))[1] == (
        "the webhook is not set (kurzclips run sets it)"
    )
    fake.updates.set_webhook({"url": proxy.url + "/secret-path"})
    told = (await diagnose(settings_of(fake), NOW))[1]
    assert (told[:45], "secret-path" in told) == ("a webhook at 127.0.0.1 takes the updates (kur", False)

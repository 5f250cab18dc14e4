"""The fake's webhook, and the fake as a process of its own with its control door."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.fakes.telegram import FakeTelegram, Options

ROOT = Path(__file__).parents[2]


class Hook:
    """A webhook that answers the statuses it was given, then 200."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.seen: list[tuple[str, str]] = []
        self.url = ""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        update = await request.json()
        self.seen.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), update["message"]["text"]))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    runner = web.ServerRunner(web.Server(hook.handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


async def post(fake_url: str, path: str, **arguments: Any) -> Any:
    async with aiohttp.ClientSession() as session, session.post(f"{fake_url}/{path}", json=arguments) as response:
        return await response.json()


async def test_updates_are_pushed_with_the_secret_until_the_hook_takes_them(hook: Hook) -> None:
    hook.statuses = [500, 403]
    async with FakeTelegram(options=Options(webhook_retry_s=0.0)) as fake:
        anna = fake.user()
        assert (await post(fake.api_url, "bot1:A/setWebhook", url=hook.url, secret_token="geheim"))["ok"]
        await anna.says("eins")
        await anna.says("zwei")
        await fake.until(lambda: fake.updates.pending == 0)
    assert hook.seen == [("geheim", "eins")] * 3 + [("geheim", "zwei")]


async def test_a_failing_hook_is_reported_and_polling_is_refused_beside_it(hook: Hook) -> None:
    hook.statuses = [500] * 50
    async with FakeTelegram(options=Options(webhook_retry_s=60)) as fake:
        await post(fake.api_url, "bot1:A/setWebhook", url=hook.url)
        await fake.user().says("eins")
        await fake.until(lambda: "last_error_message" in fake.updates.webhook_info())
        info = (await post(fake.api_url, "bot1:A/getWebhookInfo"))["result"]
        refused = await post(fake.api_url, "bot1:A/getUpdates")
        await post(fake.api_url, "bot1:A/deleteWebhook")
        polled = await post(fake.api_url, "bot1:A/getUpdates")
    assert (info["pending_update_count"], info["last_error_message"]) == (
        1,
        "Wrong response from the webhook: 500 Internal Server Error",
    )
    assert (refused["error_code"], len(polled["result"])) == (409, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"url": "http://example.org/"}, "An HTTPS URL must be provided"),
        ({"secret_token": "a b"}, "unallowed characters"),
    ],
)
async def test_a_wrong_webhook_is_refused(arguments: dict[str, str], words: str) -> None:
    async with FakeTelegram() as fake:
        answer = await post(fake.api_url, "bot1:A/setWebhook", **{"url": "https://example.org/hook"} | arguments)
    assert words in answer["description"]


async def test_the_fake_runs_alone_and_is_driven_by_its_control_door() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.telegram", "--control"), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        anna = (await post(url, "control/user", first_name="Anna"))["id"]
        await post(url, "control/says", user=anna, text="/start")
        updates = await post(url, "bot1:A/getUpdates")
        await post(url, "control/fault", method="sendMessage", kind="error", code=502)
        answers = [await post(url, "bot1:A/sendMessage", chat_id=anna, text="Hallo") for _ in range(2)]
        ledger = await post(url, "control/ledger", method="sendMessage")
        state = await post(url, "control/wait", accepted=1)
        nonsense = await post(url, "control/says", user=7, text="x")
    finally:
        process.terminate()
        await process.wait()
    assert updates["result"][0]["message"]["text"] == "/start"
    assert [answer["ok"] for answer in answers] == [False, True]
    assert [(line["chat_id"], line["params"]["text"]) for line in ledger] == [(anna, "Hallo")]
    assert (state["calls"]["sendMessage"], state["rejected"], state["faults"]) == (2, [], {"error": 1})
    assert "KeyError" in nonsense["error"]
    assert process.returncode == 0

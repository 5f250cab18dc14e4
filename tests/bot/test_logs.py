"""Logs hold no secret, whoever writes them, and for machines each entry is one object in one line."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot import logs
from bot.config import Settings

TOKEN = "987654:AAabcdefghijklmnopqrstuvwxyz0123456"
SECRETS: dict[str, Any] = {
    "telegram_token": SecretStr(TOKEN),
    "telegram_webhook_secret": SecretStr("hook_Secret-1"),
    "matrix_password": SecretStr('open "sesame" ä'),
    "matrix_access_token": SecretStr("syt_bmV3cw_abcdef_123"),
    "llm_api_key": SecretStr("sk-proj-0123456789abcdef"),
    "database_url": "postgresql://news:p%40ss/w0rd@db.example/news",
}
HIDDEN = [
    *(value.get_secret_value() for value in SECRETS.values() if isinstance(value, SecretStr)),
    *("p%40ss/w0rd", "p@ss/w0rd"),
]
Lines = Callable[[], list[str]]
log = logging.getLogger("bot.test")


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Logs as an operator with all these secrets has them; gives the lines so far."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs._CHATTY}
    logs.set_up(request.param, "DEBUG", Settings.model_validate(SECRETS).secrets)
    yield lambda: stream.getvalue().splitlines()
    root.handlers[:], root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(False)


@pytest.mark.parametrize("secret", HIDDEN)
def test_no_secret_of_the_settings_is_written_whatever_is_around_it(written: Lines, secret: str) -> None:
    log.info("it is %s, said the server", secret)
    log.warning("with more", extra={"chat": secret})
    try:
        raise ValueError(secret)
    except ValueError:
        log.exception("failed")
    text = "\n".join(written())
    assert "said the server" in text
    assert "ValueError" in text
    assert secret not in text
    assert text.count(logs.HIDDEN) >= 3


async def test_request_lines_of_http_libraries_are_without_the_token(written: Lines) -> None:
    # A log level of its own brings back what is muted.
    logging.getLogger("httpx").setLevel("INFO")
    logging.getLogger("aiohttp.access").setLevel("INFO")

    async def answer(request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/bot1234567:BBabcdefghijklmnopqrstuvwxyz0123456/getMe"
    try:
        async with httpx.AsyncClient() as client:
            await client.get(url)
        async with aiohttp.ClientSession() as session, session.get(url):
            pass
    finally:
        await runner.cleanup()
    lines = [line for line in written() if "/getMe" in line]
    assert len(lines) == 3
    assert all("/bot[secret]/getMe" in line and "BBabc" not in line for line in lines)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("connect postgresql+asyncpg://news:hunter2@db.example/news failed", "://news:[secret]@db.example/news failed"),
        ("GET https://matrix.example/sync?access_token=MDAxabcdefgh HTTP/1.1", "sync?access_token=[secret] HTTP/1.1"),
        ("{'Authorization': 'Bearer sk-other-key-of-no-setting'}", "'Bearer [secret]'}"),
        ("{'X-Telegram-Bot-Api-Secret-Token': 'abcdef0123456789'}", "Secret-Token': '[secret]'}"),
        ('GET "http://h/bot1234567:CCabcdefghijklmnopqrstuvwxyz012345" failed', "http://h/bot[secret]"),
        ("{'Authorization': 'Basic dXNlcjpwYXNzd29yZA=='}", "'Basic [secret]'}"),
        ("token 1234567:CCabcdefghijklmnopqrstuvwxyz012345 refused", "token [secret] refused"),
        ("device syt_other_token_1 and key sk-0123456789abcdefgh", "device [secret] and key [secret]"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_although_no_setting_names_it(written: Lines, line: str, kept: str) -> None:
    log.info(line)
    told = written()[-1]
    assert kept in (json.loads(told)["event"] if told.startswith("{") else told)


@pytest.mark.parametrize(
    "words",
    [
        "feed 12: 3 new, 0 updated, 1 refused",
        "a basic understanding of secret services",
        "listening on Telegram as @kurzclips_bot by webhook at bot.example",
        "the clock of this machine jumped by +3600 s",
        "database postgresql://news@db.example:5432/news opens",
        "https://news.example/bottleneck-in-the-harbour",
        "https://news.example:8443/a/b?c=d@e was read at 12:30:45",
    ],
)
def test_ordinary_lines_are_left_as_they_are(words: str) -> None:
    assert logs.redact(words) == words


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_for_machines_each_entry_is_one_object_in_one_line_with_the_same_keys(written: Lines) -> None:
    log.info("two\nlines “quoted”")
    log.error("storage refused", extra={"platform": "telegram", "chat": "5", "odd": {1, 2}})
    try:
        raise RuntimeError("boom")
    except RuntimeError:
        log.exception("job %s failed", "plan")
    entries = [json.loads(line) for line in written()]
    always = {"event", "level", "logger", "timestamp"}
    assert [set(entry) - always for entry in entries] == [set(), {"platform", "chat", "odd"}, {"exception"}]
    assert all(always <= set(entry) for entry in entries)
    assert [entry["event"] for entry in entries] == ["two\nlines “quoted”", "storage refused", "job plan failed"]
    assert entries[2]["exception"].endswith("RuntimeError: boom")


def test_a_short_password_is_not_cut_out_of_words() -> None:
    assert logs.Redactor(["news"])("the news of today") == "the news of today"

"""What an operator reads when something is looked after: the health check and the checks of the platforms."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot import doctor
from bot.app import open_core
from bot.clock import Clock, now
from bot.config import Settings
from bot.doctor import Wanted
from bot.serving import Place
from bot.websub import listening
from storage import feeds, subscriptions
from storage.database import Database
from storage.states import ChatKind, ChatState
from storage.tables import Feed, Subscription
from tests import make
from tests.fakes.models import FakeModels
from tests.fakes.telegram import FakeTelegram
from tests.make import NOW, MovableClock


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'k.db'}")


async def verdict(
    settings: Settings, capsys: pytest.CaptureFixture[str], *, clock: Clock = now, is_quick: bool = True, **wanted: bool
) -> tuple[int, str]:
    """Exit status and what was printed."""
    capsys.readouterr()
    status = await doctor.check(settings, Wanted(is_quick=is_quick, **wanted), clock)
    return status, capsys.readouterr().out


async def line(settings: Settings, capsys: pytest.CaptureFixture[str], name: str, **wanted: Any) -> str:
    """The verdict of one check."""
    _status, told = await verdict(settings, capsys, is_quick=False, **wanted)
    (found,) = [each for each in told.splitlines() if each[4:].startswith(f"{name}: ")]
    return found


async def test_a_bot_that_never_ran_is_not_healthy(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert await verdict(settings, capsys) == (1, "BAD alive: kurzclips run has never been up on this database.\n")


async def test_a_bot_that_cannot_listen_is_not_healthy_although_it_runs(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_core(settings) as core:
        await doctor.beat(core)
        healthy = await verdict(settings, capsys)
        await doctor.beat(core, "Telegram does not know this bot token.")
        deaf = await verdict(settings, capsys)
        await doctor.beat(core)
        again = await verdict(settings, capsys)
    assert healthy == again == (0, "ok  alive: kurzclips run is up.\n")
    words = "kurzclips run is up, but does not listen: Telegram does not know this bot token."
    assert deaf == (1, f"BAD alive: {words}\n")


async def test_a_bot_that_has_not_been_heard_of_for_long_is_not_healthy(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_core(settings, MovableClock(NOW.replace(year=2020))) as core:
        await doctor.beat(core)
    status, words = await verdict(settings, capsys)
    assert (status, words.startswith("BAD alive: the last sign of life is ")) == (1, True)


async def test_the_token_and_the_way_of_the_updates_are_checked(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with FakeTelegram() as fake:
        configured = settings.model_copy(
            update={"telegram_token": SecretStr(fake.token), "telegram_api_url": fake.api_url}
        )
        _status, good = await verdict(configured, capsys, is_quick=False)
        fake.updates.set_webhook({"url": "http://127.0.0.1:1/other"})
        _status, hooked = await verdict(configured, capsys, is_quick=False)
        wrong = configured.model_copy(update={"telegram_token": SecretStr("7:wrong")})
        _status, refused = await verdict(wrong, capsys, is_quick=False)
    assert "ok  telegram: the token belongs to @kurzclips_bot.\n" in good
    assert "BAD telegram: the token belongs to @kurzclips_bot; a webhook at 127.0.0.1 takes the updates" in hooked
    assert "BAD telegram: Telegram does not know this bot token;" in refused
    assert "7:wrong" not in refused


async def test_the_endpoints_of_models_are_asked(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    _status, without = await verdict(settings.model_copy(update={"embeddings": "off"}), capsys, is_quick=False)
    async with FakeModels() as fake:
        fake.says = "Yes."
        models = {"llm_url": fake.url, "llm_model": "small", "embeddings_url": fake.url, "embeddings_model": "vectors"}
        configured = settings.model_copy(update={**models, "llm_api_key": SecretStr("sk-secret")})
        _status, good = await verdict(configured, capsys, is_quick=False)
        fake.statuses = [401, 404]
        _status, refused = await verdict(configured, capsys, is_quick=False)
    assert "ok  language model: not configured; KURZCLIPS_LLM_URL switches it on.\n" in without
    assert "ok  embeddings: none; texts are compared by words alone.\n" in without
    assert "ok  language model: small answers.\nok  embeddings: vectors answers.\n" in good
    assert "BAD language model: status 401; look at KURZCLIPS_LLM_URL" in refused
    assert "BAD embeddings: status 404; look at KURZCLIPS_EMBEDDINGS_URL" in refused
    assert "sk-secret" not in refused


async def test_names_that_mean_nothing_are_told_from_the_environment_and_from_the_file(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("KURZCLIPS_")]:
        monkeypatch.delenv(name)
    assert await line(settings, capsys, "configuration") == ("ok  configuration: nothing is set, all is as it comes.")
    monkeypatch.setenv("KURZCLIPS_ADMIN", "telegram:1")
    (tmp_path / ".env").write_text("KURZCLIPS_LLM_API_KEY=sk-secret\nKURZCLIPS_NONSENSE=private\nOTHER=1\n")
    assert await line(settings, capsys, "configuration") == (
        "BAD configuration: 1 set (LLM_API_KEY); unknown: KURZCLIPS_ADMIN (did you mean KURZCLIPS_ADMINS?), "
        "KURZCLIPS_NONSENSE."
    )


async def test_a_database_that_cannot_be_opened_is_a_verdict_like_others(
    settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "k.db").write_bytes(b"no database at all" * 100)
    status, told = await verdict(settings, capsys, is_quick=False)
    assert status == 1
    assert [each.split(": ")[0] for each in told.splitlines()] == ["ok  configuration", "BAD database"]


async def test_damage_inside_the_file_is_found_where_it_is_asked_for(
    settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    async with open_core(settings) as core, core.db.write() as tx:
        source = await make.source(tx)
        for number in range(50):
            await make.clip(tx, source, f"Brücke {number} offen", "Die Brücke ist wieder offen. " * 200)
    assert (await line(settings, capsys, "database", is_thorough=True)).endswith("can be written, and is whole.")
    with (tmp_path / "k.db").open("r+b") as file:
        file.seek(-4096 * 40, os.SEEK_END)
        file.write(b"\xff" * 4096)
    assert (await line(settings, capsys, "database")).startswith("ok ")
    damaged = await line(settings, capsys, "database", is_thorough=True)
    assert damaged.startswith("BAD database: ")
    assert "restore a backup" in damaged


@pytest.mark.databases("postgres")
async def test_a_server_tells_its_version_and_misses_its_extension(
    empty_url: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = settings.model_copy(update={"database_url": empty_url})
    assert ", PostgreSQL 1" in await line(shared, capsys, "database")
    async with await Database.open(empty_url) as db, db.write() as tx:
        await (await tx.connection()).exec_driver_sql("DROP EXTENSION pg_trgm CASCADE")
    missing = await line(shared, capsys, "database")
    assert (missing[:3], "but the extension pg_trgm is not there" in missing) == ("BAD", True)


@pytest.mark.parametrize(("seconds", "words"), [(-60, "BAD clock: 60 s behind"), (1, "ok  clock: "), (60, "BAD clock")])
async def test_the_clock_is_compared_with_that_of_the_platform(
    settings: Settings, capsys: pytest.CaptureFixture[str], seconds: int, words: str
) -> None:
    async with FakeTelegram() as fake:
        configured = settings.model_copy(
            update={"telegram_token": SecretStr(fake.token), "telegram_api_url": fake.api_url}
        )
        told = await line(configured, capsys, "clock", clock=lambda: now() + timedelta(seconds=seconds))
    assert told.startswith(words)
    assert told.split(" s ")[1].startswith(("ahead of 127.0.0.1", "behind 127.0.0.1"))


async def test_groups_that_wait_for_news_and_let_nobody_write_are_named(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    shut: dict[str, Any] = {"state": ChatState.BLOCKED, "state_reason": "no_rights"}
    async with open_core(settings) as core, core.db.write() as tx:
        for native_id, fields in {
            "-1": {"kind": ChatKind.GROUP, "title": "Rat", **shut},
            "-2": {"kind": ChatKind.GROUP, "title": "Offen"},
            "3": shut,
            "-4": {"kind": ChatKind.CHANNEL, "title": "Ohne Wunsch", **shut},
        }.items():
            chat = await make.chat(tx, native_id, platform="telegram", **fields)
            if native_id != "-4":
                wish = Subscription(chat_id=chat.id or 0, value="energie", created_at=NOW)
                await subscriptions.add(tx, wish)
    told = await line(settings, capsys, "rights")
    assert told == (
        "BAD rights: the bot may not write to telegram:-1 (Rat, no rights), where news is waited for; "
        "its administrators have to let it send messages there."
    )


async def test_feeds_are_told_with_the_worst_of_them(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    async with open_core(settings) as core, core.db.write() as tx:
        source = await make.source(tx)
        for number, count in enumerate((0, 2, 7)):
            url, code = f"https://f{number}.example/", "timeout" if count else ""
            times = {"next_due_at": NOW, "added_at": NOW, "polled_at": NOW}
            row = Feed(source_id=source.id or 0, url=url, error_count=count, error_code=code, **times)
            await feeds.add_feed(tx, row)
    assert await line(settings, capsys, "feeds") == (
        "ok  feeds: 2 of 3 fail; https://f2.example/ failed 7 times: timeout; asked last at 2026-11-24 07:30 UTC."
    )


async def test_hubs_reach_us_at_the_address_that_they_are_told_or_it_is_said_who_answers(
    settings: Settings, capsys: pytest.CaptureFixture[str], db: Database, clock: MovableClock
) -> None:
    async with listening(db, clock, Place("127.0.0.1", 0)) as port:
        reached = settings.model_copy(update={"websub_url": f"http://127.0.0.1:{port}/"})
        good = await line(reached, capsys, "websub")
        misled = settings.model_copy(update={"websub_url": f"http://127.0.0.1:{port}/elsewhere"})
        wrong = await line(misled, capsys, "websub")
    nobody = await line(reached, capsys, "websub")
    assert good == "ok  websub: hubs reach kurzclips run at 127.0.0.1."
    assert wrong.startswith("BAD websub: somebody else answers with status 404; the proxy at 127.0.0.1 has to lead to")
    assert nobody.startswith("BAD websub: 127.0.0.1 cannot be reached: ")


async def test_machines_get_the_same_as_one_object(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    status, told = await verdict(settings, capsys, is_quick=False, as_json=True)
    found = json.loads(told)
    assert (status, found["good"]) == (1, False)
    assert {"name": "feeds", "good": False, "words": "there is none; add one with kurzclips sources add URL."} in (
        found["checks"]
    )

"""What an operator reads when something is looked after: the health check and the checks of the platforms."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import doctor
from bot.app import open_core
from bot.config import Settings
from tests.fakes.models import FakeModels
from tests.fakes.telegram import FakeTelegram
from tests.make import NOW, MovableClock


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'k.db'}")


async def verdict(settings: Settings, capsys: pytest.CaptureFixture[str], *, is_quick: bool = True) -> tuple[int, str]:
    """Exit status and what was printed."""
    capsys.readouterr()
    status = await doctor.check(settings, is_quick=is_quick)
    return status, capsys.readouterr().out


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

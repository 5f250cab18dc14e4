"""What is shown of the bot before anybody talks to it: menus, name and descriptions, sent only when they changed."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from telegram import Bot

from bot.platforms.telegram import profile
from bot.platforms.telegram.account import TelegramAccount, make_bot
from bot.platforms.telegram.profile import DESCRIPTION, SHORT_DESCRIPTION, bring_up_to_date
from handlers.context import Services
from tests.bot.telegram.conftest import Naps, Open
from tests.fakes.telegram import FakeTelegram, faults
from tests.make import NOW

# Three scopes for everybody, in German and in English; three texts, whose German is everybody's.
MENUS, OWN = 9, 6


@pytest.fixture
async def bot(fake: FakeTelegram) -> AsyncIterator[Bot]:
    async with make_bot(fake.token, fake.api_url) as opened:
        yield opened


def writes(fake: FakeTelegram) -> list[str]:
    return [entry.method for entry in fake.accepted if entry.method.startswith("setMy")]


def shown(fake: FakeTelegram, kind: str) -> dict[str, str]:
    """Language → words of the name or a description, as far as it has its own."""
    return {code: words for (what, code), words in fake.profile.items() if what == kind}


def menus(fake: FakeTelegram) -> dict[tuple[str, str], dict[str, str]]:
    """Scope and language → commands with their description."""
    return {
        (entry.params.get("scope", {}).get("type", "default"), entry.params.get("language_code", "")): {
            command["command"]: command["description"] for command in entry.params["commands"]
        }
        for entry in fake.accepted
        if entry.method == "setMyCommands"
    }


async def test_menus_come_in_each_language_and_settings_only_where_they_can_be_changed(
    fake: FakeTelegram, bot: Bot, stub_services: Services
) -> None:
    await bring_up_to_date(bot, stub_services, NOW)
    found = menus(fake)
    scopes = {"default", "all_group_chats", "all_chat_administrators"}
    assert set(found) == {(scope, code) for scope in scopes for code in ("", "de", "en")}
    assert found["default", "en"]["start"] == "what this bot can do"
    assert "change" in found["default", ""]
    assert "change" in found["all_chat_administrators", "de"]
    assert "change" not in found["all_group_chats", "de"]
    assert not any("whoami" in menu for menu in found.values())
    assert fake.complaints == []


async def test_operators_who_talked_to_the_bot_get_their_own_commands_too(fake: FakeTelegram, account_on: Open) -> None:
    operator = fake.user("Operator")
    async with account_on():
        assert not any(scope == "chat" for scope, _code in menus(fake))
        await operator.says("/help")
        await operator.hears()
    async with account_on(wait=False):
        await fake.until(lambda: len(writes(fake)) == MENUS + 3)
    assert "whoami" in menus(fake)["chat", "de"]
    assert fake.complaints == []


async def test_name_and_descriptions_come_in_each_language_within_their_limits(
    fake: FakeTelegram, bot: Bot, services: Services
) -> None:
    await bring_up_to_date(bot, services, NOW)
    names = [(await bot.get_my_name(code)).name for code in ("", "de", "en", "fr")]
    german = "Kurzclips: kurze Nachrichten"
    assert names == [german, german, "Kurzclips: short news", german]
    assert shown(fake, "short_description")["en"] == SHORT_DESCRIPTION.text
    assert shown(fake, "description")["en"] == DESCRIPTION.text
    german = shown(fake, "description")[""]
    assert german != DESCRIPTION.text
    assert german.splitlines()[0] == "Kurze Nachrichten, ruhig erzählt, jede mit ihrer Quelle."
    assert fake.complaints == []


async def test_a_second_start_asks_and_sends_nothing(fake: FakeTelegram, bot: Bot, services: Services) -> None:
    await bring_up_to_date(bot, services, NOW)
    before = fake.calls.copy()
    await bring_up_to_date(bot, services, NOW)
    assert fake.calls == before


async def test_what_stands_there_already_is_not_sent(fake: FakeTelegram, bot: Bot, services: Services) -> None:
    await bot.set_my_name("Kurzclips: short news", language_code="en")
    before = len(writes(fake))
    await bring_up_to_date(bot, services, NOW)
    assert len(writes(fake)) - before == MENUS + OWN - 1


async def test_only_what_changed_is_sent_and_what_the_operator_wrote_meanwhile_stays(
    fake: FakeTelegram, bot: Bot, services: Services
) -> None:
    await bring_up_to_date(bot, services, NOW)
    await bot.set_my_name("Dorfbote", language_code="de")
    before = len(writes(fake))
    renamed = replace(services, desk=replace(services.desk, default_timezone="UTC"))
    await bring_up_to_date(bot, renamed, NOW)
    assert len(writes(fake)) == before
    renamed = replace(services, desk=replace(services.desk, languages=("de", "en", "fr")))
    await bring_up_to_date(bot, renamed, NOW)
    assert len(writes(fake)) - before == 6  # French alone: three menus, name and descriptions
    assert shown(fake, "name")["de"] == "Dorfbote"


async def test_another_default_language_takes_no_words_from_readers_of_the_one_before(
    fake: FakeTelegram, bot: Bot, services: Services
) -> None:
    await bring_up_to_date(bot, services, NOW)
    await bring_up_to_date(bot, replace(services, desk=replace(services.desk, languages=("en", "de"))), NOW)
    names = [(await bot.get_my_name(code)).name for code in ("", "de", "en")]
    assert names == ["Kurzclips: short news", "Kurzclips: kurze Nachrichten", "Kurzclips: short news"]


async def test_a_flood_limit_is_waited_for_and_the_rest_comes_all_the_same(
    fake: FakeTelegram, bot: Bot, services: Services, naps: Naps
) -> None:
    fake.fail_next("setMyName", faults.flood(4000))
    await bring_up_to_date(bot, services, NOW, sleep=naps)
    assert naps.taken_s == [4000.0]
    assert (len(shown(fake, "name")), len(shown(fake, "description"))) == (2, 2)


async def test_a_network_that_breaks_is_tried_again_and_given_up_until_the_next_start(
    fake: FakeTelegram, bot: Bot, services: Services, naps: Naps, caplog: pytest.LogCaptureFixture
) -> None:
    fake.fail_next("getMyShortDescription", faults.reset_before(), times=profile.TRIES)
    await bring_up_to_date(bot, services, NOW, sleep=naps)
    assert caplog.messages == ["the short_description could not be sent; the next start tries again"]
    assert "" not in shown(fake, "short_description")
    await bring_up_to_date(bot, services, NOW, sleep=naps)
    assert set(shown(fake, "short_description")) >= {"", "en"}


async def test_what_telegram_refuses_is_one_line_and_costs_nothing_else(
    fake: FakeTelegram, bot: Bot, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    fake.fail_next("setMyDescription", faults.error(400, "Bad Request: DESCRIPTION_INVALID"))
    await bring_up_to_date(bot, services, NOW)
    assert caplog.messages == ["Telegram does not take the description: BadRequest"]
    assert (set(shown(fake, "description")), set(shown(fake, "name"))) == ({"de", "en"}, {"", "en"})


@pytest.mark.parametrize("names_itself", [True, False])
async def test_the_profile_can_be_left_to_the_operator(
    fake: FakeTelegram, account_on: Open, *, names_itself: bool
) -> None:
    async with account_on(telegram_profile=names_itself) as account:
        assert isinstance(account, TelegramAccount)
        await fake.until(lambda: len(writes(fake)) == MENUS + OWN * names_itself)
    assert (shown(fake, "name") != {}) is names_itself

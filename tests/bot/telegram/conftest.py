"""A strict Bot API server, and the bot on it with a few commands of the tests' own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from pydantic import SecretStr

from bot.config import Settings
from bot.lanes import Lanes
from bot.platforms.telegram.account import TelegramAccount
from handlers.context import Services
from handlers.dispatch import Dispatcher
from tests import make
from tests.bot.telegram.stub import Stub
from tests.fakes.telegram import FakeTelegram
from tests.make import MovableClock

OPERATOR = "telegram:100001"  # the first person of a fake


@dataclass
class Naps:
    """Waits that take no time, written down."""

    taken_s: list[float] = field(default_factory=list)
    meanwhile: Callable[[], object] = list

    async def __call__(self, seconds: float) -> None:
        self.taken_s.append(seconds)
        self.meanwhile()
        await asyncio.sleep(0)


Open = Callable[..., AbstractAsyncContextManager[TelegramAccount]]


def settings_of(server: FakeTelegram, token: str = "", **settings: object) -> Settings:
    """Settings for a fake; the profile is left to the tests of it, since it takes many calls."""
    values = {"admins": (OPERATOR,), "telegram_profile": False, **settings}
    secret = SecretStr(token or server.token)
    return Settings(_env_file=None, telegram_token=secret, telegram_api_url=server.api_url, **values)


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as server:
        yield server


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
async def stub_services(services: Services, stub: Stub) -> Services:
    async with services.db.write() as tx:
        source = await make.source(tx, "bote")
        for title in ("Kernkraftwerk geht vom Netz", "Netzausbau <b>beginnt</b>", "Regen im Norden"):
            await make.clip(tx, source, title, url=f"https://example.org/{len(title)}")
    return replace(services, registry=stub.registry())


@pytest.fixture
def account_on(fake: FakeTelegram, stub_services: Services, clock: MovableClock, naps: Naps) -> Open:
    """Opens an account of the fake; unless told otherwise, waits until it listens and its menus are sent."""

    @asynccontextmanager
    async def opened(
        *, server: FakeTelegram = fake, token: str = "", wait: bool = True, **settings: object
    ) -> AsyncIterator[TelegramAccount]:
        chosen = settings_of(server, token, **settings)
        dispatcher = Dispatcher(stub_services)
        lanes = Lanes(1000, private_spacing_s=0.0)  # test_lanes.py has the waiting
        async with TelegramAccount(chosen, dispatcher, stub_services, clock, sleep=naps, lanes=lanes) as account:
            if wait:
                await server.until(
                    lambda: server.updates.is_polled and server.calls["setMyCommands"] >= 9, what="the bot"
                )
            yield account

    return opened


@pytest.fixture
async def account(account_on: Open) -> AsyncIterator[TelegramAccount]:
    async with account_on() as opened:
        yield opened

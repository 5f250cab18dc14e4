"""A real homeserver, and the bot on it with a few commands of the tests' own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.clock import Sleep
from bot.config import Settings
from bot.lanes import Lanes
from bot.platforms.matrix.account import MatrixAccount
from handlers.context import Services
from handlers.dispatch import Dispatcher
from tests import make
from tests.bot.matrix.person import Person
from tests.bot.telegram.stub import Stub
from tests.fakes.synapse import Account, Synapse, open_synapse
from tests.make import MovableClock

Open = Callable[..., AbstractAsyncContextManager[MatrixAccount]]


@dataclass
class Naps:
    """Waits that take next to no time, written down."""

    taken_s: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.taken_s.append(seconds)
        await asyncio.sleep(0.01)


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with open_synapse(tmp_path_factory.mktemp("synapse")) as running:
        yield running


@pytest.fixture
def bot(synapse: Synapse) -> Account:
    """The bot's account; no client of it has run yet."""
    return synapse.register("kurz")


@pytest.fixture
async def person_of(synapse: Synapse) -> AsyncIterator[Callable[..., Person]]:
    """Makes people, each a new user."""
    async with AsyncExitStack() as stack:

        def made(name: str = "anna", *, on: Synapse = synapse) -> Person:
            person = Person.of(on.register(name), on.url)
            stack.push_async_callback(person.http.aclose)
            return person

        yield made


@pytest.fixture
def anna(person_of: Callable[..., Person]) -> Person:
    return person_of("anna")


@pytest.fixture
def ben(person_of: Callable[..., Person]) -> Person:
    return person_of("ben")


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
async def stub_services(services: Services, stub: Stub) -> Services:
    async with services.db.write() as tx:
        source = await make.source(tx, "bote")
        for title in ("Kernkraftwerk geht vom Netz", "Netzausbau <b>beginnt</b>", "Regen im Norden"):
            await make.clip(tx, source, title, url=f"https://example.org/{len(title)}")
    return replace(services, registry=stub.registry())


@pytest.fixture
def settings_of(synapse: Synapse, bot: Account, tmp_path: Path) -> Callable[..., Settings]:
    """The settings of an account, with changes."""

    def made(**changes: object) -> Settings:
        values = {
            "matrix_homeserver": synapse.url,
            "matrix_user": bot.user_id,
            "matrix_password": bot.password,
            "matrix_store": tmp_path / "matrix",
            **changes,
        }
        return Settings.model_validate({name: value for name, value in values.items() if value is not None})

    return made


@pytest.fixture
def account_on(settings_of: Callable[..., Settings], stub_services: Services, clock: MovableClock, naps: Naps) -> Open:
    """Opens the account, and waits until it listens."""

    @asynccontextmanager
    async def opened(*, wait: bool = True, sleep: Sleep = naps, **settings: object) -> AsyncIterator[MatrixAccount]:
        lanes = Lanes(1000, private_spacing_s=0.0)  # test_lanes.py has the waiting
        async with MatrixAccount(
            settings_of(**settings), Dispatcher(stub_services), stub_services, clock, sleep=sleep, lanes=lanes
        ) as account:
            if wait:
                await listening(account)
            yield account

    return opened


async def listening(account: MatrixAccount) -> None:
    """Wait until an account knows its rooms."""
    async with asyncio.timeout(30):
        while not account.is_ready:  # noqa: ASYNC110 - nothing tells it but the account itself
            await asyncio.sleep(0.01)


@pytest.fixture
async def account(account_on: Open) -> AsyncIterator[MatrixAccount]:
    async with account_on() as opened:
        yield opened


@pytest.fixture
async def direct(account: MatrixAccount, anna: Person, bot: Account) -> str:
    """Anna's private room with the bot."""
    room = await anna.makes_room(bot.user_id, is_direct=True)
    await anna.until(lambda: bot.user_id in anna.members(room), what="the bot")
    return room

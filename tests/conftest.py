"""What all tests share: no network but loopback, a database of their own, a clock that stands, somebody to talk to."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pytest_socket import socket_allow_hosts

from bot import seeds
from handlers.context import Services
from handlers.intake import Intake
from handlers.ports import Desk
from storage.database import Database
from tests import make
from tests.dialogue import Talk
from tests.make import NOW, MovableClock, PreparedPages


def pytest_runtest_setup() -> None:
    socket_allow_hosts(["127.0.0.0/8", "::1"], allow_unix_socket=True)


def _address(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the newest schema and all topics, made once: tests copy it."""
    path = tmp_path_factory.mktemp("empty") / "k.db"

    async def prepare() -> None:
        async with await Database.open(_address(path)) as db:
            await seeds.ensure_topics(db)

    asyncio.run(prepare())
    return path


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Path:
    """The same with the demo news, made once."""
    path = tmp_path_factory.mktemp("demo") / "k.db"
    shutil.copy(empty_file, path)

    async def prepare() -> None:
        async with await Database.open(_address(path)) as db:
            await seeds.load(db, Intake(db, Desk(), make.at_once), NOW)

    asyncio.run(prepare())
    return path


@pytest.fixture
async def db(tmp_path: Path, empty_file: Path) -> AsyncIterator[Database]:
    """A database with all topics and nothing else."""
    shutil.copy(empty_file, tmp_path / "k.db")
    async with await Database.open(_address(tmp_path / "k.db")) as opened:
        yield opened


@pytest.fixture
async def demo_db(tmp_path: Path, demo_file: Path) -> AsyncIterator[Database]:
    """A database with the demo news, whose times are relative to NOW."""
    shutil.copy(demo_file, tmp_path / "demo.db")
    async with await Database.open(_address(tmp_path / "demo.db")) as opened:
        yield opened


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands at NOW until a test moves it."""
    return MovableClock()


@pytest.fixture
def pages() -> PreparedPages:
    """The web, empty until a test puts pages into it."""
    return PreparedPages()


@pytest.fixture
def services(db: Database, pages: PreparedPages) -> Services:
    """The parts that requests share, over `db` and `pages`."""
    return make.services(db, pages=pages)


@pytest.fixture
def talk(services: Services, clock: MovableClock) -> Talk:
    """Anna, who speaks English, in her private chat with a bot without news."""
    return Talk(services, clock)


@pytest.fixture
def demo_talk(demo_db: Database, pages: PreparedPages, clock: MovableClock) -> Talk:
    """Anna in her private chat with a bot that knows the demo news."""
    return Talk(make.services(demo_db, pages=pages), clock)

"""What all tests share: no network but loopback, a database of their own, a clock that stands, somebody to talk to.

What stands on the database in tests/storage, tests/handlers (the single commands aside), tests/bot/jobs and
tests/journeys runs on SQLite and on PostgreSQL; `--databases sqlite` leaves the second out.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
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
from tests.fakes.postgres import PostgresServer
from tests.make import NOW, MovableClock, PreparedPages


def pytest_runtest_setup() -> None:
    socket_allow_hosts(["127.0.0.0/8", "::1"], allow_unix_socket=True)


ON_BOTH = ("storage", "handlers/test_", "bot/jobs", "journeys", "chaos")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--databases", default="sqlite,postgres", help="the databases that tests of storage run on")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" not in metafunc.fixturenames:
        return
    place = metafunc.definition.path.relative_to(Path(__file__).parent).as_posix()
    wanted = metafunc.config.getoption("--databases").split(",")
    kinds = wanted if place.startswith(ON_BOTH) else ["sqlite"]
    if marker := metafunc.definition.get_closest_marker("databases"):
        kinds = [kind for kind in wanted if kind in marker.args]
    metafunc.parametrize("database_kind", kinds, indirect=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on: "sqlite" or "postgres"."""
    return str(request.param)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this run's own."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def empty_template(postgres: PostgresServer) -> str:
    """A database with the newest schema and all topics: tests copy it."""
    url = postgres.make_database()

    async def prepare() -> None:
        async with await Database.open(url) as db:
            await seeds.ensure_topics(db)

    asyncio.run(prepare())
    return url.rsplit("/", 1)[1]


@pytest.fixture(scope="session")
def demo_template(postgres: PostgresServer, empty_template: str) -> str:
    """The same with the demo news."""
    url = postgres.make_database(empty_template)

    async def prepare() -> None:
        async with await Database.open(url) as db:
            await seeds.load(db, Intake(db, Desk(), make.at_once), NOW)

    asyncio.run(prepare())
    return url.rsplit("/", 1)[1]


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
def empty_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database with all topics and nothing else."""
    yield from _copy(request, database_kind, tmp_path / "k.db", "empty")


@pytest.fixture
def demo_url(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the demo news, whose times are relative to NOW."""
    yield from _copy(request, database_kind, tmp_path / "demo.db", "demo")


def _copy(request: pytest.FixtureRequest, kind: str, path: Path, name: str) -> Iterator[str]:
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue(f"{name}_file"), path)
        yield _address(path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.make_database(request.getfixturevalue(f"{name}_template"))
    yield url
    server.drop_database(url)


@pytest.fixture
async def db(empty_url: str) -> AsyncIterator[Database]:
    """A database with all topics and nothing else."""
    async with await Database.open(empty_url) as opened:
        yield opened


@pytest.fixture
async def demo_db(demo_url: str) -> AsyncIterator[Database]:
    """A database with the demo news, whose times are relative to NOW."""
    async with await Database.open(demo_url) as opened:
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

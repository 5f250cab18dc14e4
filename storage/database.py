"""The database: opened once, then read and written through transactions.

    async with await Database.open("sqlite:///data/kurzclips.db") as db:  # or "postgresql://user@host/name"
        async with db.write() as tx: ...   # one at a time; committed at the end, rolled back on any error
        async with db.read() as tx: ...    # many at once, a stable view, no writes

Functions of the sibling modules take the transaction first.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import migrate, sqlite
from storage.errors import DatabaseUnusable, StorageError

Tx = AsyncSession
_SEVERAL_HOSTS = re.compile(
    r"(?P<scheme>postgres\w*(?:\+\w+)?://)(?P<user>[^/@]*@)?(?P<hosts>[^/@,?]+(?:,[^/@,?]+)+)/(?P<name>[^?]*)(?P<query>\?.*)?"
)


async def _nothing(tx: Tx) -> None:
    """The database itself lets one transaction write at a time."""


def _untold(seconds: float) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Backend:
    """How one kind of database is spoken to.

    Attributes:
        writer: for transactions that write.
        readers: for those that only read.
        explain: an error of the driver → what it means, None for a fault of the program.
        beside: for statements that wait for no other writer, and for which nobody waits long.
        take_turn: waits until no other transaction writes, in whatever process.
        migrate_alone: waits until no other process migrates.
        prepare: done once the schema is up to date.
    """

    address: str
    writer: AsyncEngine
    readers: AsyncEngine
    beside: AsyncEngine
    explain: Callable[[BaseException, str], StorageError | None]
    take_turn: Callable[[Tx], Awaitable[None]] = _nothing
    migrate_alone: Callable[[Tx], Awaitable[None]] = _nothing
    prepare: Callable[[Tx], Awaitable[None]] = _nothing


class Database:
    """A database whose schema is up to date."""

    def __init__(self, backend: Backend) -> None:
        self.address = backend.address
        self._backend = backend
        # There is one writer anyway; waiting here costs nothing, waiting in the driver costs a busy loop.
        self._write_turn = asyncio.Lock()
        # Told for how many seconds each transaction waited for its turn to write.
        self.on_turn: Callable[[float], None] = _untold

    @classmethod
    async def open(cls, url: str, *, is_there: bool = False) -> "Database":
        """Open the database, creating a file and its folder where absent, and bring its schema up to date.

        Args:
            url: "sqlite:///relative/path.db", "sqlite:////absolute/path.db" or "postgresql://user:password@host/name";
                several hosts "postgresql://user@one:5432,two:5432/name" are a primary and its standbys.
            is_there: a file that is absent is an error, and not created.

        Raises:
            DatabaseNewer: a newer version of the program wrote it.
            StorageError: it cannot be opened or written; the message is one sentence for the operator.
        """
        database = cls(_backend(url, is_there=is_there))
        backend = database._backend
        try:
            async with database._transaction(backend.writer) as tx:
                await backend.migrate_alone(tx)
                connection = await tx.connection()
                await connection.run_sync(migrate.upgrade, backend.address)
                await backend.prepare(tx)
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """Give a transaction that may write.

        Raises:
            StorageError: the database refused; nothing of the transaction was kept.
        """
        began = time.monotonic()
        async with self._write_turn, self._transaction(self._backend.writer) as tx:
            await self._backend.take_turn(tx)
            self.on_turn(time.monotonic() - began)
            yield tx

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[Tx]:
        """Give a transaction for a statement that is sound alone and waits for no other writer; not for a file.

        Raises:
            StorageError: the database refused, or did not answer within some seconds.
        """
        async with self._transaction(self._backend.beside) as tx:
            yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """Give a transaction that only reads, with one view of the data from its first query on.

        Raises:
            StorageError: the database refused.
        """
        async with self._transaction(self._backend.readers) as tx:
            yield tx

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[Tx]:
        try:
            async with AsyncSession(engine, expire_on_commit=False, autoflush=False) as session, session.begin():
                yield session
        except (DBAPIError, OSError) as error:
            meaning = self._backend.explain(error, self.address)
            if meaning is None:
                raise
            raise meaning from error

    @property
    def is_file(self) -> bool:
        """Whether `address` is a file of this machine, which lies on its disk and can be copied."""
        return self._backend.writer.dialect.name == "sqlite"

    async def backup(self, target: Path) -> None:
        """Write a whole copy of the database to a new file, also while others write.

        Raises:
            DatabaseUnusable: the copy could not be written, or the database has tools of its own for that.
        """
        if not self.is_file:
            msg = "PostgreSQL is saved with its own tool: pg_dump --format=custom --file=kurzclips.dump <address>."
            raise DatabaseUnusable(msg)
        await asyncio.to_thread(sqlite.copy, self.address, target)

    async def close(self) -> None:
        """Give all connections back; the database must not be used afterwards."""
        await self._backend.readers.dispose()
        await self._backend.writer.dispose()
        await self._backend.beside.dispose()

    async def __aenter__(self) -> "Database":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _backend(url: str, *, is_there: bool) -> Backend:
    try:
        parsed = make_url(_with_hosts(url))
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        msg = "The database address is not of the form sqlite:///path/to/file.db or postgresql://user@host/name."
        raise DatabaseUnusable(msg) from error
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        address = _prepare_file(parsed, is_there=is_there)
        async_url = parsed.set(drivername="sqlite+aiosqlite")
        writer = sqlite.writer(async_url)
        return Backend(address, writer, sqlite.readers(async_url), writer, sqlite.explain)
    if kind == "postgresql":
        return _postgres(parsed)
    msg = f"Databases of the kind {kind!r} are not supported; use sqlite:///path/to/file.db or postgresql://."
    raise DatabaseUnusable(msg)


def _postgres(url: URL) -> Backend:
    try:
        # Those who stay with SQLite need no driver for it.
        from storage import postgres
    except ImportError as error:
        msg = "PostgreSQL needs its driver: pip install 'kurzclips[postgres]'."
        raise DatabaseUnusable(msg) from error
    writer = postgres.engine(url)
    return Backend(
        postgres.address_of(url),
        writer,
        postgres.readers(writer),
        postgres.engine(url, connections=1, statement_s=postgres.QUICK_S),
        postgres.explain,
        take_turn=postgres.take_turn,
        migrate_alone=postgres.migrate_alone,
        prepare=postgres.prepare_turn,
    )


def _with_hosts(url: str) -> str:
    """Several hosts, as libpq lists them, in the form that SQLAlchemy reads.

    Source: PostgreSQL, 34.1.1.3 "Specifying Multiple Hosts"; SQLAlchemy, PostgreSQL dialect, "Specifying multiple
    fallback hosts".
    """
    match = _SEVERAL_HOSTS.fullmatch(url)
    if match is None:
        return url
    hosts = "&".join(f"host={host if ':' in host else host + ':5432'}" for host in match["hosts"].split(","))
    query = f"{match['query']}&{hosts}" if match["query"] else f"?{hosts}"
    return f"{match['scheme']}{match['user'] or ''}/{match['name']}{query}"


def _prepare_file(url: URL, *, is_there: bool) -> str:
    if not url.database or url.database == ":memory:":
        msg = "The database address names no file; use sqlite:///path/to/file.db."
        raise DatabaseUnusable(msg)
    path = Path(url.database)
    if is_there and not path.is_file():
        msg = f"There is no database {path}."
        raise DatabaseUnusable(msg)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"The folder {path.parent} for the database cannot be made: {error.strerror}."
        raise DatabaseUnusable(msg) from error
    return str(path)

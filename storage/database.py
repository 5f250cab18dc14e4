"""The database: opened once, then read and written through transactions.

    async with await Database.open("sqlite:///data/kurzclips.db") as db:
        async with db.write() as tx: ...   # one at a time; committed at the end, rolled back on any error
        async with db.read() as tx: ...    # many at once, a stable view, no writes

Functions of the sibling modules take the transaction first.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import migrate, sqlite
from storage.errors import DatabaseUnusable

Tx = AsyncSession


class Database:
    """A database whose schema is up to date."""

    def __init__(self, address: str, writer: AsyncEngine, readers: AsyncEngine) -> None:
        self.address = address
        self._writer = writer
        self._readers = readers
        # SQLite has one writer anyway; waiting here costs nothing, waiting in the driver costs a busy loop.
        self._write_turn = asyncio.Lock()

    @classmethod
    async def open(cls, url: str) -> "Database":
        """Open the database, creating the file and its folder where absent, and bring its schema up to date.

        Args:
            url: "sqlite:///relative/path.db" or "sqlite:////absolute/path.db".

        Raises:
            DatabaseNewer: a newer version of the program wrote it.
            StorageError: it cannot be opened or written; the message is one sentence for the operator.
        """
        parsed = _parse(url)
        address = _prepare_file(parsed)
        async_url = parsed.set(drivername="sqlite+aiosqlite")
        database = cls(address, sqlite.writer(async_url), sqlite.readers(async_url))
        try:
            async with database.write() as tx:
                connection = await tx.connection()
                await connection.run_sync(migrate.upgrade, address)
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
        async with self._write_turn, self._transaction(self._writer) as tx:
            yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """Give a transaction that only reads, with one view of the data from its first query on.

        Raises:
            StorageError: the database refused.
        """
        async with self._transaction(self._readers) as tx:
            yield tx

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[Tx]:
        try:
            async with AsyncSession(engine, expire_on_commit=False, autoflush=False) as session, session.begin():
                yield session
        except DBAPIError as error:
            meaning = sqlite.explain(error.orig, self.address) if error.orig else None
            if meaning is None:
                raise
            raise meaning from error

    async def backup(self, target: Path) -> None:
        """Write a whole copy of the database to a new file, also while others write.

        Raises:
            DatabaseUnusable: the copy could not be written.
        """
        await asyncio.to_thread(sqlite.copy, self.address, target)

    async def close(self) -> None:
        """Give all connections back; the database must not be used afterwards."""
        await self._readers.dispose()
        await self._writer.dispose()

    async def __aenter__(self) -> "Database":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, NoSuchModuleError) as error:
        msg = "The database address is not of the form sqlite:///path/to/file.db."
        raise DatabaseUnusable(msg) from error
    if parsed.get_backend_name() != "sqlite":
        msg = f"Databases of the kind {parsed.get_backend_name()!r} are not supported; use sqlite:///path/to/file.db."
        raise DatabaseUnusable(msg)
    return parsed


def _prepare_file(url: URL) -> str:
    if not url.database or url.database == ":memory:":
        msg = "The database address names no file; use sqlite:///path/to/file.db."
        raise DatabaseUnusable(msg)
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"The folder {path.parent} for the database cannot be made: {error.strerror}."
        raise DatabaseUnusable(msg) from error
    return str(path)

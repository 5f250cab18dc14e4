"""All that is particular to PostgreSQL: connections, whose turn it is to write, the search index, what errors mean.

Only what speaks its protocol is asked for: no extension but pg_trgm, no notifications, no session locks.
"""

from typing import Any

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from storage.errors import DatabaseBusy, DatabaseFull, DatabaseReadOnly, DatabaseUnusable, StorageError

CONNECTIONS = 8
CONNECT_S = 10
STATEMENT_S = 60
# For what has to be known in time.
QUICK_S = 4
# A process that was stopped in the middle of a transaction loses it and its turn, or nobody could write any more.
IDLE_MS = 10_000
LOCK_MS = 20_000
# Any number; migrations of one database wait for each other under it.
_MIGRATION = 7_239_401
_TURN = "writer.turn"

# Words as they are stored, with their places: no parser may stem them a second time. A number like 12,5 is two words,
# as it is for SQLite. Titles weigh more.
SEARCH_DDL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """CREATE FUNCTION kurzclips_words(words text, weight text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
       SELECT coalesce(string_agg(quote_literal(word) || ':' || least(place, 16383) || weight, ' '), '')::tsvector
       FROM regexp_split_to_table(words, '[ .,:]+') WITH ORDINALITY AS listed(word, place) WHERE word <> '' $$""",
    "ALTER TABLE clip_search ADD COLUMN words tsvector",
    """CREATE FUNCTION kurzclips_index() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       -- The bar keeps phrases from reaching out of the title into the text.
       NEW.words := kurzclips_words(NEW.title || ' |', 'A') || kurzclips_words(NEW.body, 'D'); RETURN NEW; END $$""",
    """CREATE TRIGGER clip_search_words BEFORE INSERT OR UPDATE ON clip_search
       FOR EACH ROW EXECUTE FUNCTION kurzclips_index()""",
    "CREATE INDEX ix_clip_search_words ON clip_search USING gin (words)",
    "CREATE INDEX ix_term_counts_parts ON term_counts USING gin (term gin_trgm_ops)",
)


def create_search_index(connection: Connection) -> None:
    """Build the full-text index over `clip_search`, kept up to date by a trigger."""
    for statement in SEARCH_DDL:
        connection.execute(text(statement))


def address_of(url: URL) -> str:
    """The database in words that may be shown: no password."""
    if not url.host:
        return f"{url.database}"
    # A password with an @ that is not escaped reaches into what is taken for the host.
    host = url.host.rpartition("@")[2]
    return url.set(password=None, host=host, query={}).render_as_string(hide_password=True)


def engine(url: URL, connections: int = CONNECTIONS, statement_s: int = STATEMENT_S) -> AsyncEngine:
    """Connections; where the address names several hosts, to the one that can be written."""
    settings = {
        "application_name": "kurzclips",
        "idle_in_transaction_session_timeout": str(IDLE_MS),
        "lock_timeout": str(LOCK_MS),
    }
    arguments: dict[str, Any] = {
        "timeout": min(CONNECT_S, statement_s),
        "command_timeout": statement_s,
        "server_settings": settings,
    }
    if isinstance(url.query.get("host"), tuple):
        arguments["target_session_attrs"] = "read-write"
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args=arguments,
    )


def readers(writer: AsyncEngine) -> AsyncEngine:
    """The same connections for transactions that only read, each with one view of the data."""
    return writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


async def migrate_alone(session: AsyncSession) -> None:
    """Wait until no other process migrates; for the rest of the transaction none does."""
    await (await session.connection()).execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION})


async def prepare_turn(session: AsyncSession) -> None:
    """Make the row under which writers take turns."""
    statement = "INSERT INTO facts (name, value) VALUES (:name, '') ON CONFLICT DO NOTHING"
    await (await session.connection()).execute(text(statement), {"name": _TURN})


async def take_turn(session: AsyncSession) -> None:
    """Wait until no other transaction writes, in this process or another one.

    SQLite has one writer at a time, and all that reads before it writes relies on that; here a locked row does it,
    which any database with row locks can do.
    """
    await (await session.connection()).execute(
        text("SELECT value FROM facts WHERE name = :name FOR UPDATE"), {"name": _TURN}
    )


def explain(error: BaseException, address: str) -> StorageError | None:
    """Name what an error of the driver or the network means to an operator; None where it is a fault of the program."""
    cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, asyncpg.InvalidPasswordError | asyncpg.InvalidAuthorizationSpecificationError):
        return DatabaseUnusable(f"The database {address} refuses this user or password.")
    if isinstance(cause, asyncpg.InvalidCatalogNameError):
        return DatabaseUnusable(f"There is no database {address} on that server.")
    if isinstance(cause, asyncpg.InsufficientPrivilegeError):
        return DatabaseUnusable(f"The user of the database {address} lacks a right: {cause}.")
    if isinstance(cause, asyncpg.DiskFullError):
        return DatabaseFull(f"The disk of the database {address} is full; nothing of the last change was kept.")
    if isinstance(cause, asyncpg.ReadOnlySQLTransactionError):
        return DatabaseReadOnly(f"The database {address} cannot be written: it only allows reading, as standbys do.")
    if isinstance(cause, asyncpg.LockNotAvailableError | asyncpg.DeadlockDetectedError | asyncpg.SerializationError):
        return DatabaseBusy(f"Another process has kept the database {address} locked for too long.")
    if _is_out_of_reach(cause) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return DatabaseBusy(f"The database {address} cannot be reached at the moment: {_first_line(cause)}.")
    return None


def _is_out_of_reach(cause: BaseException | None) -> bool:
    return isinstance(
        cause,
        OSError
        | TimeoutError
        | asyncpg.InterfaceError
        | asyncpg.PostgresConnectionError
        | asyncpg.OperatorInterventionError
        | asyncpg.IdleInTransactionSessionTimeoutError
        | asyncpg.TooManyConnectionsError
        | asyncpg.TargetServerAttributeNotMatched,
    )


def _first_line(cause: BaseException | None) -> str:
    words = str(cause or "").strip().splitlines()
    return words[0].rstrip(".") if words else type(cause).__name__

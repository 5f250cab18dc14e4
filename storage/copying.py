"""Copies a whole database into an empty one, of the same kind or the other, in one transaction: all or nothing.

A copy that was interrupted has left nothing behind, so it is simply started again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, RowMapping, Select, Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.errors import DatabaseUnusable
from storage.tables import Chat, Clip, Delivery, Fact, Lease, Source, metadata

PORTION = 2_000
# What belongs to processes and servers rather than to the bot.
_LEFT_OUT = {Lease.__tablename__}
_OWN_FACT = "writer.turn"
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """How many rows of a table were copied."""

    table: str
    rows: int


async def sizes(database: Database) -> dict[str, int]:
    """How many rows there are to be copied: table → rows."""
    async with database.read() as tx:
        connection = await tx.connection()
        return {table.name: await _count(connection, table) for table in _tables()}


async def copy(source: Database, target: Database, progress: Progress) -> list[Copied]:
    """Copy all rows with their numbers; what is written to the source meanwhile is not among them.

    Every table is read once more where it arrived: number and content of its rows must be those that were sent.

    Args:
        target: holds no sources, clips, chats or deliveries; what opening made in it is replaced.
        progress: is told of each portion, once when it was copied and once when it was read again: table, rows.

    Raises:
        DatabaseUnusable: the target is in use, or a table did not arrive as it was; nothing was kept.
        StorageError: one of the databases refused.
    """
    async with source.read() as reading, target.write() as writing:
        here, there = await reading.connection(), await writing.connection()
        await _wait_for_each_other(here, there)
        await _check_empty(there, target.address)
        copied = []
        for table in reversed(_tables()):
            await there.execute(table.delete().where(table.c.name != _OWN_FACT) if _is_facts(table) else table.delete())
        for table in _tables():
            sent = await _copy_table(here, there, table, progress)
            if await _read_again(there, table, progress) != sent:
                msg = f"The table {table.name} did not arrive whole; nothing was kept of the copy."
                raise DatabaseUnusable(msg)
            copied.append(Copied(table.name, sent.rows))
        await _go_on_counting(here, there)
        await _learn_sizes(there)
    return copied


def _tables() -> list[Table]:
    return [table for table in metadata.sorted_tables if table.name not in _LEFT_OUT]


def _is_facts(table: Table) -> bool:
    return table.name == Fact.__tablename__


def _rows(table: Table) -> Select[tuple[object, ...]]:
    query = select(table)
    return query.where(table.c.name != _OWN_FACT) if _is_facts(table) else query


async def _count(connection: AsyncConnection, table: Table) -> int:
    return (await connection.execute(select(func.count()).select_from(_rows(table).subquery()))).scalar_one()


async def _check_empty(connection: AsyncConnection, address: str) -> None:
    for name in (Clip.__tablename__, Chat.__tablename__, Delivery.__tablename__, Source.__tablename__):
        if (await connection.execute(select(metadata.tables[str(name)]).limit(1))).first() is not None:
            msg = f"The database {address} is in use: it has {name} already. Copy into an empty one."
            raise DatabaseUnusable(msg)


async def _wait_for_each_other(*connections: AsyncConnection) -> None:
    """Let a transaction of PostgreSQL stand idle while the other database works; at most it would end for that."""
    for connection in connections:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


async def _copy_table(here: AsyncConnection, there: AsyncConnection, table: Table, progress: Progress) -> "_Seen":
    keys = [column.asc() for column in table.primary_key.columns]
    found = await here.stream(_rows(table).order_by(*keys))
    seen = _Seen()
    async for portion in found.mappings().partitions(PORTION):
        await there.execute(table.insert(), [dict(row) for row in portion])
        seen = seen.plus(portion)
        progress(table.name, len(portion))
    return seen


async def _read_again(there: AsyncConnection, table: Table, progress: Progress) -> "_Seen":
    seen = _Seen()
    async for portion in (await there.stream(_rows(table))).mappings().partitions(PORTION):
        seen = seen.plus(portion)
        progress(table.name, len(portion))
    return seen


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen of a table: how many rows, and a sum over all that stands in them, whatever their order."""

    rows: int = 0
    content: int = 0

    def plus(self, portion: Sequence[RowMapping]) -> "_Seen":
        content = sum(hash(tuple(map(_content, row.values()))) for row in portion)
        return _Seen(self.rows + len(portion), (self.content + content) % 2**64)


def _content(value: Any) -> int:
    """A number that equal values share, as for PostgreSQL the keys of an object have no order."""
    if isinstance(value, dict):
        return hash(frozenset((key, _content(each)) for key, each in value.items()))
    return hash(tuple(map(_content, value))) if isinstance(value, list) else hash(value)


async def _go_on_counting(here: AsyncConnection, there: AsyncConnection) -> None:
    """Number new rows behind the highest number that was ever given.

    Matrix homeservers know deliveries by their number, and would take a second one for a repeated first.
    """
    for table in _tables():
        if "id" not in table.c or not isinstance(table.c.id.type, BigInteger):
            continue
        last = max(await _last_number(here, table), await _last_number(there, table))
        if there.dialect.name == "postgresql":
            following = text("SELECT setval(CAST(pg_get_serial_sequence(:name, 'id') AS regclass), :last, :is_used)")
            await there.execute(following, {"name": _quoted(table), "last": max(last, 1), "is_used": last > 0})
        elif _is_counted(table):
            await there.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
            kept = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)")
            await there.execute(kept, {"name": table.name, "last": last})


async def _last_number(connection: AsyncConnection, table: Table) -> int:
    """The highest number that a row of a table has, or had where the database remembers that."""
    highest = (await connection.execute(select(func.max(table.c.id)))).scalar() or 0
    if connection.dialect.name == "postgresql":
        query = text("SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, 'id') AS regclass))")
        given = (await connection.execute(query, {"name": _quoted(table)})).scalar()
    elif _is_counted(table):
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        given = (await connection.execute(query, {"name": table.name})).scalar()
    else:
        given = None
    return max(int(highest), int(given or 0))


def _is_counted(table: Table) -> bool:
    """Whether SQLite remembers the highest number of a table; else it goes on behind the rows that are there."""
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def _quoted(table: Table) -> str:
    return f'"{table.name}"'


async def _learn_sizes(there: AsyncConnection) -> None:
    """Let PostgreSQL know what it holds now, or its first answers are planned as if it were empty."""
    if there.dialect.name == "postgresql":
        for table in _tables():
            await there.execute(text(f"ANALYZE {_quoted(table)}"))

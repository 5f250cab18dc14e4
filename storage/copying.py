"""Copies a whole database into an empty one, of the same kind or the other, in one transaction: all or nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Select, Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.errors import DatabaseUnusable
from storage.tables import Chat, Clip, Delivery, Fact, Lease, metadata

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

    Args:
        target: holds no chats, clips or deliveries; what opening made in it is replaced.
        progress: is told of each portion: table, how many rows came.

    Raises:
        DatabaseUnusable: the target is in use, or a table has not as many rows there as here; nothing was kept.
        StorageError: one of the databases refused.
    """
    async with source.read() as reading, target.write() as writing:
        here, there = await reading.connection(), await writing.connection()
        await _check_empty(there, target.address)
        copied = []
        for table in reversed(_tables()):
            await there.execute(table.delete().where(table.c.name != _OWN_FACT) if _is_facts(table) else table.delete())
        for table in _tables():
            copied.append(Copied(table.name, await _copy_table(here, there, table, progress)))
            if await _count(there, table) != copied[-1].rows:
                msg = f"The table {table.name} did not arrive whole; nothing was kept of the copy."
                raise DatabaseUnusable(msg)
        await _go_on_counting(there)
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
    for name in (Clip.__tablename__, Chat.__tablename__, Delivery.__tablename__):
        if (await connection.execute(select(metadata.tables[str(name)]).limit(1))).first() is not None:
            msg = f"The database {address} is in use: it has {name} already. Copy into an empty one."
            raise DatabaseUnusable(msg)


async def _copy_table(here: AsyncConnection, there: AsyncConnection, table: Table, progress: Progress) -> int:
    keys = [column.asc() for column in table.primary_key.columns]
    found = await here.stream(_rows(table).order_by(*keys))
    number = 0
    async for portion in found.mappings().partitions(PORTION):
        await there.execute(table.insert(), [dict(row) for row in portion])
        number += len(portion)
        progress(table.name, len(portion))
    return number


async def _go_on_counting(connection: AsyncConnection) -> None:
    """Let PostgreSQL number new rows behind the highest that came; SQLite does so by itself."""
    if connection.dialect.name == "sqlite":
        return
    for table in _tables():
        name = (
            (
                await connection.execute(
                    text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": f'"{table.name}"'}
                )
            ).scalar()
            if "id" in table.c
            else None
        )
        if name is not None:
            last = (await connection.execute(select(func.max(table.c.id)))).scalar() or 0
            await connection.execute(
                text("SELECT setval(CAST(:name AS regclass), :last, :is_used)"),
                {"name": name, "last": max(last, 1), "is_used": last > 0},
            )

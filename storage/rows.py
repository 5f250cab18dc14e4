"""Statements that both databases know but spell differently."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from storage.database import Tx

# SQLite takes at most 32,766 variables a statement (SQLITE_MAX_VARIABLE_NUMBER); PostgreSQL's protocol 65,535.
MAX_VARIABLES = 30_000


def _insert(tx: Tx, table: type[SQLModel]) -> Any:
    dialect = tx.get_bind().dialect.name
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)


def batches(rows: Sequence[dict[str, Any]]) -> list[Sequence[dict[str, Any]]]:
    """The rows in portions that fit one statement."""
    size = max(1, MAX_VARIABLES // max(1, len(rows[0]))) if rows else 1
    return [rows[start : start + size] for start in range(0, len(rows), size)]


async def insert_missing(tx: Tx, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> int:
    """Insert what is not there yet; a row whose key exists stays as it is.

    Returns:
        How many were new.
    """
    new = 0
    for batch in batches(rows):
        result = await tx.exec(_insert(tx, table).values(list(batch)).on_conflict_do_nothing())
        new += result.rowcount
    return new


async def upsert(
    tx: Tx, table: type[SQLModel], rows: Sequence[dict[str, Any]], *, key: Sequence[str], change: Sequence[str]
) -> None:
    """Insert rows, and set the columns of `change` where the key exists."""
    for batch in batches(rows):
        statement = _insert(tx, table).values(list(batch))
        changes = {column: statement.excluded[column] for column in change}
        await tx.exec(statement.on_conflict_do_update(index_elements=list(key), set_=changes))


async def raw(tx: Tx, statement: str, **values: Any) -> Sequence[Row[Any]]:
    """The rows of a statement that the ORM cannot say; values are always bound, never pasted."""
    connection = await tx.connection()
    return (await connection.execute(text(statement), values)).all()

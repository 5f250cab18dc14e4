"""Statements that both databases know but spell differently."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, any_, bindparam, func, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from storage.database import Tx


def insert_into(tx: Tx, table: type[SQLModel]) -> Any:
    """An INSERT that knows what to do about keys that exist."""
    dialect = tx.get_bind().dialect.name
    return (sqlite if dialect == "sqlite" else postgresql).insert(table.__table__)  # type: ignore[attr-defined]


def among(tx: Tx, column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a column has one of thousands of values.

    PostgreSQL compares each row with a list of parameters one by one; an array it hashes, or looks up in an index.
    """
    if tx.get_bind().dialect.name == "sqlite":
        found: ColumnElement[bool] = column.in_(values)
        return found
    return column == any_(literal(list(values), postgresql.ARRAY(column.type)))  # type: ignore[no-any-return]


async def insert_missing(tx: Tx, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> int:
    """Insert what is not there yet; a row whose key exists stays as it is.

    Returns:
        How many were new.
    """
    if not rows:
        return 0
    connection = await tx.connection()
    statement = insert_into(tx, table).on_conflict_do_nothing()
    if connection.dialect.name == "sqlite":
        return (await connection.execute(statement, list(rows))).rowcount
    # The driver of PostgreSQL does not count the rows of many statements, but what they give back can be counted.
    return len((await connection.execute(statement.returning(literal(1)), list(rows))).all())


async def insert_numbered(tx: Tx, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows without their key "id".

    Returns:
        The number that each got, in their order.
    """
    if not rows:
        return []
    connection = await tx.connection()
    columns = table.__table__.c  # type: ignore[attr-defined]
    if connection.dialect.name == "sqlite":
        # It cannot tell the numbers of many rows in their order. Nobody else writes meanwhile, so these are the next.
        last = (await connection.execute(select(func.max(columns.id)))).scalar() or 0
        numbers = list(range(last + 1, last + 1 + len(rows)))
        numbered = [{**row, "id": number} for row, number in zip(rows, numbers, strict=True)]
        await connection.execute(table.__table__.insert(), numbered)  # type: ignore[attr-defined]
        return numbers
    statement = table.__table__.insert().returning(columns.id, sort_by_parameter_order=True)  # type: ignore[attr-defined]
    return [row.id for row in (await connection.execute(statement, list(rows))).all()]


async def upsert(
    tx: Tx, table: type[SQLModel], rows: Sequence[dict[str, Any]], *, key: Sequence[str], change: Sequence[str]
) -> None:
    """Insert rows, and set the columns of `change` where the key exists."""
    if not rows:
        return
    statement = insert_into(tx, table)
    changes = {column: statement.excluded[column] for column in change}
    connection = await tx.connection()
    await connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changes), list(rows))


async def update_rows(tx: Tx, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Set columns of many rows, each found by its primary key "id"."""
    if not rows:
        return
    columns = table.__table__.c  # type: ignore[attr-defined]
    changed = [name for name in rows[0] if name != "id"]
    statement = (
        table.__table__.update()  # type: ignore[attr-defined]
        .where(columns.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}") for name in changed})
    )
    bound = [{"row_id": row["id"], **{f"new_{name}": row[name] for name in changed}} for row in rows]
    connection = await tx.connection()
    await connection.execute(statement, bound)


async def raw(tx: Tx, statement: str, **values: Any) -> Sequence[Row[Any]]:
    """The rows of a statement that the ORM cannot say; values are always bound, never pasted."""
    connection = await tx.connection()
    return (await connection.execute(text(statement), values)).all()


async def raw_write(tx: Tx, statement: str, **values: Any) -> None:
    """As raw, for a statement that changes rows and gives none back."""
    connection = await tx.connection()
    await connection.execute(text(statement), values)

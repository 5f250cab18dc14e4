"""How much room the database takes, as a whole and table by table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import func, select

from storage.database import Tx
from storage.rows import raw
from storage.tables import Table

_TOTAL = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
# Both give table, its own bytes, those of its indexes. Source: SQLite, "The DBSTAT Virtual Table"; PostgreSQL, 9.28.7.
_BY_TABLE = {
    "sqlite": """SELECT m.tbl_name, sum(iif(m.type = 'table', s.pgsize, 0)), sum(iif(m.type = 'index', s.pgsize, 0))
        FROM dbstat('main', 1) AS s JOIN sqlite_master AS m ON m.name = s.name GROUP BY m.tbl_name""",
    "postgresql": """SELECT c.relname, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class AS c
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace""",
}
# The tables in which SQLite keeps a full-text index, and the table that it is built over.
_INDEX_OF = {"clip_fts": "clip_search", "term_parts": "term_counts"}


@dataclass(frozen=True, slots=True)
class TableSize:
    """One table.

    Attributes:
        own_bytes, index_bytes: None where the database cannot tell.
    """

    name: str
    rows: int
    own_bytes: int | None
    index_bytes: int | None


async def total_bytes(tx: Tx) -> int:
    """The whole database in bytes; of a file without what waits in its log beside it."""
    rows = await raw(tx, _TOTAL[tx.get_bind().dialect.name])
    return int(rows[0][0])


async def free_bytes(tx: Tx) -> int | None:
    """How much of a file is free inside for what comes next; None where there is no file."""
    if tx.get_bind().dialect.name != "sqlite":
        return None
    rows = await raw(tx, "SELECT freelist_count * page_size FROM pragma_freelist_count(), pragma_page_size()")
    return int(rows[0][0])


async def by_table(tx: Tx) -> Sequence[TableSize]:
    """All tables of ours, the largest first; reads the whole database."""
    sizes = await _bytes_by_table(tx)
    found = []
    for table in Table.metadata.sorted_tables:
        count = (await tx.exec(select(func.count()).select_from(table))).one()
        own, indexes = sizes.get(table.name, (None, None))
        found.append(TableSize(table.name, count, own, indexes))
    return sorted(found, key=lambda each: ((each.own_bytes or 0) + (each.index_bytes or 0), each.rows), reverse=True)


async def _bytes_by_table(tx: Tx) -> dict[str, tuple[int, int]]:
    kind = tx.get_bind().dialect.name
    # Some builds of SQLite come without it.
    if kind == "sqlite" and not await raw(tx, "SELECT 1 FROM pragma_module_list WHERE name = 'dbstat'"):
        return {}
    found: dict[str, tuple[int, int]] = {}
    for row in await raw(tx, _BY_TABLE[kind]):
        name, own, indexes = tuple[Any, ...](row)
        index_of = next((table for index, table in _INDEX_OF.items() if name.startswith(index + "_")), "")
        own, indexes = int(own), int(indexes)
        before = found.get(index_of or name, (0, 0))
        more = (0, own + indexes) if index_of else (own, indexes)
        found[index_of or name] = (before[0] + more[0], before[1] + more[1])
    return found

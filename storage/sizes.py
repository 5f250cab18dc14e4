"""How much room the database takes."""

from storage.database import Tx
from storage.rows import raw

_TOTAL = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


async def total_bytes(tx: Tx) -> int:
    """The whole database in bytes; of a file without what waits in its log beside it."""
    rows = await raw(tx, _TOTAL[tx.get_bind().dialect.name])
    return int(rows[0][0])

"""What kind of database it is, and whether it is sound."""

from collections.abc import Sequence
from dataclasses import dataclass

from storage import facts
from storage.database import Tx
from storage.rows import raw

_PROBE = "doctor"


@dataclass(frozen=True, slots=True)
class Kind:
    """What speaks to us.

    Attributes:
        name: "SQLite" or "PostgreSQL".
        lacks: what has to be there and is not, "" where all is.
    """

    name: str
    version: str
    lacks: str = ""


async def kind(tx: Tx) -> Kind:
    """Which database it is."""
    if tx.get_bind().dialect.name == "sqlite":
        return Kind("SQLite", str((await raw(tx, "SELECT sqlite_version()"))[0][0]))
    version = str((await raw(tx, "SHOW server_version"))[0][0]).split()[0]
    known = await raw(tx, "SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
    return Kind("PostgreSQL", version, "" if known else "the extension pg_trgm")


async def probe(tx: Tx) -> None:
    """Write something and take it back.

    Raises:
        StorageError: the database cannot be written; raised where the transaction ends.
    """
    await facts.put(tx, _PROBE, "written")
    await facts.drop(tx, _PROBE)


async def damages(tx: Tx, most: int = 5) -> Sequence[str]:
    """What a file's own check finds wrong with it, empty where nothing; reads the whole file.

    Source: SQLite, PRAGMA quick_check: one row "ok", or a row for each fault.
    """
    rows = await raw(tx, f"PRAGMA quick_check({int(most)})")
    return [" ".join(str(row[0]).split())[:200] for row in rows if row[0] != "ok"]

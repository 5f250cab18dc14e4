"""Small values that the bot remembers of itself, by name."""

from sqlmodel import col, delete, select

from storage.database import Tx
from storage.rows import upsert
from storage.tables import Fact


async def get(tx: Tx, name: str) -> str:
    """The value of a name, "" where there is none."""
    return (await tx.exec(select(Fact.value).where(Fact.name == name))).first() or ""


async def put(tx: Tx, name: str, value: str) -> None:
    """Remember a value, in place of the one before."""
    await upsert(tx, Fact, [{"name": name, "value": value}], key=("name",), change=("value",))


async def drop(tx: Tx, name: str) -> None:
    """Forget a value."""
    await tx.exec(delete(Fact).where(col(Fact.name) == name))

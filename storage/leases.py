"""Who does what only one process at a time may do: a row by name, with an end by the clock of the database.

For processes that share a server. Those that share a file are on one machine, whose kernel knows who lives.
"""

from datetime import timedelta

from sqlalchemy import Interval, literal, or_
from sqlmodel import col, delete, func, select

from storage.database import Tx
from storage.rows import insert_into
from storage.tables import Lease


async def take(tx: Tx, name: str, owner: str, lease: timedelta) -> bool:
    """Take what is free or has run out, or renew what is the owner's; one statement, whoever else tries.

    Returns:
        Whether it is the owner's now, for so long from the begin of this transaction on.
    """
    until = func.now() + literal(lease, Interval)
    statement = insert_into(tx, Lease).values(name=name, owner=owner, until=until)
    free = or_(col(Lease.owner) == owner, col(Lease.until) <= func.now())
    taking = statement.on_conflict_do_update(
        index_elements=["name"], set_={"owner": owner, "until": statement.excluded.until}, where=free
    )
    connection = await tx.connection()
    return (await connection.execute(taking.returning(col(Lease.name)))).first() is not None


async def is_held(tx: Tx, name: str, owner: str) -> bool:
    """Whether a lease is the owner's; nobody else can take it until the transaction ends.

    This is what fences off a process that slept through the end of its lease and does not know yet.
    """
    query = select(Lease.name).where(Lease.name == name, Lease.owner == owner).with_for_update(read=True)
    return (await tx.exec(query)).first() is not None


async def give_back(tx: Tx, owner: str) -> None:
    """End all leases of an owner at once."""
    await tx.exec(delete(Lease).where(col(Lease.owner) == owner))


async def holders(tx: Tx) -> dict[str, str]:
    """Who holds what now: name → owner."""
    query = select(Lease.name, Lease.owner).where(col(Lease.until) > func.now()).order_by(col(Lease.name))
    return dict((await tx.exec(query)).all())

"""How large the database is, as a whole and table by table, on both kinds."""

from storage import clips, sizes, soundness
from storage.database import Database, Tx
from tests import make


async def test_rows_and_room_of_each_table_are_told_the_largest_first(db: Database) -> None:
    async with db.write() as tx:
        source = await make.source(tx)
        for number in range(30):
            await make.clip(tx, source, f"Brücke {number} offen", "Sie ist wieder offen. " * 50, hours=number + 1)
    async with db.read() as tx:
        total, free = await sizes.total_bytes(tx), await sizes.free_bytes(tx)
        found = {each.name: each for each in await sizes.by_table(tx)}
        span = await clips.span(tx)
    rooms = [(each.own_bytes or 0) + (each.index_bytes or 0) for each in found.values()]
    assert found["clips"].rows == found["clip_search"].rows == 30
    assert rooms == sorted(rooms, reverse=True)
    assert 0 < sum(rooms) <= total
    # The index that search uses counts as one.
    assert found["clip_search"].index_bytes
    assert free is None or 0 <= free < total
    assert span is not None
    assert (span[1] - span[0]).total_seconds() == 29 * 3600


async def test_an_empty_database_has_no_span(db: Database) -> None:
    async with db.read() as tx:
        assert await clips.span(tx) is None


async def test_what_is_written_to_try_it_is_gone_afterwards(db: Database) -> None:
    async with db.write() as tx:
        before = await _facts(tx)
        await soundness.probe(tx)
    async with db.read() as tx:
        assert await _facts(tx) == before


async def _facts(tx: Tx) -> int:
    return {each.name: each.rows for each in await sizes.by_table(tx)}["facts"]

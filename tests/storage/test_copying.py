"""A bot moves from SQLite to PostgreSQL and back with all that it has, or with nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import delete, select

from storage import copying, deliveries, leases, search
from storage.copying import copy
from storage.database import Database
from storage.errors import DatabaseUnusable
from storage.search import SearchQuery
from storage.tables import Chat, Delivery, Schedule, Subscription, metadata
from tests import make
from tests.fakes.postgres import PostgresServer
from tests.make import NOW

pytestmark = pytest.mark.databases("sqlite")
WORDS = SearchQuery(groups=(("kernkraft", "kernkraftwerk"),))


async def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, but what belongs to processes and servers."""
    found = {}
    async with database.read() as tx:
        connection = await tx.connection()
        for table in metadata.sorted_tables:
            rows = (await connection.execute(select(table))).mappings().all()
            plain = [dict(row) for row in rows if table.name != "facts" or row["name"] != "writer.turn"]
            found[table.name] = sorted(plain, key=str)
    return {name: rows for name, rows in found.items() if name != "leases"}


async def use(database: Database) -> None:
    """A chat that follows a topic every morning, and is owed something."""
    async with database.write() as tx:
        chat = await make.chat(tx, "1", options={"length": "long"})
        morning = Schedule(chat_id=chat.id or 0, at_local="07:30", next_due_at=NOW)
        tx.add(morning)
        await tx.flush()
        wish = {"kind": "topic", "value": "energie", "label": "Energie", "created_at": NOW}
        tx.add(Subscription(chat_id=chat.id or 0, schedule_id=morning.id, **wish))
        times = {"due_at": NOW, "ready_at": NOW, "created_at": NOW}
        what: dict[str, Any] = {"kind": "broadcast", "slot": "", "body": {"text": "Grüße"}, "local_date": NOW.date()}
        row = Delivery(chat_id=chat.id or 0, **what, **times)
        await deliveries.plan(tx, [row])


async def test_what_went_to_postgres_and_back_is_what_it_was(
    demo_db: Database, tmp_path: Path, postgres: PostgresServer
) -> None:
    await use(demo_db)
    before = await everything(demo_db)
    url = postgres.make_database()
    async with await Database.open(url) as there:
        async with there.beside() as tx:
            await leases.take(tx, "telegram", "somebody", timedelta(minutes=1))
        told: list[int] = []
        copied = await copy(demo_db, there, lambda _, count: told.append(count))
        assert {each.table: each.rows for each in copied} == await copying.sizes(demo_db)
        assert sum(told) == 2 * sum(each.rows for each in copied) > 200
        assert await everything(there) == before
        async with demo_db.read() as one, there.read() as other:
            found = [await search.find(tx, WORDS, now=NOW, limit=9) for tx in (one, other)]
        assert {hit.clip_id for hit in found[0]} == {hit.clip_id for hit in found[1]} != set()
        async with await Database.open(f"sqlite:///{tmp_path / 'back.db'}") as back:
            await copy(there, back, lambda *_: None)
            assert await everything(back) == before
    postgres.drop_database(url)


async def test_new_rows_are_numbered_behind_those_that_came(demo_db: Database, postgres: PostgresServer) -> None:
    await use(demo_db)
    url = postgres.make_database()
    async with await Database.open(url) as there:
        await copy(demo_db, there, lambda *_: None)
        async with there.write() as tx:
            clip_id = await make.clip(tx, await make.source(tx, "neu"))
            chat = await make.chat(tx, "2")
        sizes = await copying.sizes(demo_db)
    assert clip_id > sizes["clips"]
    assert (chat.id or 0) > sizes["chats"]
    postgres.drop_database(url)


async def test_the_number_of_a_delivery_that_is_gone_is_not_given_again(
    db: Database, tmp_path: Path, postgres: PostgresServer
) -> None:
    for _ in range(3):
        await use(db)
        async with db.write() as tx:
            await tx.exec(delete(Delivery))
            await tx.exec(delete(Chat))
    url = postgres.make_database()
    numbers = []
    async with await Database.open(url) as there, await Database.open(f"sqlite:///{tmp_path / 'back.db'}") as back:
        await copy(db, there, lambda *_: None)
        await copy(there, back, lambda *_: None)
        for database in (there, back):
            await use(database)
            async with database.read() as tx:
                numbers.append((await tx.exec(select(Delivery.id))).one())
    assert numbers == [4, 4]
    postgres.drop_database(url)


async def test_a_row_that_did_not_arrive_as_it_was_undoes_the_copy(demo_db: Database, tmp_path: Path) -> None:
    async with await Database.open(f"sqlite:///{tmp_path / 'new.db'}") as new:
        before = await everything(new)
        async with new.write() as tx:
            falsify = "UPDATE clips SET author = 'niemand' WHERE id = 7"
            await (await tx.connection()).exec_driver_sql(
                f"CREATE TRIGGER falsify AFTER INSERT ON clips BEGIN {falsify}; END"
            )
        with pytest.raises(DatabaseUnusable, match="table clips did not arrive whole"):
            await copy(demo_db, new, lambda *_: None)
        assert await everything(new) == before


async def test_sources_that_somebody_added_are_not_overwritten(demo_db: Database, tmp_path: Path) -> None:
    async with await Database.open(f"sqlite:///{tmp_path / 'new.db'}") as new:
        async with new.write() as tx:
            await make.source(tx, "eigene")
        with pytest.raises(DatabaseUnusable, match="it has sources already"):
            await copy(demo_db, new, lambda *_: None)


async def test_a_file_that_is_not_there_is_not_copied_from(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "missing.db"
    with pytest.raises(DatabaseUnusable, match="There is no database"):
        await Database.open(f"sqlite:///{path}", is_there=True)
    assert not path.parent.exists()


async def test_a_database_in_use_is_left_as_it_is(demo_db: Database, tmp_path: Path) -> None:
    async with await Database.open(f"sqlite:///{tmp_path / 'used.db'}") as used:
        await use(used)
        before = await everything(used)
        with pytest.raises(DatabaseUnusable, match="is in use: it has chats already"):
            await copy(demo_db, used, lambda *_: None)
        assert await everything(used) == before


async def test_a_copy_that_breaks_off_leaves_the_target_empty(demo_db: Database, tmp_path: Path) -> None:
    async with await Database.open(f"sqlite:///{tmp_path / 'new.db'}") as new:
        before = await everything(new)

        def break_off(table: str, count: int) -> None:
            if table == "clips":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await copy(demo_db, new, break_off)
        assert await everything(new) == before

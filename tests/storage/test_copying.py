"""A bot moves from SQLite to PostgreSQL and back with all that it has, or with nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from storage import copying, deliveries, leases, search
from storage.copying import copy
from storage.database import Database
from storage.errors import DatabaseUnusable
from storage.search import SearchQuery
from storage.tables import Delivery, metadata
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
    """A chat that is owed something."""
    async with database.write() as tx:
        chat = await make.chat(tx, "1", options={"length": "long"})
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
        assert sum(told) == sum(each.rows for each in copied) > 100
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

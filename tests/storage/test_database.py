"""Opening, migrating and refusing; what a transaction keeps and what it does not."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, delete, insert

from storage import chats, deliveries, facts, migrate
from storage.database import Database
from storage.errors import DatabaseFull, DatabaseNewer, DatabaseReadOnly, DatabaseUnusable
from storage.migrations import HEAD
from storage.tables import Chat, Delivery, metadata

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def address(path: Path) -> str:
    return f"sqlite:///{path}"


def new_chat(native_id: str = "1") -> Chat:
    return Chat(native_id=native_id, language="de", timezone="Europe/Berlin", created_at=NOW, seen_at=NOW)


def owed() -> Delivery:
    at = {"due_at": NOW, "ready_at": NOW, "created_at": NOW}
    return Delivery(chat_id=1, slot="08:30", local_date=NOW.date(), **at)


async def test_absent_folder_is_made_and_the_schema_is_the_newest(tmp_path: Path) -> None:
    async with await Database.open(address(tmp_path / "deep" / "er" / "k.db")):
        pass
    with sqlite3.connect(tmp_path / "deep" / "er" / "k.db") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


async def test_migrations_lead_to_exactly_the_tables(tmp_path: Path) -> None:
    def difference(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_ours})
        return compare_metadata(context, metadata)

    async with await Database.open(address(tmp_path / "k.db")) as db, db.write() as tx:
        assert await (await tx.connection()).run_sync(difference) == []


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    # The shadow tables of the full-text index belong to SQLite.
    return not (kind == "table" and (name or "").startswith(("clip_fts", "term_parts")))


async def test_database_of_a_newer_version_is_refused_and_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "k.db"
    async with await Database.open(address(path)):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseNewer, match="newer version of Kurzclips"):
        await Database.open(address(path))
    assert path.read_bytes() == before


async def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


async def test_deliveries_of_an_older_version_are_kept_and_their_numbers_never_given_again(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    engine = create_engine(address(tmp_path / "k.db"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.execute(insert(Chat), [new_chat().model_dump()])
        connection.execute(insert(Delivery), [owed().model_dump() | {"id": 41, "parts": ["7"]}])
    engine.dispose()
    async with await Database.open(address(tmp_path / "k.db")) as db, db.write() as tx:
        (kept,) = await deliveries.of_chat(tx, 1, 9)
        assert (kept.id, kept.parts, kept.due_at) == (41, ["7"], NOW)
        await tx.exec(delete(Delivery))
        await deliveries.plan(tx, [owed()])
        (new,) = await deliveries.of_chat(tx, 1, 9)
        assert new.id == 42


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "not of the form"),
        ("mysql://a/b", "not supported"),
        ("sqlite://", "names no file"),
        ("sqlite:////proc/nowhere/k.db", "cannot be made"),
    ],
)
async def test_address_that_leads_nowhere_is_one_sentence(url: str, words: str) -> None:
    with pytest.raises(DatabaseUnusable, match=words) as caught:
        await Database.open(url)
    assert "\n" not in str(caught.value)


async def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "k.db"
    path.write_bytes(b"this is a letter to my grandmother, not a database" * 20)
    with pytest.raises(DatabaseUnusable, match="cannot be opened as a database"):
        await Database.open(address(path))


async def test_failed_transaction_keeps_nothing(tmp_path: Path) -> None:
    async with await Database.open(address(tmp_path / "k.db")) as db:
        with pytest.raises(RuntimeError):
            async with db.write() as tx:
                await facts.put(tx, "a", "1")
                raise RuntimeError
        async with db.read() as tx:
            assert await facts.get(tx, "a") == ""


async def test_reading_transaction_may_not_write(tmp_path: Path) -> None:
    async with await Database.open(address(tmp_path / "k.db")) as db:
        with pytest.raises(DatabaseReadOnly):
            async with db.read() as tx:
                await facts.put(tx, "a", "1")


async def test_full_disk_is_named_and_nothing_of_the_change_is_kept(tmp_path: Path) -> None:
    async with await Database.open(address(tmp_path / "k.db")) as db:
        with pytest.raises(DatabaseFull, match="is full"):
            async with db.write() as tx:
                connection = await tx.connection()
                pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
                await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
                await facts.put(tx, "a", "x" * 1_000_000)
        async with db.read() as tx:
            assert await facts.get(tx, "a") == ""


async def test_read_only_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "k.db"
    async with await Database.open(address(path)):
        pass
    with pytest.raises((DatabaseReadOnly, DatabaseUnusable)):
        async with await Database.open(f"sqlite:///file:{path}?mode=ro&uri=true") as db, db.write() as tx:
            await facts.put(tx, "a", "1")


async def test_naive_time_is_refused_and_aware_time_comes_back_as_utc(tmp_path: Path) -> None:
    async with await Database.open(address(tmp_path / "k.db")) as db:
        async with db.write() as tx:
            await chats.add(tx, new_chat())
        async with db.read() as tx:
            found = await chats.find(tx, "terminal", "1")
        assert found is not None
        assert found.created_at == NOW
        assert found.created_at.utcoffset() is not None
        naive = new_chat("2").model_copy(update={"seen_at": NOW.replace(tzinfo=None)})
        with pytest.raises(Exception, match="needs its zone"):
            async with db.write() as tx:
                await chats.add(tx, naive)


async def test_same_chat_added_twice_is_one_row(tmp_path: Path) -> None:
    async with await Database.open(address(tmp_path / "k.db")) as db:
        async with db.write() as tx:
            first = await chats.add(tx, new_chat())
        async with db.write() as tx:
            second = await chats.add(tx, new_chat())
            assert first.id == second.id
            assert await chats.count(tx) == {"active": 1}


async def test_backup_is_whole_and_opens(tmp_path: Path) -> None:
    async with await Database.open(address(tmp_path / "k.db")) as db:
        async with db.write() as tx:
            await facts.put(tx, "a", "1")
        await db.backup(tmp_path / "copy.db")
    async with await Database.open(address(tmp_path / "copy.db")) as copy, copy.read() as tx:
        assert await facts.get(tx, "a") == "1"

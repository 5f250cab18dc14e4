"""PostgreSQL as operators meet it: one sentence for what is wrong, writers in turn, the same hits as on SQLite."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from handlers.news.query import read
from handlers.ports import Desk
from handlers.searching import Search
from storage import facts
from storage.database import Database
from storage.errors import DatabaseBusy, DatabaseReadOnly, DatabaseUnusable
from tests.fakes.postgres import PostgresServer, free_port
from tests.make import NOW

only_postgres = pytest.mark.databases("postgres")


async def test_a_server_that_is_not_there_is_one_sentence_without_the_password() -> None:
    url = f"postgresql://bot:geheim@127.0.0.1:{free_port()}/news"
    with pytest.raises(DatabaseBusy) as caught:
        await Database.open(url)
    assert "cannot be reached" in str(caught.value)
    assert "geheim" not in str(caught.value)


async def test_a_database_that_does_not_exist_is_said_to_be_missing(postgres: PostgresServer) -> None:
    with pytest.raises(DatabaseUnusable, match="There is no database"):
        await Database.open(postgres.url("nirgends"))


async def test_several_hosts_lead_to_the_one_that_can_be_written(empty_template: str, postgres: PostgresServer) -> None:
    url = postgres.make_database(empty_template)
    name = url.rsplit("/", 1)[1]
    try:
        several = f"postgresql://bot@127.0.0.1:{free_port()},127.0.0.1:{postgres.port}/{name}"
        async with await Database.open(several) as db, db.write() as tx:
            await facts.put(tx, "one", "1")
    finally:
        postgres.drop_database(url)


@only_postgres
async def test_writers_of_two_processes_take_turns(db: Database, empty_url: str) -> None:
    async def count(own: Database) -> None:
        for _ in range(20):
            async with own.write() as tx:
                seen = int(await facts.get(tx, "count") or 0)
                await asyncio.sleep(0)
                await facts.put(tx, "count", str(seen + 1))

    async with await Database.open(empty_url) as other:
        await asyncio.gather(count(db), count(other))
    async with db.read() as tx:
        assert await facts.get(tx, "count") == "40"


@only_postgres
async def test_readers_see_one_state_and_write_nothing(db: Database) -> None:
    async with db.read() as before:
        assert await facts.get(before, "one") == ""
        async with db.write() as tx:
            await facts.put(tx, "one", "1")
        assert await facts.get(before, "one") == ""
    with pytest.raises(DatabaseReadOnly):
        async with db.read() as tx:
            await facts.put(tx, "one", "2")


@only_postgres
async def test_a_backup_is_left_to_the_tool_of_the_database(db: Database, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match="pg_dump"):
        await db.backup(tmp_path / "copy")


QUESTIONS = (
    "kernkraft", "Gundremmingen", "gericht", "haeuser", "Häuser", '"kleine Reaktoren"', "strom -Spanien", "nobelp",
    "netz ausbau", "topic:energie", "topic:energie reaktor", "since:1d energie", "lang:ru", "Kernkarft",
    "Atomkraft Belgien Ausstieg",
    "blackout", "реактор", "parisien", "kuenstliche intelligenz", "KI", "12", "12,5", "56.000", "gibtesnichtwort",
)  # fmt: skip


@only_postgres
async def test_search_finds_what_it_finds_on_sqlite(demo_db: Database, demo_file: Path, tmp_path: Path) -> None:
    shutil.copy(demo_file, tmp_path / "same.db")
    search = Search(Desk(), "de", NOW)
    async with await Database.open(f"sqlite:///{tmp_path / 'same.db'}") as other:
        for question in QUESTIONS:
            found = []
            for each in (demo_db, other):
                async with each.read() as tx:
                    hits = await search.find(tx, read(question, now=NOW), limit=200)
                    found.append(set(hits.clip_ids))
            assert found[0] == found[1], question


def test_the_shell_works_on_it(postgres: PostgresServer, empty_template: str, tmp_path: Path) -> None:
    url = postgres.make_database(empty_template)
    settings = {"KURZCLIPS_DATABASE_URL": url, "KURZCLIPS_EMBEDDINGS": "off", "PYTHONPATH": str(Path.cwd())}

    def run(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot", *words]
        env = {"PATH": os.environ["PATH"], "LANG": "de_DE.UTF-8", **settings}
        return subprocess.run(command, input=said, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60)  # noqa: S603

    try:
        assert "94 new" in run("seed").stdout
        talk = run("chat", said="/search kernkraft\n/subscribe energie 07:30\n/subscriptions\n/quit\n")
        assert talk.returncode == 0
        assert "Suche: kernkraft" in talk.stdout
        assert "Energie: kommt ab jetzt täglich um 07:30." in talk.stdout
        assert "postgresql://bot@127.0.0.1" in run("doctor").stdout
        assert re.search(r"^subscriptions +1 ", run("db", "info").stdout, re.MULTILINE)
    finally:
        postgres.drop_database(url)

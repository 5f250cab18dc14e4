"""All that is particular to SQLite: connections, the full-text index, what its errors mean."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage.errors import DatabaseBusy, DatabaseFull, DatabaseReadOnly, DatabaseUnusable, StorageError

BUSY_TIMEOUT_MS = 10_000
READERS = 4
CACHE_KIB = 8_192

# External content: the index keeps no second copy of the text, and triggers give it the old values that FTS5 needs to
# forget a row (https://sqlite.org/fts5.html, section 4.4.3). Stems are folded already, so no diacritics are removed.
SEARCH_DDL = (
    """CREATE VIRTUAL TABLE clip_fts USING fts5(title, body, content='clip_search', content_rowid='clip_id',
       tokenize='unicode61 remove_diacritics 0', prefix='2 3 4')""",
    """CREATE TRIGGER clip_search_added AFTER INSERT ON clip_search BEGIN
       INSERT INTO clip_fts(rowid, title, body) VALUES (new.clip_id, new.title, new.body); END""",
    """CREATE TRIGGER clip_search_removed AFTER DELETE ON clip_search BEGIN
       INSERT INTO clip_fts(clip_fts, rowid, title, body) VALUES ('delete', old.clip_id, old.title, old.body); END""",
    """CREATE VIRTUAL TABLE term_parts USING fts5(term, content='term_counts', content_rowid='id',
       tokenize='trigram')""",
    """CREATE TRIGGER term_counts_added AFTER INSERT ON term_counts BEGIN
       INSERT INTO term_parts(rowid, term) VALUES (new.id, new.term); END""",
    """CREATE TRIGGER term_counts_removed AFTER DELETE ON term_counts BEGIN
       INSERT INTO term_parts(term_parts, rowid, term) VALUES ('delete', old.id, old.term); END""",
)

# Title words weigh four times as much as words of the text.
MATCHES = """SELECT clip_fts.rowid AS clip_id, -bm25(clip_fts, 4.0, 1.0) AS score, clips.published_at AS published_at
FROM clip_fts JOIN clips ON clips.id = clip_fts.rowid WHERE clip_fts MATCH :expression"""
NEWEST_FIRST = "ORDER BY clip_fts.rowid DESC LIMIT :limit OFFSET :offset"
# Ranked before anything else is read of the clips, which lie all over a large file.
BEST_OF_ALL = """SELECT hits.clip_id, hits.score FROM (SELECT rowid AS clip_id, -bm25(clip_fts, 4.0, 1.0) AS score
FROM clip_fts WHERE clip_fts MATCH :expression ORDER BY score DESC, rowid DESC LIMIT :limit OFFSET :offset) AS hits
JOIN clips ON clips.id = hits.clip_id"""
BEST_FIRST = "ORDER BY bm25(clip_fts, 4.0, 1.0) LIMIT :limit"
FROM_CLIP = "AND clip_fts.rowid >= :first"
SINCE_CLIP = f"{FROM_CLIP} AND clips.published_at >= :since"
AGE_DAYS = "max(0.0, julianday(:now) - julianday(published_at))"
# Of the newest clips with the words themselves all that can be among the newest hits are among as many.
PREFERRED = """ * CASE WHEN clip_id IN (SELECT rowid FROM clip_fts WHERE clip_fts MATCH :own
ORDER BY rowid DESC LIMIT :ranked) THEN 2.5 ELSE 1.0 END"""
CONTAINING = """SELECT term_counts.term FROM term_parts JOIN term_counts ON term_counts.id = term_parts.rowid
WHERE term_parts MATCH :expression ORDER BY term_counts.documents DESC LIMIT :limit"""
RESEMBLING = """SELECT term_counts.term, term_counts.documents FROM term_parts
JOIN term_counts ON term_counts.id = term_parts.rowid WHERE term_parts MATCH :expression
ORDER BY term_parts.rank LIMIT :limit"""


def create_search_index(connection: Connection) -> None:
    """Build the full-text index over `clip_search`, kept up to date by triggers."""
    for statement in SEARCH_DDL:
        connection.execute(text(statement))


def writer(url: URL) -> AsyncEngine:
    """The engine with the one connection that writes; each transaction takes the write lock at its begin."""
    engine = _engine(url, connections=1)

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def readers(url: URL) -> AsyncEngine:
    """The engine whose connections only read, so that chat answers never wait for the writer."""
    engine = _engine(url, connections=READERS)

    @event.listens_for(engine.sync_engine, "connect")
    def forbid_writes(connection: Any, record: object) -> None:
        connection.cursor().execute("PRAGMA query_only = ON")

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _engine(url: URL, *, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url, poolclass=AsyncAdaptedQueuePool, pool_size=connections, max_overflow=0, connect_args={"timeout": 10}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, record: object) -> None:
        # The driver's own transaction control is switched off: it would begin too late for IMMEDIATE.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            "temp_store = MEMORY",
            # What /delete erases is overwritten, where that costs no extra writing.
            "secure_delete = FAST",
            f"cache_size = -{CACHE_KIB}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def explain(error: BaseException, address: str) -> StorageError | None:
    """Name what a driver's error means to an operator; None where it is a fault of the program."""
    error = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if not isinstance(error, sqlite3.Error):
        return None
    words = str(error).lower()
    if "readonly" in words or "read-only" in words:
        return DatabaseReadOnly(f"The database {address} cannot be written: it or its folder is read-only.")
    if "disk is full" in words:
        return DatabaseFull(f"The disk that holds {address} is full; nothing of the last change was kept.")
    if "locked" in words or "busy" in words:
        return DatabaseBusy(f"Another process has kept the database {address} locked for too long.")
    if "unable to open" in words or "not a database" in words or "malformed" in words:
        return DatabaseUnusable(f"The file {address} cannot be opened as a database: {error}.")
    if "disk i/o error" in words:
        return DatabaseUnusable(f"The disk that holds {address} reports errors: {error}.")
    return None


def copy(address: str, target: Path) -> None:
    """Copy a database with SQLite's own backup, which is whole also while others write.

    Raises:
        DatabaseUnusable: the copy could not be written; what was written of it is removed.
    """
    try:
        with closing(sqlite3.connect(address)) as source, closing(sqlite3.connect(target)) as taken:
            source.backup(taken)
    except (OSError, sqlite3.Error) as error:
        target.unlink(missing_ok=True)
        msg = f"The backup could not be written to {target}: {error}."
        raise DatabaseUnusable(msg) from error

"""Brings a database to the newest schema; refuses one that a newer version wrote."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from storage.errors import DatabaseNewer
from storage.migrations import HEAD

FOLDER = Path(__file__).parent / "migrations"


def current(connection: Connection) -> str:
    """The revision that the database is at, "" for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def upgrade(connection: Connection, address: str) -> None:
    """Apply what is missing, in the caller's transaction: all of it or nothing.

    Raises:
        DatabaseNewer: the database is at a revision that this program does not know.
    """
    at = current(connection)
    if at == HEAD:
        return
    # Alembic costs a tenth of a second to import, which a start with nothing to migrate need not pay.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    if at and at not in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}:
        msg = (
            f"The database {address} was written by a newer version of Kurzclips (schema {at}, this version knows"
            f" {HEAD}). Update the program, or restore a backup."
        )
        raise DatabaseNewer(msg)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

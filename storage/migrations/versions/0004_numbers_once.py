"""The number of a delivery is never given again, so that who still holds one that is gone cannot mean another."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; of the databases only SQLite gives numbers again."""
    if op.get_bind().dialect.name != "sqlite":
        return
    with op.batch_alter_table("deliveries", recreate="always", table_kwargs={"sqlite_autoincrement": True}):
        pass

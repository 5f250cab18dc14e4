"""PostgreSQL looks whole stems up by their own index, not by that of their parts, which takes a thousand times longer."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_term_counts_parts")
        op.execute("CREATE INDEX ix_term_counts_parts ON term_counts USING gin ((term || '') gin_trgm_ops)")

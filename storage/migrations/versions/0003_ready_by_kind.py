"""What is ready to be sent is found kind by kind."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_deliveries_claim", "deliveries")
    op.create_index("ix_deliveries_ready", "deliveries", ["state", "kind", "ready_at"], unique=False)

"""An index for the search for what sources changed lately."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index(op.f("ix_clip_revisions_replaced_at"), "clip_revisions", ["replaced_at"], unique=False)

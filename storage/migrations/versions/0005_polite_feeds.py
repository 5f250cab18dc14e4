"""What a feed says of its own rhythm is remembered, and clips that were forgotten leave their names."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("feeds", sa.Column("stated_pause_s", sa.Integer(), server_default="0", nullable=False))
    op.add_column("feeds", sa.Column("skip_hours", sa.String(), server_default="", nullable=False))
    op.create_table(
        "tombstones",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tombstones")),
    )
    op.create_index(op.f("ix_tombstones_seen_at"), "tombstones", ["seen_at"], unique=False)

"""Turns: how many runs of a student were open when one more was added, for the queue's order."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let those that wait already keep their order, as first turns."""
    op.add_column("run", sa.Column("turn", sa.Integer, nullable=False, server_default="0"))
    op.drop_index("ix_run_queue", "run")
    op.create_index("ix_run_queue", "run", ["status", "priority", "turn", "id"])


def downgrade() -> None:
    """Go back to first come, first served."""
    op.drop_index("ix_run_queue", "run")
    op.create_index("ix_run_queue", "run", ["status", "priority", "id"])
    op.drop_column("run", "turn")

"""Indexes that hold all that a gradebook asks of every submission and its run."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SUBMISSION = ("assignment_id", "person_id", "attempt", "current_run_id", "created_at", "late")
_RUN = ("id", "status", "points", "suite_version")


def upgrade() -> None:
    """Make them."""
    op.create_index("ix_submission_standing", "submission", list(_SUBMISSION))
    op.create_index("ix_run_standing", "run", list(_RUN))


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_run_standing", "run")
    op.drop_index("ix_submission_standing", "submission")

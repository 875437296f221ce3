"""An index that holds all that a gradebook asks of every submission."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COLUMNS = ("assignment_id", "person_id", "attempt", "current_run_id", "created_at", "late")


def upgrade() -> None:
    """Make it."""
    op.create_index("ix_submission_standing", "submission", list(_COLUMNS))


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_submission_standing", "submission")

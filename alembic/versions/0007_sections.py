"""Sections: which part of a course a member is in, where a course has such."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let all members be in no section."""
    op.add_column(
        "roster", sa.Column("section", sa.String(100), nullable=False, server_default=sa.text("''"))
    )


def downgrade() -> None:
    """Forget who is in which section."""
    op.drop_column("roster", "section")

"""Releases: snapshots of assignments, with their files."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "release",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("assignment_id", sa.Integer, nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("runtime", sa.JSON, nullable=False),
        sa.Column("released_by", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_release"),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name="fk_release_assignment_id_assignment"
        ),
    )
    op.create_index("ix_release_assignment_id_version", "release", ["assignment_id", "version"])
    op.create_table(
        "release_file",
        sa.Column("release_id", sa.Integer, nullable=False),
        sa.Column("path", sa.String(300), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("release_id", "path", name="pk_release_file"),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name="fk_release_file_release_id_release"
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["content.sha256"], name="fk_release_file_sha256_content"
        ),
    )
    op.create_index("ix_release_file_sha256", "release_file", ["sha256"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("release_file")
    op.drop_table("release")

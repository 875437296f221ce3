"""Links that sign in once, and the sessions of browsers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sign_in_link",
        *_whose("sign_in_link"),
        sa.Column("label", sa.String(100), nullable=False),
        _moment("created_at", nullable=False),
        _moment("expires_at", nullable=False),
        _moment("used_at"),
    )
    op.create_index("ix_sign_in_link_person_id", "sign_in_link", ["person_id"])
    op.create_table(
        "session",
        *_whose("session"),
        sa.Column("token_id", sa.Integer),
        _moment("created_at", nullable=False),
        _moment("last_used_at", nullable=False),
        _moment("expires_at", nullable=False),
        _moment("revoked_at"),
        _refers("session", "token_id", "token"),
    )
    op.create_index("ix_session_person_id", "session", ["person_id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("session")
    op.drop_table("sign_in_link")


def _whose(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("course_id", sa.Integer),
        sa.Column("role", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("sha256", name=f"uq_{table}_sha256"),
        _refers(table, "person_id", "person"),
        _refers(table, "course_id", "course"),
    ]


def _moment(name: str, *, nullable: bool = True) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")

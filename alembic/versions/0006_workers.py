"""Workers, and on PostgreSQL Procrastinate's tables, types and functions; SQLite needs no jobs.

A later version of the library that brings migrations of its own needs a migration here that
applies them where this one ran before; a test compares.
"""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_DROP = """
DO $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate\\_%'
    LOOP
        EXECUTE 'DROP FUNCTION ' || each.name || ' CASCADE';
    END LOOP;
END
$$
"""


def upgrade() -> None:
    """Make the table, and what the installed version of the library says."""
    op.create_table(
        "worker",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("host", sa.String(100), nullable=False),
        sa.Column("slots", sa.Integer, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("missing", sa.JSON, nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_worker"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _run(SchemaManager.get_schema())


def downgrade() -> None:
    """Drop all of it."""
    op.drop_table("worker")
    if op.get_bind().dialect.name != "postgresql":
        return
    _run(_DROP)
    for table in ("periodic_defers", "events", "jobs", "workers"):
        op.drop_table(f"procrastinate_{table}")
    for kind in ("job_to_defer_v1", "job_event_type", "job_status"):
        _run(f"DROP TYPE procrastinate_{kind}")


def _run(statements: str) -> None:
    # Without parameters the driver takes several statements, and a percent sign as it stands.
    op.get_bind().connection.cursor().execute(statements)

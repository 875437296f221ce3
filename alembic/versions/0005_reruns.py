"""Reruns, the runs that they propose, and the record of who changed what."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "rerun",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("assignment_id", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("student", sa.String(100)),
        sa.Column("submissions", sa.JSON, nullable=False),
        sa.Column("cases", sa.JSON, nullable=False),
        sa.Column("suite_version", sa.String(64), nullable=False),
        sa.Column("started_by", sa.String(100), nullable=False),
        sa.Column("idempotency_key", sa.String(200)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("applied_only", sa.String(20)),
        sa.PrimaryKeyConstraint("id", name="pk_rerun"),
        sa.UniqueConstraint(
            "assignment_id",
            "started_by",
            "idempotency_key",
            name="uq_rerun_assignment_id_started_by_idempotency_key",
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name="fk_rerun_assignment_id_assignment"
        ),
    )
    op.create_index("ix_rerun_state", "rerun", ["state"])
    op.create_table(
        "rerun_run",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("rerun_id", sa.Integer, nullable=False),
        sa.Column("replaces_id", sa.Integer, nullable=False),
        sa.Column("replaced_version", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.PrimaryKeyConstraint("run_id", name="pk_rerun_run"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_rerun_run_run_id_run"),
        sa.ForeignKeyConstraint(["rerun_id"], ["rerun.id"], name="fk_rerun_run_rerun_id_rerun"),
        sa.ForeignKeyConstraint(["replaces_id"], ["run.id"], name="fk_rerun_run_replaces_id_run"),
    )
    op.create_index("ix_rerun_run_rerun_id", "rerun_run", ["rerun_id", "replaces_id"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("course_id", sa.Integer, nullable=False),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_audit_course_id_course"),
    )
    op.create_index("ix_audit_course_id", "audit", ["course_id", "id"])


def downgrade() -> None:
    """Drop the tables; a run of a rerun that waits still would be graded, and speak for nobody."""
    for table in ("audit", "rerun_run", "rerun"):
        op.drop_table(table)

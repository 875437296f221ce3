"""The first tables: courses, people, submissions, runs and their results."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _courses_and_people()
    _submissions()
    _runs()


def downgrade() -> None:
    """Drop the tables, the last made first."""
    with op.batch_alter_table("submission") as batch:
        batch.drop_constraint("fk_submission_current_run_id_run", type_="foreignkey")
    for table in (
        *("case_result", "run", "submission_file", "submission", "content"),
        *("token", "roster", "person", "assignment", "course"),
    ):
        op.drop_table(table)


def _courses_and_people() -> None:
    op.create_table(
        "course",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_course"),
        sa.UniqueConstraint("name", name="uq_course_name"),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("course_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assignment"),
        sa.UniqueConstraint("course_id", "name", name="uq_assignment_course_id_name"),
        _refers("assignment", "course_id", "course"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("name", name="uq_person_name"),
    )
    op.create_table(
        "roster",
        sa.Column("course_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("course_id", "person_id", name="pk_roster"),
        _refers("roster", "course_id", "course"),
        _refers("roster", "person_id", "person"),
    )
    op.create_index("ix_roster_person_id", "roster", ["person_id"])
    op.create_table(
        "token",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("course_id", sa.Integer),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        _moment("created_at", nullable=False),
        _moment("revoked_at"),
        sa.PrimaryKeyConstraint("id", name="pk_token"),
        sa.UniqueConstraint("sha256", name="uq_token_sha256"),
        _refers("token", "person_id", "person"),
        _refers("token", "course_id", "course"),
    )
    op.create_index("ix_token_person_id", "token", ["person_id"])


def _submissions() -> None:
    op.create_table(
        "content",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_content"),
    )
    student = ("assignment_id", "person_id")
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("assignment_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        _moment("created_at", nullable=False),
        sa.Column("warnings", sa.JSON, nullable=False),
        sa.Column("idempotency_key", sa.String(200)),
        sa.Column("current_run_id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sa.UniqueConstraint(
            *student, "attempt", name="uq_submission_assignment_id_person_id_attempt"
        ),
        sa.UniqueConstraint(
            *student,
            "idempotency_key",
            name="uq_submission_assignment_id_person_id_idempotency_key",
        ),
        _refers("submission", "assignment_id", "assignment"),
        _refers("submission", "person_id", "person"),
    )
    op.create_index("ix_submission_person_id", "submission", ["person_id"])
    op.create_table(
        "submission_file",
        sa.Column("submission_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("submission_id", "name", name="pk_submission_file"),
        _refers("submission_file", "submission_id", "submission"),
        _refers("submission_file", "sha256", "content", column="sha256"),
    )
    op.create_index("ix_submission_file_sha256", "submission_file", ["sha256"])


def _runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("submission_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("trigger", sa.String(20), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("suite_version", sa.String(64), nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("asked_cases", sa.JSON, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(100)),
        _moment("lease_until"),
        _moment("queued_at", nullable=False),
        _moment("not_before"),
        _moment("started_at"),
        _moment("finished_at"),
        sa.Column("seconds", sa.Float),
        sa.Column("points", sa.Float),
        sa.Column("max_points", sa.Float),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("submission_id", "number", name="uq_run_submission_id_number"),
        _refers("run", "submission_id", "submission"),
    )
    op.create_index("ix_run_queue", "run", ["status", "priority", "id"])
    op.create_table(
        "case_result",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("suite_version", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("file", sa.String(100), nullable=False),
        sa.Column("points", sa.Float, nullable=False),
        sa.Column("max_points", sa.Float, nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("visibility", sa.String(20), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("output", sa.Text, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("series", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_case_result"),
        _refers("case_result", "run_id", "run"),
    )
    # Each refers to the other: a submission to the run that speaks for it.
    with op.batch_alter_table("submission") as batch:
        batch.create_foreign_key(
            "fk_submission_current_run_id_run", "run", ["current_run_id"], ["id"]
        )


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _refers(table: str, key: str, other: str, *, column: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([key], [f"{other}.{column}"], name=f"fk_{table}_{key}_{other}")

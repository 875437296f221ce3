"""The tables. Their rows never leave this package: what goes out are the domain's values."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no zone, so it is put back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        return value if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as UTC."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Table(DeclarativeBase):
    """What all tables share: names of constraints by rule, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own, read once per class
        datetime: Moment(),
        float: Float(),
        dict[str, str]: JSON(),
        list[str]: JSON(),
        list[int]: JSON(),
        dict[str, Any]: JSON(),
        list[dict[str, Any]]: JSON(),
    }


class CourseRow(Table):
    """A course."""

    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(200))


class AssignmentRow(Table):
    """An assignment of a course; all else about it is in its releases."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("course_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    name: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(200))


class PersonRow(Table):
    """Somebody who submits or grades, in any number of courses."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)  # what they sign in as


class RosterRow(Table):
    """A person's part in a course."""

    __tablename__ = "roster"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(20))
    section: Mapped[str] = mapped_column(String(100), server_default=text("''"))


class TokenRow(Table):
    """A bearer token, kept as its hash only. Without a course it is good for all."""

    __tablename__ = "token"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    role: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInLinkRow(Table):
    """A link that signs somebody in once, kept as its secret's hash only."""

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    role: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SessionRow(Table):
    """A browser that is signed in, kept as its cookie's hash only.

    One that was made from a token lasts no longer than the token.
    """

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    role: Mapped[str] = mapped_column(String(20))
    token_id: Mapped[int | None] = mapped_column(ForeignKey("token.id"))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ContentRow(Table):
    """The bytes of a file, once however often it is handed in."""

    __tablename__ = "content"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ReleaseRow(Table):
    """A snapshot of an assignment, named by its hash. The last one of an assignment grades."""

    __tablename__ = "release"
    __table_args__ = (Index("ix_release_assignment_id_version", "assignment_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    version: Mapped[str] = mapped_column(String(64))
    runtime: Mapped[dict[str, str]]  # versions of Python and of libraries, part of the hash
    released_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]


class ReleaseFileRow(Table):
    """One file of a release."""

    __tablename__ = "release_file"

    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(300), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("content.sha256"), index=True)


class SubmissionRow(Table):
    """A student's files at one attempt. `current_run_id` is the run that speaks for it."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("assignment_id", "person_id", "attempt"),
        UniqueConstraint("assignment_id", "person_id", "idempotency_key"),
        # All that the gradebook asks of every submission: without it, it takes half as long again.
        Index(
            "ix_submission_standing",
            "assignment_id",
            "person_id",
            "attempt",
            "current_run_id",
            "created_at",
            "late",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    attempt: Mapped[int]
    late: Mapped[bool]
    created_at: Mapped[datetime]
    warnings: Mapped[list[str]]
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    current_run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", use_alter=True))


class SubmissionFileRow(Table):
    """One file of a submission."""

    __tablename__ = "submission_file"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("content.sha256"), index=True)


class RunRow(Table):
    """One grading of a submission.

    `tries` counts claims and fences what is written: only the try that holds the run may write.
    `failures` counts the tries that failed by our own fault and end a run; a lost worker's do not.
    """

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("submission_id", "number"),
        Index("ix_run_queue", "status", "priority", "turn", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    number: Mapped[int]
    trigger: Mapped[str] = mapped_column(String(20))
    priority: Mapped[int]  # the lower goes first, and of equal ones the lower turn
    turn: Mapped[int] = mapped_column(server_default="0")  # open runs of that student before it
    suite_version: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int] = mapped_column(BigInteger)
    asked_cases: Mapped[list[str]]  # none: all
    status: Mapped[str] = mapped_column(String(20))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    owner: Mapped[str | None] = mapped_column(String(100))
    lease_until: Mapped[datetime | None]
    queued_at: Mapped[datetime]
    not_before: Mapped[datetime | None]  # after a try that failed
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    seconds: Mapped[float | None]
    points: Mapped[float | None]
    max_points: Mapped[float | None]
    notes: Mapped[list[str]]
    error: Mapped[str] = mapped_column(Text, default="")


class CaseResultRow(Table):
    """What one case of a run came to, with the suite version that said so."""

    __tablename__ = "case_result"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    suite_version: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    file: Mapped[str] = mapped_column(String(100))
    points: Mapped[float]
    max_points: Mapped[float]
    verdict: Mapped[str] = mapped_column(String(20))
    visibility: Mapped[str] = mapped_column(String(20))
    message: Mapped[str] = mapped_column(Text)
    hint: Mapped[str] = mapped_column(Text)
    seconds: Mapped[float]
    output: Mapped[str] = mapped_column(Text)
    notes: Mapped[list[str]]
    series: Mapped[list[dict[str, Any]]]


class RerunRow(Table):
    """A rerun: what was to be graded again by which suite version, and how far it is."""

    __tablename__ = "rerun"
    __table_args__ = (UniqueConstraint("assignment_id", "started_by", "idempotency_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    state: Mapped[str] = mapped_column(String(20), index=True)
    mode: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(20))
    student: Mapped[str | None] = mapped_column(String(100))
    submissions: Mapped[list[int]]  # the chosen ones, if some were
    cases: Mapped[list[str]]  # none: all
    suite_version: Mapped[str] = mapped_column(String(64))
    started_by: Mapped[str] = mapped_column(String(100))
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    applied_only: Mapped[str | None] = mapped_column(String(20))


class RerunRunRow(Table):
    """A run that a rerun proposes, and the run whose place it would take."""

    __tablename__ = "rerun_run"
    __table_args__ = (Index("ix_rerun_run_rerun_id", "rerun_id", "replaces_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    rerun_id: Mapped[int] = mapped_column(ForeignKey("rerun.id"))
    replaces_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    replaced_version: Mapped[str] = mapped_column(String(64))  # as it was when the rerun began
    outcome: Mapped[str | None] = mapped_column(String(20))


class AuditRow(Table):
    """Who changed what of others', and when."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_course_id", "course_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(100))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    action: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]]


class WorkerRow(Table):
    """A process with slots, as it last said of itself; one that ends in order is forgotten."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    host: Mapped[str] = mapped_column(String(100))
    slots: Mapped[int]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    missing: Mapped[list[str]]  # layers of its sandbox
    trouble: Mapped[str] = mapped_column(Text)

"""Submissions: stored in one transaction, read in a fixed number of queries however many."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from grader.domain.runs import RunStatus
from grader.domain.submissions import Run, Submission, SubmittedFile
from grader.domain.verdicts import Visibility
from grader.storage import runs
from grader.storage.changes import insert_into
from grader.storage.contents import keep
from grader.storage.tables import (
    AssignmentRow,
    CaseResultRow,
    ContentRow,
    CourseRow,
    PersonRow,
    RunRow,
    SubmissionFileRow,
    SubmissionRow,
)

# Built once: to build a statement takes longer than to execute it, and each upload asks them all.
_NEW = insert_into(SubmissionRow).returning(SubmissionRow.id)
_NEW_FILES = insert_into(SubmissionFileRow)
_STUDENT = select(PersonRow.id).where(PersonRow.id == bindparam("person")).with_for_update()
_THEIRS = (
    SubmissionRow.assignment_id == bindparam("assignment"),
    SubmissionRow.person_id == bindparam("person"),
)
_LAST_ATTEMPT = select(func.max(SubmissionRow.attempt)).where(*_THEIRS)
_MADE_AT = (
    select(SubmissionRow.created_at)
    .where(*_THEIRS)
    .order_by(SubmissionRow.attempt.desc())
    .offset(bindparam("others"))
    .limit(1)
)
_OF_KEY = select(SubmissionRow.id).where(
    *_THEIRS, SubmissionRow.idempotency_key == bindparam("key")
)
_WITH_IDS = (
    select(
        SubmissionRow.id,
        CourseRow.name.label("course"),
        AssignmentRow.name.label("assignment"),
        PersonRow.name.label("student"),
        SubmissionRow.attempt,
        SubmissionRow.late,
        SubmissionRow.created_at,
        SubmissionRow.warnings,
        SubmissionRow.current_run_id,
    )
    .join(PersonRow, PersonRow.id == SubmissionRow.person_id)
    .join(AssignmentRow, AssignmentRow.id == SubmissionRow.assignment_id)
    .join(CourseRow, CourseRow.id == AssignmentRow.course_id)
    .where(SubmissionRow.id.in_(bindparam("ids", expanding=True)))
    .order_by(SubmissionRow.id.desc())
)
_FILES = (
    select(
        SubmissionFileRow.submission_id,
        SubmissionFileRow.name,
        ContentRow.size,
        ContentRow.sha256,
    )
    .join(ContentRow, ContentRow.sha256 == SubmissionFileRow.sha256)
    .where(SubmissionFileRow.submission_id.in_(bindparam("ids", expanding=True)))
    .order_by(SubmissionFileRow.name)
)
_SCORES = (
    select(PersonRow.name, SubmissionRow.attempt, func.sum(CaseResultRow.points))
    .join(SubmissionRow, SubmissionRow.person_id == PersonRow.id)
    .join(RunRow, RunRow.id == SubmissionRow.current_run_id)
    .join(CaseResultRow, CaseResultRow.run_id == RunRow.id)
    .where(
        SubmissionRow.assignment_id == bindparam("assignment"),
        PersonRow.name.in_(bindparam("people", expanding=True)),
        CaseResultRow.visibility.in_(bindparam("shown", expanding=True)),
    )
    .group_by(PersonRow.name, SubmissionRow.attempt)
)


@dataclass(frozen=True)
class NewSubmission:
    """What an upload left to store."""

    assignment_id: int
    person_id: int
    attempt: int
    late: bool
    created_at: datetime
    files: Mapping[str, bytes] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Page:
    """What to list: submissions of `student` or of all, older than `before`, of one status."""

    assignment_id: int
    student: str | None
    before: int | None
    limit: int
    status: RunStatus | None = None


def add(session: Session, new: NewSubmission) -> int:
    """Store a submission with its files, and return its id; its run is added by `runs.add`."""
    submission_id = session.scalars(
        _NEW,
        {
            "assignment_id": new.assignment_id,
            "person_id": new.person_id,
            "attempt": new.attempt,
            "late": new.late,
            "created_at": new.created_at,
            "warnings": list(new.warnings),
            "idempotency_key": new.idempotency_key,
        },
    ).one()
    files = [
        {"submission_id": submission_id, "name": name, "sha256": sha256}
        for name, sha256 in keep(session, new.files).items()
    ]
    if files:  # without them a statement would insert one row of nothing
        session.execute(_NEW_FILES, files)
    return submission_id


def lock_student(session: Session, person_id: int) -> None:
    """Let one upload of a student at a time count their attempts; on SQLite writers wait anyway."""
    session.scalar(_STUDENT, {"person": person_id})


def attempts_made(session: Session, assignment_id: int, person_id: int) -> int:
    """Return the number of a student's last attempt, 0 before the first."""
    theirs = {"assignment": assignment_id, "person": person_id}
    return session.scalar(_LAST_ATTEMPT, theirs) or 0


def any_of(session: Session, assignment_id: int) -> bool:
    """Return whether anybody has handed in."""
    found = select(SubmissionRow.id).where(SubmissionRow.assignment_id == assignment_id).limit(1)
    return session.scalar(found) is not None


def made_at(session: Session, assignment_id: int, person_id: int, back: int) -> datetime | None:
    """Return when a student made the submission that is `back` before the next, if there is one."""
    theirs = {"assignment": assignment_id, "person": person_id}
    return session.scalar(_MADE_AT, {**theirs, "others": back - 1})


def find_by_key(session: Session, assignment_id: int, person_id: int, key: str) -> int | None:
    """Return the id of the submission that was stored under an idempotency key."""
    theirs = {"assignment": assignment_id, "person": person_id}
    return session.scalar(_OF_KEY, {**theirs, "key": key})


def listed(session: Session, page: Page) -> list[int]:
    """Return the ids of a page of submissions, newest first."""
    wanted = select(SubmissionRow.id).where(SubmissionRow.assignment_id == page.assignment_id)
    if page.student is not None:
        person = select(PersonRow.id).where(PersonRow.name == page.student)
        wanted = wanted.where(SubmissionRow.person_id == person.scalar_subquery())
    if page.before is not None:
        wanted = wanted.where(SubmissionRow.id < page.before)
    if page.status is not None:
        current = RunRow.id == SubmissionRow.current_run_id
        wanted = wanted.join(RunRow, current).where(RunRow.status == page.status)
    return list(session.scalars(wanted.order_by(SubmissionRow.id.desc()).limit(page.limit)))


def read(session: Session, ids: Collection[int], *, in_full: bool = True) -> list[Submission]:
    """Return the submissions with these ids, newest first; unknown ids are left out.

    If not `in_full`, their cases come without outputs and series, as a list shows them.
    """
    rows = session.execute(_WITH_IDS, {"ids": ids}).all()
    files = _files_of(session, ids)
    current = runs.read(session, [row.current_run_id for row in rows], in_full=in_full)
    return [
        _submission(row, files[row.id], current[row.current_run_id])
        for row in rows
        if row.current_run_id in current
    ]


def content(session: Session, submission_id: int, name: str) -> bytes:
    """Return the bytes of a file that a submission has."""
    return session.scalars(
        select(ContentRow.content)
        .join(SubmissionFileRow, SubmissionFileRow.sha256 == ContentRow.sha256)
        .where(SubmissionFileRow.submission_id == submission_id, SubmissionFileRow.name == name)
    ).one()


def contents_of(session: Session, ids: Collection[int]) -> dict[int, dict[str, bytes]]:
    """Return the files of submissions by submission, then by name."""
    rows = session.execute(
        select(SubmissionFileRow.submission_id, SubmissionFileRow.name, ContentRow.content)
        .join(ContentRow, ContentRow.sha256 == SubmissionFileRow.sha256)
        .where(SubmissionFileRow.submission_id.in_(ids))
        .order_by(SubmissionFileRow.name)
    )
    found: dict[int, dict[str, bytes]] = {}
    for row in rows:
        found.setdefault(row.submission_id, {})[row.name] = row.content
    return found


def id_of_attempt(session: Session, submission_id: int, attempt: int) -> int | None:
    """Return the id of another attempt of the student who made a submission, at the same."""
    other = aliased(SubmissionRow)
    return session.scalar(
        select(other.id)
        .join(
            SubmissionRow,
            (SubmissionRow.person_id == other.person_id)
            & (SubmissionRow.assignment_id == other.assignment_id),
        )
        .where(SubmissionRow.id == submission_id, other.attempt == attempt)
    )


def contents(session: Session, assignment_id: int, student: str, attempt: int) -> dict[str, bytes]:
    """Return the files of a student's attempt by name, none where there is no such attempt."""
    rows = session.execute(
        select(SubmissionFileRow.name, ContentRow.content)
        .join(ContentRow, ContentRow.sha256 == SubmissionFileRow.sha256)
        .join(SubmissionRow, SubmissionRow.id == SubmissionFileRow.submission_id)
        .join(PersonRow, PersonRow.id == SubmissionRow.person_id)
        .where(SubmissionRow.assignment_id == assignment_id, PersonRow.name == student)
        .where(SubmissionRow.attempt == attempt)
    )
    return {row.name: row.content for row in rows}


def scores(
    session: Session, assignment_id: int, people: Collection[str], shown: Collection[Visibility]
) -> dict[str, list[tuple[int, float]]]:
    """Return (attempt, points over the cases shown) of each graded submission, by student."""
    wanted = {"assignment": assignment_id, "people": list(people), "shown": list(shown)}
    rows = session.execute(_SCORES, wanted)
    found: dict[str, list[tuple[int, float]]] = {}
    for student, attempt, points in rows:
        found.setdefault(student, []).append((attempt, round(points, 6)))
    return found


def _files_of(session: Session, ids: Collection[int]) -> dict[int, list[SubmittedFile]]:
    found: dict[int, list[SubmittedFile]] = {submission_id: [] for submission_id in ids}
    for row in session.execute(_FILES, {"ids": ids}):
        found[row.submission_id].append(SubmittedFile(row.name, row.size, row.sha256))
    return found


def _submission(row: Row[*tuple[Any, ...]], files: Sequence[SubmittedFile], run: Run) -> Submission:
    return Submission(
        id=row.id,
        course=row.course,
        assignment=row.assignment,
        student=row.student,
        attempt=row.attempt,
        late=row.late,
        created_at=row.created_at,
        warnings=tuple(row.warnings),
        files=tuple(files),
        run=run,
    )

"""Attempts in short, for lists: one query, however many, and nothing of messages and outputs."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from grader.domain.attempts import Attempt
from grader.domain.runs import RunStatus
from grader.domain.verdicts import Visibility
from grader.storage.tables import (
    AssignmentRow,
    CaseResultRow,
    CourseRow,
    PersonRow,
    RunRow,
    SubmissionRow,
)


@dataclass(frozen=True)
class StoredAttempt:
    """An attempt with the sums of its cases by visibility: (points, points to earn)."""

    submission_id: int
    course: str
    assignment: str
    student: str
    number: int
    created_at: datetime
    late: bool
    status: RunStatus
    sums: dict[Visibility, tuple[float, float]]

    def seen(self, shown: Set[Visibility]) -> Attempt:
        """Return the attempt as one may see it who sees the cases `shown`."""
        return Attempt(
            submission_id=self.submission_id,
            student=self.student,
            number=self.number,
            created_at=self.created_at,
            late=self.late,
            status=self.status,
            points=round(sum(self.sums[each][0] for each in self.sums.keys() & shown), 6),
            max_points=round(sum(self.sums[each][1] for each in self.sums.keys() & shown), 6),
            withheld=bool(self.sums.keys() - shown),
        )


def of_person(session: Session, person_id: int) -> list[StoredAttempt]:
    """Return all attempts of a person, newest first."""
    return _read(session, _attempts().where(SubmissionRow.person_id == person_id))


def of_student(session: Session, course: str, assignment: str, student: str) -> list[StoredAttempt]:
    """Return all attempts of a student at an assignment, newest first."""
    wanted = _attempts().where(PersonRow.name == student)
    return _read(session, wanted.where(CourseRow.name == course, AssignmentRow.name == assignment))


def of_assignment(session: Session, course: str, assignment: str, most: int) -> list[StoredAttempt]:
    """Return the last attempts of all students at an assignment, newest first."""
    newest = (
        select(SubmissionRow.id)
        .join(AssignmentRow, AssignmentRow.id == SubmissionRow.assignment_id)
        .join(CourseRow, CourseRow.id == AssignmentRow.course_id)
        .where(CourseRow.name == course, AssignmentRow.name == assignment)
        .order_by(SubmissionRow.id.desc())
        .limit(most)
    )
    return _read(session, _attempts().where(SubmissionRow.id.in_(newest)))


def cases_last_time(session: Session, run_id: int, shown: Set[Visibility]) -> int | None:
    """Return how many cases `shown` were graded when a run's suite version last was, if ever."""
    version = select(RunRow.suite_version).where(RunRow.id == run_id).scalar_subquery()
    last = (
        select(func.max(RunRow.id))
        .where(RunRow.suite_version == version, RunRow.status == RunStatus.GRADED)
        .scalar_subquery()
    )
    counted = select(func.count()).where(
        CaseResultRow.run_id == last, CaseResultRow.visibility.in_(shown)
    )
    return session.scalar(counted) or None


def _attempts() -> Select[*tuple[Any, ...]]:
    return (
        select(
            SubmissionRow.id,
            CourseRow.name,
            AssignmentRow.name,
            PersonRow.name,
            SubmissionRow.attempt,
            SubmissionRow.created_at,
            SubmissionRow.late,
            RunRow.status,
            CaseResultRow.visibility,
            func.sum(CaseResultRow.points),
            func.sum(CaseResultRow.max_points),
        )
        .join(AssignmentRow, AssignmentRow.id == SubmissionRow.assignment_id)
        .join(CourseRow, CourseRow.id == AssignmentRow.course_id)
        .join(PersonRow, PersonRow.id == SubmissionRow.person_id)
        .join(RunRow, RunRow.id == SubmissionRow.current_run_id)
        .outerjoin(CaseResultRow, CaseResultRow.run_id == RunRow.id)
        .group_by(
            SubmissionRow.id,
            CourseRow.id,
            AssignmentRow.id,
            PersonRow.id,
            RunRow.id,
            CaseResultRow.visibility,
        )
        .order_by(SubmissionRow.id.desc())
    )


def _read(session: Session, wanted: Select[*tuple[Any, ...]]) -> list[StoredAttempt]:
    found: dict[int, StoredAttempt] = {}
    for row in session.execute(wanted):
        about: tuple[int, str, str, str, int, datetime, bool] = row[:7]
        status, visibility, points, most = row[7:]
        stored = StoredAttempt(*about, RunStatus(status), {})
        attempt = found.setdefault(stored.submission_id, stored)
        if visibility is not None:
            attempt.sums[Visibility(visibility)] = (points, most)
    return list(found.values())

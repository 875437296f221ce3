"""What is graded at this moment, what waits, and what failed, in a query each."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from grader.domain.runs import RunStatus
from grader.domain.workers import FailedRun, RunAtWork, Waiting
from grader.storage.tables import AssignmentRow, CourseRow, PersonRow, RunRow, SubmissionRow


def running(session: Session) -> list[RunAtWork]:
    """Return the runs that slots are at, the one begun first before the others."""
    rows = session.execute(
        _with_place(
            select(
                RunRow.owner,
                RunRow.started_at,
                SubmissionRow.id,
                RunRow.number,
                RunRow.trigger,
                CourseRow.name,
                AssignmentRow.name,
                PersonRow.name,
            ),
        )
        .join(RunRow, RunRow.submission_id == SubmissionRow.id)
        .where(RunRow.status == RunStatus.RUNNING, RunRow.owner.is_not(None))
        .order_by(RunRow.started_at, RunRow.id)
    )
    return [RunAtWork(*row) for row in rows]


def failed(session: Session, course: str | None, most: int) -> tuple[list[FailedRun], int]:
    """Return the last submissions that failed by our fault, of one course or all; and how many."""
    wanted = (
        _with_place(
            select(
                SubmissionRow.id,
                CourseRow.name,
                AssignmentRow.name,
                PersonRow.name,
                SubmissionRow.attempt,
                RunRow.tries,
                RunRow.error,
                RunRow.finished_at,
                func.count().over(),
            ),
        )
        .join(RunRow, RunRow.id == SubmissionRow.current_run_id)
        .where(RunRow.status == RunStatus.FAILED)
        .order_by(RunRow.id.desc())
        .limit(most)
    )
    if course is not None:
        wanted = wanted.where(CourseRow.name == course)
    rows = session.execute(wanted).all()
    return [FailedRun(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def waiting(session: Session) -> Waiting:
    """Return how many runs wait, and since when."""
    row = session.execute(
        select(func.count(), func.min(RunRow.queued_at)).where(RunRow.status == RunStatus.QUEUED)
    ).one()
    return Waiting(*row)


def _with_place(wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        wanted.select_from(SubmissionRow)
        .join(AssignmentRow, AssignmentRow.id == SubmissionRow.assignment_id)
        .join(CourseRow, CourseRow.id == AssignmentRow.course_id)
        .join(PersonRow, PersonRow.id == SubmissionRow.person_id)
    )

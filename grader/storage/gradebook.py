"""How the students of a class stand, in a query or two however many they are."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, and_, case, cast, func, select
from sqlalchemy.orm import Session

from grader.domain.assignments import Counts
from grader.domain.gradebook import Cell, Counted, Entry
from grader.domain.people import Role
from grader.domain.runs import RunStatus
from grader.storage.courses import StoredAssignment
from grader.storage.parts import in_parts
from grader.storage.stale import is_stale
from grader.storage.tables import CaseResultRow, PersonRow, RosterRow, RunRow, SubmissionRow

MESSAGE_CHARACTERS = 400  # of a message, by which mistakes are told apart
_ATTEMPTS = 1_000_000  # more than anybody makes
_PER_POINT = 1_000_000  # points have six decimals
_OPEN = (RunStatus.QUEUED, RunStatus.RUNNING)


def entries(
    session: Session, assignment: StoredAssignment, rule: Counts, version: str
) -> list[Entry]:
    """Return how each student of the roster stands; what is not of `version` is stale."""
    standing = _standing(assignment.id, rule, version).cte("standing")
    counted_attempt = _ATTEMPTS - standing.c.best % _ATTEMPTS
    rows = session.execute(
        select(
            PersonRow.name,
            RosterRow.section,
            standing,
            SubmissionRow.id,
            SubmissionRow.attempt,
            SubmissionRow.late,
            RunRow.id,
            RunRow.points,
            RunRow.max_points,
            RunRow.suite_version,
        )
        .join(RosterRow, RosterRow.person_id == PersonRow.id)
        .outerjoin(standing, standing.c.person_id == PersonRow.id)
        .outerjoin(
            SubmissionRow,
            and_(
                SubmissionRow.assignment_id == assignment.id,
                SubmissionRow.person_id == PersonRow.id,
                SubmissionRow.attempt == counted_attempt,
            ),
        )
        .outerjoin(RunRow, RunRow.id == SubmissionRow.current_run_id)
        .where(RosterRow.course_id == assignment.course_id, RosterRow.role == Role.STUDENT)
    )
    return [_entry(tuple(row)) for row in rows]


def cells(session: Session, runs: Sequence[int]) -> dict[int, list[Cell]]:
    """Return what each case of these runs came to, by run and in their order."""
    found: dict[int, list[Cell]] = {}
    for run_id, *rest in of_runs(session, _cells().order_by(CaseResultRow.position), runs):
        found.setdefault(run_id, []).append(Cell(*rest))
    return found


def cells_of_case(session: Session, runs: Sequence[int], name: str) -> dict[int, Cell]:
    """Return what the case `name` came to in each of these runs, with the head of its message."""
    message = func.substr(CaseResultRow.message, 1, MESSAGE_CHARACTERS)
    wanted = _cells().add_columns(message).where(CaseResultRow.name == name)
    return {run_id: Cell(*rest) for run_id, *rest in of_runs(session, wanted, runs)}


def of_runs(
    session: Session, wanted: Select[*tuple[Any, ...]], runs: Sequence[int]
) -> Iterator[Any]:
    """Yield the rows that are wanted of the case results of some runs."""
    for some in in_parts(runs):
        yield from session.execute(wanted.where(CaseResultRow.run_id.in_(some)))


def _standing(assignment_id: int, rule: Counts, version: str) -> Select[*tuple[Any, ...]]:
    # What counts, as one number that `max` finds: by the points, and of equal ones the earliest.
    # A window function takes half as long again, for 40 000 submissions.
    earliest = _ATTEMPTS - SubmissionRow.attempt
    points = cast(func.round(RunRow.points * _PER_POINT), BigInteger)
    if rule is Counts.LAST:
        rank: Any = cast(SubmissionRow.attempt, BigInteger) * _ATTEMPTS + earliest
    else:
        rank = points * _ATTEMPTS + earliest
    graded = RunRow.status == RunStatus.GRADED
    return (
        select(
            SubmissionRow.person_id,
            func.max(SubmissionRow.attempt).label("attempts"),
            func.max(SubmissionRow.created_at).label("last_activity"),
            _count(RunRow.status.in_(_OPEN)).label("waiting"),
            _count(RunRow.status == RunStatus.FAILED).label("failed"),
            _count(and_(graded, is_stale(version))).label("stale"),
            func.max(case((graded, rank))).label("best"),
        )
        .join(RunRow, RunRow.id == SubmissionRow.current_run_id)
        .where(SubmissionRow.assignment_id == assignment_id)
        .group_by(SubmissionRow.person_id)
    )


def _count(which: Any) -> Any:  # noqa: ANN401  # SQLAlchemy's own, of whatever type
    return func.sum(case((which, 1), else_=0), type_=Integer)


def _entry(row: Sequence[Any]) -> Entry:
    student, section, *of_submissions = row
    person_id, attempts, last_activity, waiting, failed, stale, _best, *counted = of_submissions
    if person_id is None:
        return Entry(student, section=section)
    return Entry(
        student=student,
        section=section,
        attempts=attempts,
        last_activity=last_activity,
        waiting=waiting,
        failed=failed,
        stale=stale,
        counted=Counted(*counted) if counted[0] is not None else None,
    )


def _cells() -> Select[*tuple[Any, ...]]:
    return select(
        CaseResultRow.run_id,
        CaseResultRow.name,
        CaseResultRow.points,
        CaseResultRow.max_points,
    )

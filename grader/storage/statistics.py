"""What the overview of an assignment counts, in a query each."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, case, cast, extract, func, select
from sqlalchemy.orm import Session

from grader.domain.people import Role
from grader.domain.runs import RunStatus
from grader.domain.statistics import Queue, Spell, Tally
from grader.storage.courses import StoredAssignment
from grader.storage.gradebook import MESSAGE_CHARACTERS, of_runs
from grader.storage.tables import CaseResultRow, RosterRow, RunRow, SubmissionRow

_SPELL_SECONDS = 900  # zones differ from UTC by quarters of an hour, so days can be made of these
_SPELL = timedelta(seconds=_SPELL_SECONDS)
_EPOCH = datetime.fromtimestamp(0, UTC)


def tallies(session: Session, runs: Sequence[int]) -> list[Tally]:
    """Return how often the cases of these runs came to what, with the heads of their messages."""
    full = CaseResultRow.points >= CaseResultRow.max_points
    message = func.substr(CaseResultRow.message, 1, MESSAGE_CHARACTERS)
    told = case((full, ""), else_=message)
    what = (CaseResultRow.name, CaseResultRow.file, CaseResultRow.max_points)
    wanted = select(
        CaseResultRow.name,
        CaseResultRow.file,
        func.min(CaseResultRow.position),
        CaseResultRow.max_points,
        full,
        told,
        func.count(),
    ).group_by(*what, full, told)
    return [Tally(*row) for row in of_runs(session, wanted, runs)]


def activity(session: Session, assignment_id: int) -> list[Spell]:
    """Return when submissions were made, by quarters of an hour, those without any left out."""
    since_epoch = cast(extract("epoch", SubmissionRow.created_at), BigInteger)
    spell = (since_epoch // _SPELL_SECONDS).label("spell")
    rows = session.execute(
        select(spell, func.count())
        .where(SubmissionRow.assignment_id == assignment_id)
        .group_by(spell)
        .order_by(spell)
    )
    return [Spell(_EPOCH + number * _SPELL, count) for number, count in rows]


def queue(session: Session, assignment_id: int) -> Queue:
    """Return what waits of an assignment, reruns among it, and what is being graded."""
    rows = session.execute(
        select(RunRow.status, func.count(), func.min(RunRow.queued_at))
        .join(SubmissionRow, SubmissionRow.id == RunRow.submission_id)
        .where(RunRow.status.in_((RunStatus.QUEUED, RunStatus.RUNNING)))
        .where(SubmissionRow.assignment_id == assignment_id)
        .group_by(RunRow.status)
    )
    found = {RunStatus(status): (count, oldest) for status, count, oldest in rows}
    waiting, oldest = found.get(RunStatus.QUEUED, (0, None))
    running, _ = found.get(RunStatus.RUNNING, (0, None))
    return Queue(waiting, running, oldest)


def mark(session: Session, assignment: StoredAssignment) -> str:
    """Return what is another text as soon as any figure of an assignment may be another.

    It may change for less: the runs of all assignments are counted, which their index does.
    """
    of_assignment = SubmissionRow.assignment_id == assignment.id
    of_course = RosterRow.course_id == assignment.course_id
    counts = [
        select(func.count()).where(of_assignment),
        select(func.sum(SubmissionRow.current_run_id)).where(of_assignment),
        select(func.count()).where(of_course, RosterRow.role == Role.STUDENT),
        *(select(func.count()).where(RunRow.status == status) for status in RunStatus),
    ]
    row = session.execute(select(*(each.scalar_subquery() for each in counts))).one()
    return "-".join(str(count or 0) for count in row)

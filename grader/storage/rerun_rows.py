"""What a rerun found, read in few queries however large it is; applying it and taking it back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session, aliased

from grader.domain.rerun_changes import Outcome, Row, RunScore
from grader.domain.runs import RunStatus
from grader.domain.verdicts import Verdict
from grader.storage.changes import rows_changed
from grader.storage.tables import (
    CaseResultRow,
    PersonRow,
    RerunRow,
    RerunRunRow,
    RunRow,
    SubmissionRow,
)

_Old = aliased(RunRow, name="old")
_STATUS = {status.value: status for status in RunStatus}
_OldCase = aliased(CaseResultRow, name="old_case")


def rows(session: Session, rerun_id: int, differ: Collection[int] | None = None) -> list[Row]:
    """Return all submissions of a rerun, in the order of their ids.

    `differ` are the runs with a case of another verdict than before, where they are known.
    """
    if differ is None:
        differ = _differing(session, rerun_id)
    # Past the mapper, which makes nothing of columns but takes as long as the database.
    found = session.connection().execute(
        select(
            SubmissionRow.id,
            PersonRow.name,
            SubmissionRow.attempt,
            SubmissionRow.current_run_id,
            RerunRunRow.replaced_version,
            RerunRunRow.outcome,
            *_columns(_Old),
            *_columns(RunRow),
        )
        .select_from(RerunRunRow)
        .join(RunRow, RunRow.id == RerunRunRow.run_id)
        .join(_Old, _Old.id == RerunRunRow.replaces_id)
        .join(SubmissionRow, SubmissionRow.id == RunRow.submission_id)
        .join(PersonRow, PersonRow.id == SubmissionRow.person_id)
        .where(RerunRunRow.rerun_id == rerun_id)
        .order_by(SubmissionRow.id)
    )
    width = len(_columns(RunRow))
    return [
        _row(row[:6], _score(row[6 : 6 + width]), _score(row[-width:]), differ) for row in found
    ]


def scores_now(session: Session, rerun_id: int) -> dict[str, dict[int, float]]:
    """Return student → attempt → points of what is graded now, of the students of a rerun."""
    of_rerun = (
        select(SubmissionRow.person_id)
        .join(RunRow, RunRow.submission_id == SubmissionRow.id)
        .join(RerunRunRow, RerunRunRow.run_id == RunRow.id)
        .where(RerunRunRow.rerun_id == rerun_id)
    )
    found = session.execute(
        select(PersonRow.name, SubmissionRow.attempt, RunRow.points)
        .join(SubmissionRow, SubmissionRow.person_id == PersonRow.id)
        .join(RunRow, RunRow.id == SubmissionRow.current_run_id)
        .where(SubmissionRow.assignment_id == _assignment(rerun_id))
        .where(RunRow.status == RunStatus.GRADED, SubmissionRow.person_id.in_(of_rerun))
    )
    scores: dict[str, dict[int, float]] = defaultdict(dict)
    for student, attempt, points in found:
        scores[student][attempt] = points or 0.0
    return dict(scores)


def attempts_since(session: Session, rerun_id: int, moment: datetime) -> int:
    """Return how many submissions to a rerun's assignment came in after `moment`."""
    counted = select(func.count()).where(
        SubmissionRow.assignment_id == _assignment(rerun_id), SubmissionRow.created_at > moment
    )
    return session.scalar(counted) or 0


def settle(session: Session, rerun_id: int, outcomes: Mapping[int, Outcome]) -> None:
    """Note what becomes of each run of a rerun, and let those that are applied speak."""
    if not outcomes:
        return
    session.execute(
        update(RerunRunRow),
        [{"run_id": run_id, "outcome": outcome} for run_id, outcome in outcomes.items()],
    )
    applied = and_(RerunRunRow.rerun_id == rerun_id, RerunRunRow.outcome == Outcome.APPLIED)
    proposed = select(RerunRunRow.run_id).where(
        applied, RerunRunRow.replaces_id == SubmissionRow.current_run_id
    )
    session.execute(
        update(SubmissionRow)
        .where(SubmissionRow.current_run_id.in_(select(RerunRunRow.replaces_id).where(applied)))
        .values(current_run_id=proposed.scalar_subquery())
        .execution_options(synchronize_session=False)
    )


def take_back(session: Session, rerun_id: int) -> int:
    """Let what spoke before speak again where what was moved still stands; return how often."""
    of_rerun = RerunRunRow.rerun_id == rerun_id
    standing = select(SubmissionRow.current_run_id).where(
        SubmissionRow.assignment_id == _assignment(rerun_id),
        SubmissionRow.current_run_id.is_not(None),
    )
    marked = session.execute(
        update(RerunRunRow)
        .where(of_rerun, RerunRunRow.outcome == Outcome.APPLIED)
        .where(RerunRunRow.run_id.in_(standing))
        .values(outcome=Outcome.UNDONE)
        .execution_options(synchronize_session=False)
    )
    undone = and_(of_rerun, RerunRunRow.outcome == Outcome.UNDONE)
    earlier = select(RerunRunRow.replaces_id).where(
        undone, RerunRunRow.run_id == SubmissionRow.current_run_id
    )
    session.execute(
        update(SubmissionRow)
        .where(SubmissionRow.current_run_id.in_(select(RerunRunRow.run_id).where(undone)))
        .values(current_run_id=earlier.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
    return rows_changed(marked)


def _differing(session: Session, rerun_id: int) -> set[int]:
    """Return the runs of a rerun that have a case of another verdict than before."""
    new_ones = (
        select(RerunRunRow.run_id)
        .join(CaseResultRow, CaseResultRow.run_id == RerunRunRow.run_id)
        .outerjoin(
            _OldCase,
            and_(
                _OldCase.run_id == RerunRunRow.replaces_id,
                _OldCase.name == CaseResultRow.name,
            ),
        )
        .join(_Old, _Old.id == RerunRunRow.replaces_id)
        .where(RerunRunRow.rerun_id == rerun_id, _Old.status == RunStatus.GRADED)
        .where(CaseResultRow.verdict != func.coalesce(_OldCase.verdict, Verdict.ACCEPTED.value))
    )
    dropped = (
        select(RerunRunRow.run_id)
        .join(RunRow, and_(RunRow.id == RerunRunRow.run_id, RunRow.status == RunStatus.GRADED))
        .join(_OldCase, _OldCase.run_id == RerunRunRow.replaces_id)
        .outerjoin(
            CaseResultRow,
            and_(CaseResultRow.run_id == RerunRunRow.run_id, CaseResultRow.name == _OldCase.name),
        )
        .where(RerunRunRow.rerun_id == rerun_id)
        .where(CaseResultRow.name.is_(None), _OldCase.verdict != Verdict.ACCEPTED)
    )
    return set(session.scalars(new_ones)) | set(session.scalars(dropped))


def _columns(run: Any) -> tuple[Any, ...]:  # noqa: ANN401  # the table or its alias
    return (
        run.id,
        run.number,
        run.status,
        run.suite_version,
        run.points,
        run.max_points,
        run.error,
    )


def _score(values: Iterable[Any]) -> RunScore:
    run_id, number, status, version, points, max_points, error = values
    return RunScore(run_id, number, _STATUS[status], version, points, max_points, error)


def _row(about: Iterable[Any], before: RunScore, after: RunScore, differ: Collection[int]) -> Row:
    submission_id, student, attempt, current, replaced_version, outcome = about
    return Row(
        submission_id=submission_id,
        student=student,
        attempt=attempt,
        before=before,
        after=after,
        # A failed run that was tried again meanwhile has the same id, and perhaps a newer suite.
        stands=current == before.run_id and before.suite_version == replaced_version,
        outcome=Outcome(outcome) if outcome else None,
        cases_differ=after.run_id in differ,
        speaks=current == after.run_id,
    )


def _assignment(rerun_id: int) -> Any:  # noqa: ANN401  # a scalar subquery
    return select(RerunRow.assignment_id).where(RerunRow.id == rerun_id).scalar_subquery()

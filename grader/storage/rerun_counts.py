"""Reruns in numbers that the database counts: what there is to grade again, and what came of it."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from grader.domain.reruns import Moves, Scope
from grader.domain.runs import RunStatus
from grader.storage.stale import is_stale
from grader.storage.tables import CaseResultRow, RerunRunRow, RunRow, SubmissionRow

_Old = aliased(RunRow, name="old")


def in_scopes(
    session: Session, assignment_id: int, suite_version: str, pass_mark: float
) -> dict[Scope, int]:
    """Return how many submissions each scope means now."""
    graded = RunRow.status == RunStatus.GRADED
    student = SubmissionRow.person_id
    counted = select(
        func.count(),
        func.count(student.distinct()),
        func.count(case((graded, student)).distinct()),
        _how_many(RunRow.status == RunStatus.FAILED),
        _how_many(and_(graded, RunRow.points < pass_mark)),
        _how_many(is_stale(suite_version)),
    )
    row = session.execute(
        counted.join_from(SubmissionRow, RunRow, RunRow.id == SubmissionRow.current_run_id)
        .where(SubmissionRow.assignment_id == assignment_id)
        .where(RunRow.status != RunStatus.CANCELLED)
    ).one()
    scopes = (Scope.ALL, Scope.LATEST, Scope.COUNTED, Scope.FAILED, Scope.BELOW_PASS, Scope.STALE)
    return {scope: number or 0 for scope, number in zip(scopes, row, strict=True)}


def moves(session: Session, rerun_ids: Collection[int]) -> dict[int, Moves]:
    """Return how many scores each rerun would raise and lower, as far as its runs have ended."""
    was_graded = _Old.status == RunStatus.GRADED
    rows = session.execute(
        select(
            RerunRunRow.rerun_id,
            _how_many(or_(~was_graded, RunRow.points > _Old.points)),
            _how_many(and_(was_graded, RunRow.points < _Old.points)),
        )
        .join(RunRow, RunRow.id == RerunRunRow.run_id)
        .join(_Old, _Old.id == RerunRunRow.replaces_id)
        .where(RerunRunRow.rerun_id.in_(rerun_ids), RunRow.status == RunStatus.GRADED)
        .group_by(RerunRunRow.rerun_id)
    )
    return {rerun_id: Moves(up, down) for rerun_id, up, down in rows}


def last_cases(session: Session, assignment_id: int) -> tuple[str, tuple[str, ...]]:
    """Return the last suite version that graded by all of its cases, and those in its order."""
    last = (
        select(RunRow.id)
        .join(SubmissionRow, SubmissionRow.id == RunRow.submission_id)
        .where(SubmissionRow.assignment_id == assignment_id)
        .where(RunRow.status == RunStatus.GRADED, cast(RunRow.asked_cases, String) == "[]")
        .order_by(RunRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(CaseResultRow.suite_version, CaseResultRow.name)
        .where(CaseResultRow.run_id == last)
        .order_by(CaseResultRow.position)
    ).all()
    return rows[0].suite_version if rows else "", tuple(row.name for row in rows)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))

"""Which cases of a rerun came out otherwise, compared by the database: few are, of very many."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from grader.domain.runs import RunStatus
from grader.domain.verdicts import Verdict
from grader.storage.tables import CaseResultRow, RerunRunRow, RunRow

_New = CaseResultRow
_Old = aliased(CaseResultRow, name="old_case")


class CaseDifference(NamedTuple):  # where points moved, a class has a hundred thousand
    """A case of one run of a rerun that came out otherwise; points are None where it is not in."""

    run_id: int
    place: int
    name: str
    before: float | None
    after: float | None
    verdict_differs: bool  # what is in one of the two runs alone differs unless accepted


def differences(session: Session, rerun_id: int) -> list[CaseDifference]:
    """Return every case of a rerun that came out with another verdict or other points.

    A case mostly stands in the same place of both suites, where the key of the table finds it
    four times as fast as by its name.
    """
    found = session.execute(_changed(rerun_id, _Old.position == _New.position)).all()
    if not all(old_name in (None, name) for *_, name, old_name in found):
        found = session.execute(_changed(rerun_id, _Old.name == _New.name)).all()
        gone = session.execute(_dropped(rerun_id, _New.name == _Old.name)).all()
    elif session.scalar(_has_fewer(rerun_id)):
        gone = session.execute(_dropped(rerun_id, _New.position == _Old.position)).all()
    else:
        gone = []
    return [*_differences(found), *_differences(gone)]


def _differences(rows: Iterable[Any]) -> Iterable[CaseDifference]:
    return (
        CaseDifference(run_id, place, name, before, after, bool(differs))
        for run_id, place, before, after, differs, name, _old_name in rows
    )


def _changed(rerun_id: int, same_case: ColumnElement[bool]) -> Any:  # noqa: ANN401  # a select
    same = and_(
        _Old.name == _New.name,
        _Old.verdict == _New.verdict,
        _Old.points == _New.points,
        _Old.max_points == _New.max_points,
    )
    verdict_differs = _New.verdict != func.coalesce(_Old.verdict, Verdict.ACCEPTED.value)
    return (
        select(
            RerunRunRow.run_id,
            _New.position,
            _Old.points,
            _New.points,
            verdict_differs,
            _New.name,
            _Old.name,
        )
        .join(_New, _New.run_id == RerunRunRow.run_id)
        .outerjoin(_Old, and_(_Old.run_id == RerunRunRow.replaces_id, same_case))
        .where(RerunRunRow.rerun_id == rerun_id, or_(_Old.name.is_(None), ~same))
    )


def _dropped(rerun_id: int, same_case: ColumnElement[bool]) -> Any:  # noqa: ANN401  # a select
    return (
        select(
            RerunRunRow.run_id,
            _Old.position,
            _Old.points,
            _New.points,
            _Old.verdict != Verdict.ACCEPTED,
            _Old.name,
            _New.name,
        )
        .join(RunRow, and_(RunRow.id == RerunRunRow.run_id, RunRow.status == RunStatus.GRADED))
        .join(_Old, _Old.run_id == RerunRunRow.replaces_id)
        .outerjoin(_New, and_(_New.run_id == RerunRunRow.run_id, same_case))
        .where(RerunRunRow.rerun_id == rerun_id, _New.name.is_(None))
    )


def _has_fewer(rerun_id: int) -> Any:  # noqa: ANN401  # a select
    """Ask whether a run has fewer cases than the one in whose place it would be."""

    def cases_of(run_id: Any) -> Any:  # noqa: ANN401  # a column and a scalar subquery
        return select(func.count()).where(_New.run_id == run_id).scalar_subquery()

    fewer = cases_of(RerunRunRow.run_id) < cases_of(RerunRunRow.replaces_id)
    return select(RerunRunRow.run_id).where(RerunRunRow.rerun_id == rerun_id, fewer).limit(1)

"""The results of a run's cases, in the order in which the run reported them."""

from collections.abc import Collection
from dataclasses import fields, replace
from itertools import count
from typing import Any

from sqlalchemy import Row, bindparam, func, insert, literal, select
from sqlalchemy.orm import Session

from grader.domain.runs import RunResult
from grader.domain.verdicts import CaseResult, Marks, Series, Verdict, Visibility
from grader.storage.changes import insert_into
from grader.storage.tables import CaseResultRow

# Built once: to build a statement takes longer than to execute it.
_NEW = insert_into(CaseResultRow)
_IN_SHORT = (
    select(
        CaseResultRow.run_id,
        CaseResultRow.name,
        CaseResultRow.file,
        CaseResultRow.points,
        CaseResultRow.max_points,
        CaseResultRow.verdict,
        CaseResultRow.visibility,
        CaseResultRow.message,
        CaseResultRow.hint,
        CaseResultRow.seconds,
        CaseResultRow.notes,
    )
    .where(CaseResultRow.run_id.in_(bindparam("runs", expanding=True)))
    .order_by(CaseResultRow.run_id, CaseResultRow.position)
)
_IN_FULL = _IN_SHORT.add_columns(CaseResultRow.output, CaseResultRow.series)


def add(session: Session, run_id: int, result: RunResult, others_from: int | None = None) -> None:
    """Store what each case of a run came to; of the run `others_from`, take the other cases.

    Those keep their place and the suite version that judged them.
    """
    places = _places(session, others_from)
    free = count(max(places.values(), default=-1) + 1)
    rows = [
        {
            "run_id": run_id,
            "position": places[case.name] if case.name in places else next(free),
            "suite_version": result.suite_version,
            "name": case.name,
            "file": case.file,
            "points": case.points,
            "max_points": case.max_points,
            "verdict": case.verdict,
            "visibility": case.visibility,
            "message": case.message,
            "hint": case.hint,
            "seconds": case.seconds,
            "output": case.output,
            "notes": list(case.notes),
            "series": [_stored(series) for series in case.series],
        }
        for case in result.cases
    ]
    if rows:  # without them a statement would insert one row of nothing
        session.execute(_NEW, rows)
    if others_from is not None:
        _copy(session, others_from, run_id, [case.name for case in result.cases])


def sums(session: Session, run_id: int) -> tuple[float, float]:
    """Return the points of a run's cases, and the points that they could earn."""
    row = session.execute(
        select(func.sum(CaseResultRow.points), func.sum(CaseResultRow.max_points)).where(
            CaseResultRow.run_id == run_id
        )
    ).one()
    return round(row[0] or 0.0, 6), round(row[1] or 0.0, 6)


def read(
    session: Session, run_ids: Collection[int], *, in_full: bool = True
) -> dict[int, tuple[CaseResult, ...]]:
    """Return the results of these runs, by run; if not `in_full`, without outputs and series.

    Those two are nearly all of a result's size: a list that loaded them would take megabytes.
    """
    rows = session.execute(_IN_FULL if in_full else _IN_SHORT, {"runs": run_ids})
    found: dict[int, list[CaseResult]] = {}
    for row in rows:
        found.setdefault(row.run_id, []).append(_in_full(row) if in_full else _in_short(row))
    return {run_id: tuple(cases) for run_id, cases in found.items()}


def _in_full(row: Row[*tuple[Any, ...]]) -> CaseResult:
    series = tuple(_series(stored) for stored in row.series)
    return replace(_in_short(row), output=row.output, series=series)


def _in_short(row: Row[*tuple[Any, ...]]) -> CaseResult:
    return CaseResult(
        name=row.name,
        file=row.file,
        points=row.points,
        max_points=row.max_points,
        verdict=Verdict(row.verdict),
        message=row.message,
        hint=row.hint,
        seconds=row.seconds,
        visibility=Visibility(row.visibility),
        notes=tuple(row.notes),
    )


def _stored(series: Series) -> dict[str, Any]:
    # Not `asdict`, which copies every number by itself.
    return {each.name: getattr(series, each.name) for each in fields(series)}


def _places(session: Session, run_id: int | None) -> dict[str, int]:
    if run_id is None:
        return {}
    rows = session.execute(
        select(CaseResultRow.name, CaseResultRow.position).where(CaseResultRow.run_id == run_id)
    )
    return {row.name: row.position for row in rows}


def _copy(session: Session, source: int, target: int, without: Collection[str]) -> None:
    columns = [column for column in CaseResultRow.__table__.columns if column.name != "run_id"]
    taken = select(literal(target), *columns).where(
        CaseResultRow.run_id == source, CaseResultRow.name.not_in(without)
    )
    names = ["run_id", *(column.name for column in columns)]
    session.execute(insert(CaseResultRow).from_select(names, taken))


def _series(stored: dict[str, Any]) -> Series:
    """Read one series; the first ones stored had a name and values, no more."""
    return Series(
        name=stored["name"],
        values=tuple(stored["values"]),
        x=tuple(stored.get("x", ())),
        marks=Marks(stored.get("marks", Marks.LINE)),
        plot=stored.get("plot", ""),
        x_label=stored.get("x_label", ""),
        y_label=stored.get("y_label", ""),
    )

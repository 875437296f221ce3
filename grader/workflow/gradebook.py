"""The gradebook of an assignment, for staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from grader.domain.gradebook import (
    Cell,
    Entry,
    Gradebook,
    Order,
    Row,
    Wanted,
    matching,
    ordered,
)
from grader.domain.mistake_kinds import key_of
from grader.domain.people import Identity
from grader.errors import NotFound
from grader.storage import courses, gradebook
from grader.workflow.service import NO_ASSIGNMENT, Place, Service, staff_suite_of


@dataclass(frozen=True)
class Request:
    """Which students to read, in which order: `limit` of them (all where it is None)."""

    wanted: Wanted = field(default_factory=Wanted)
    order: Order = field(default_factory=Order)
    offset: int = 0
    limit: int | None = None


def read_gradebook(
    service: Service, identity: Identity, place: Place, request: Request
) -> Gradebook:
    """Return how the students stand who are asked for.

    Raises:
        NotFound: there is no such assignment for this identity.
        NotAllowed: a student asks.
    """
    suite = staff_suite_of(service, identity, place)
    assignment = suite.assignment
    with service.database.reading() as session:
        stored = courses.find_assignment(session, place.course, place.assignment)
        if stored is None:
            raise NotFound(NO_ASSIGNMENT)
        everybody = gradebook.entries(session, stored, assignment.counts, suite.version)
        found = matching(everybody, request.wanted, assignment.pass_mark)
        found, message = _who_lost(session, found, request.wanted)
        found = ordered(found, request.order, _case_cells(session, found, request.order.case))
        end = None if request.limit is None else request.offset + request.limit
        shown = found[request.offset : end]
        newest = _newest(everybody, suite.version)
        cells = gradebook.cells(session, sorted({*_runs(shown), *newest}))
    rows = tuple(_row(entry, cells) for entry in shown)
    return Gradebook(
        assignment=assignment,
        assignment_id=stored.id,
        rows=rows,
        cases=_cases([cells.get(run, []) for run in newest], rows),
        total=len(found),
        students=len(everybody),
        max_score=_max_score(everybody),
        message=message,
    )


def _who_lost(session: Session, entries: list[Entry], wanted: Wanted) -> tuple[list[Entry], str]:
    if not wanted.case:
        return entries, ""
    cells = _case_cells(session, entries, wanted.case)
    lost = {
        run_id: cell
        for run_id, cell in cells.items()
        if cell.lost and wanted.mistake in ("", key_of(cell.message))
    }
    kept = [entry for entry in entries if entry.counted and entry.counted.run_id in lost]
    message = next(iter(lost.values())).message if wanted.mistake and lost else ""
    return kept, message.partition("\n")[0]


def _case_cells(session: Session, entries: Sequence[Entry], case: str) -> dict[int, Cell]:
    return gradebook.cells_of_case(session, _runs(entries), case) if case else {}


def _runs(entries: Sequence[Entry]) -> list[int]:
    return [entry.counted.run_id for entry in entries if entry.counted]


def _newest(entries: Sequence[Entry], version: str) -> list[int]:
    """Return the newest counted run of the released suite, or of any: it knows the cases."""
    runs = [entry.counted for entry in entries if entry.counted]
    newest = max(runs, key=lambda run: (run.suite_version == version, run.run_id), default=None)
    return [newest.run_id] if newest else []


def _row(entry: Entry, cells: Mapping[int, list[Cell]]) -> Row:
    of_entry = cells.get(entry.counted.run_id, []) if entry.counted else []
    return Row(entry, {cell.name: cell for cell in of_entry})


def _cases(newest: Sequence[Sequence[Cell]], rows: Sequence[Row]) -> dict[str, float]:
    met = [*(cell for of in newest for cell in of)]
    met += [cell for row in rows for cell in row.cells.values()]
    cases: dict[str, float] = {}
    for cell in met:
        cases.setdefault(cell.name, cell.max_points)
    return cases


def _max_score(entries: Sequence[Entry]) -> float:
    return max((entry.counted.max_points for entry in entries if entry.counted), default=100.0)

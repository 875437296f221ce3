"""A rerun as staff review it: in numbers, what changes page by page, what each decision does."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.domain.assignments import Assignment
from grader.domain.audit import AuditEntry
from grader.domain.people import Identity
from grader.domain.rerun_changes import Change, Counted, Row, Totals, counted_scores, totals
from grader.domain.rerun_effects import Effect, Undoing, effect_of, undoing_of
from grader.domain.reruns import Moves, Only, Rerun, RerunState
from grader.queue.reruns import subject_of
from grader.storage import audit, rerun_cases, rerun_counts, rerun_rows
from grader.storage.rerun_cases import CaseDifference
from grader.workflow.rerun_changes import CHOICES, Which, assignment_of, with_cases
from grader.workflow.reruns import read_rerun
from grader.workflow.service import Service


@dataclass(frozen=True)
class Looked:
    """What of a rerun to look at: which submissions, with which case, on which page from 1."""

    which: Which = Which.CHANGED
    case: str = ""
    page: int = 1
    limit: int = 25


@dataclass(frozen=True)
class CaseCount:
    """How many submissions gain or lose points in a case, or come out otherwise for the same."""

    name: str
    gain: int
    lose: int
    others: int


@dataclass(frozen=True)
class Review:
    """A rerun that has ended; `changes` are one page of the `found` submissions looked at."""

    rerun: Rerun
    assignment: Assignment
    totals: Totals
    effects: Mapping[Only, Effect]  # of applying it, while it is ready
    undoing: Undoing
    cases: tuple[CaseCount, ...]
    found: int
    changes: tuple[Change, ...]
    record: tuple[AuditEntry, ...]


@dataclass(frozen=True)
class SoFar:
    """A rerun while it is under way, and what it would move so far."""

    rerun: Rerun
    moves: Moves


def read_so_far(service: Service, identity: Identity, rerun_id: int) -> SoFar:
    """Return how far a rerun is, in few queries however large it is.

    Raises:
        NotFound: there is none, or not for this identity.
    """
    rerun = read_rerun(service, identity, rerun_id)
    with service.database.reading() as session:
        moves = rerun_counts.moves(session, [rerun_id])
    return SoFar(rerun, moves.get(rerun_id, Moves()))


def read_record(service: Service, rerun: Rerun) -> tuple[AuditEntry, ...]:
    """Return who did what to a rerun, in order."""
    with service.database.reading() as session:
        return tuple(audit.about(session, rerun.course, subject_of(rerun)))


def review(service: Service, rerun: Rerun, looked: Looked) -> Review:
    """Return a rerun that its reader may see as staff review it."""
    assignment = assignment_of(service, rerun)
    with service.database.reading() as session:
        differences = rerun_cases.differences(session, rerun.id)
        differ = {each.run_id for each in differences if each.verdict_differs}
        rows = sorted(rerun_rows.rows(session, rerun.id, differ), key=_by_student)
        scores = rerun_rows.scores_now(session, rerun.id)
        counted = counted_scores(rows, scores, assignment)
        newer = rerun_rows.attempts_since(session, rerun.id, rerun.created_at)
        chosen = _chosen(rows, counted, looked, differences)
        first = (looked.page - 1) * looked.limit
        ready = rerun.state is RerunState.READY
        return Review(
            rerun=rerun,
            assignment=assignment,
            totals=totals(rows, counted, newer),
            effects={only: effect_of(rows, scores, assignment, only) for only in Only if ready},
            undoing=undoing_of(rows),
            cases=_counted_cases(differences, rows),
            found=len(chosen),
            changes=tuple(with_cases(session, chosen[first : first + looked.limit], counted)),
            record=tuple(audit.about(session, rerun.course, subject_of(rerun))),
        )


def _chosen(
    rows: Sequence[Row],
    counted: Mapping[str, Counted],
    looked: Looked,
    differences: Iterable[CaseDifference],
) -> list[Row]:
    fits = CHOICES[looked.which]
    chosen = [row for row in rows if fits(row, counted[row.student])]
    if not looked.case:
        return chosen
    with_case = {each.run_id for each in differences if each.name == looked.case}
    return [row for row in chosen if row.after.run_id in with_case]


def _by_student(row: Row) -> tuple[str, str, int]:
    return row.student.casefold(), row.student, row.attempt


def _counted_cases(
    differences: Sequence[CaseDifference], rows: Collection[Row]
) -> tuple[CaseCount, ...]:
    """Count by case, in the order of the suite; of submissions that come out otherwise."""
    changed = {row.after.run_id for row in rows if row.changed}
    gain: dict[str, int] = {}
    lose: dict[str, int] = {}
    others: dict[str, int] = {}
    places: dict[str, int] = {}
    for each in differences:
        if each.run_id not in changed:
            continue
        places.setdefault(each.name, each.place)
        before, after = each.before or 0.0, each.after or 0.0
        kind = gain if after > before else lose if after < before else others
        kind[each.name] = kind.get(each.name, 0) + 1
    return tuple(
        CaseCount(name, gain.get(name, 0), lose.get(name, 0), others.get(name, 0))
        for name in sorted(places, key=lambda name: (places[name], name))
    )

"""What a rerun changes: in numbers, and submission by submission."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from grader.domain.assignments import Assignment
from grader.domain.case_changes import case_changes
from grader.domain.people import Identity
from grader.domain.rerun_changes import Change, Counted, Row, Totals, counted_scores, totals
from grader.domain.reruns import Rerun
from grader.storage import case_results, rerun_rows
from grader.workflow.reruns import read_rerun
from grader.workflow.service import Service

_AT_ONCE = 500  # submissions whose results are in memory together


class Which(StrEnum):
    """Which submissions of a rerun to show."""

    CHANGED = "changed"  # and those that could not be graded
    ALL = "all"
    FAILED = "failed"
    GAIN = "gain"  # of students whose score goes up
    LOSE = "lose"
    CROSSING = "crossing"  # of students who cross the pass mark
    PASSING = "passing"  # of students who pass by it
    FAILING = "failing"  # of students who pass no longer
    SUPERSEDED = "superseded"  # left alone: something newer came in


@dataclass(frozen=True)
class ChangeListing:
    """A page of changes: after the submission `after`, at most `limit` or all."""

    which: Which = Which.CHANGED
    after: int = 0
    limit: int | None = None
    student: str | None = None


@dataclass(frozen=True)
class Proposal:
    """A rerun and what it changes, in numbers."""

    rerun: Rerun
    totals: Totals


CHOICES: Mapping[Which, Callable[[Row, Counted], bool]] = {
    Which.CHANGED: lambda row, _counted: row.changed or row.failed,
    Which.ALL: lambda _row, _counted: True,
    Which.FAILED: lambda row, _counted: row.failed,
    Which.GAIN: lambda row, counted: row.changed and counted.gains,
    Which.LOSE: lambda row, counted: row.changed and counted.loses,
    Which.CROSSING: lambda row, counted: row.changed and counted.crosses is not None,
    Which.PASSING: lambda row, counted: row.changed and counted.crosses == "up",
    Which.FAILING: lambda row, counted: row.changed and counted.crosses == "down",
    Which.SUPERSEDED: lambda row, _counted: row.superseded,
}


def read_proposal(service: Service, identity: Identity, rerun_id: int) -> Proposal:
    """Return a rerun and what it changes, in numbers.

    Raises:
        NotFound: there is none, or not for this identity.
    """
    rerun = read_rerun(service, identity, rerun_id)
    with service.database.reading() as session:
        rows, counted = _found(session, service, rerun)
        newer = rerun_rows.attempts_since(session, rerun_id, rerun.created_at)
    return Proposal(rerun, totals(rows, counted, newer))


def list_changes(
    service: Service, identity: Identity, rerun_id: int, listing: ChangeListing
) -> list[Change]:
    """Return what a rerun changes, in the order of the submissions.

    Raises:
        NotFound: there is no such rerun, or not for this identity.
    """
    rerun = read_rerun(service, identity, rerun_id)
    fits = CHOICES[listing.which]
    with service.database.reading() as session:
        rows, counted = _found(session, service, rerun)
        chosen = [
            row
            for row in rows
            if row.submission_id > listing.after
            and listing.student in (None, row.student)
            and fits(row, counted[row.student])
        ]
        return with_cases(session, chosen[: listing.limit], counted)


def changes_of_runs(
    service: Service, rerun: Rerun, known: Callable[[Row], bool]
) -> tuple[list[Row], list[Change]]:
    """Return the runs that have ended and are not `known`, and the changes among them."""
    with service.database.reading() as session:
        rows, counted = _found(session, service, rerun)
        ended = [row for row in rows if (row.graded or row.failed) and not known(row)]
        told = [row for row in ended if row.changed or row.failed]
        return ended, with_cases(session, told, counted)


def assignment_of(service: Service, rerun: Rerun) -> Assignment:
    """Return the assignment of a rerun, as it is now."""
    suite = service.suites.get((rerun.course, rerun.assignment))
    if suite is not None:
        return suite.assignment
    return Assignment(rerun.assignment, rerun.assignment, {}, course=rerun.course)


def with_cases(
    session: Session, rows: Sequence[Row], counted: Mapping[str, Counted]
) -> list[Change]:
    """Return submissions of a rerun with the cases that come out otherwise."""
    changes = []
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        ids = [run.run_id for row in some for run in (row.before, row.after)]
        results = case_results.read(session, ids, in_full=False)
        for row in some:
            before = results.get(row.before.run_id, ())
            cases = case_changes(before, results.get(row.after.run_id, ())) if row.graded else ()
            changes.append(Change(row, counted[row.student], cases))
    return changes


def _found(
    session: Session, service: Service, rerun: Rerun
) -> tuple[list[Row], dict[str, Counted]]:
    rows = rerun_rows.rows(session, rerun.id)
    scores = rerun_rows.scores_now(session, rerun.id)
    return rows, counted_scores(rows, scores, assignment_of(service, rerun))

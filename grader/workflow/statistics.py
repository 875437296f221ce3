"""How a class stands at an assignment, for staff."""

from statistics import fmean, median

from sqlalchemy.orm import Session

from grader.domain.people import Identity
from grader.domain.releases import Release
from grader.domain.statistics import (
    FULL_SCORE,
    Statistics,
    by_progress,
    case_statistics,
    histogram,
)
from grader.errors import NotFound
from grader.storage import courses, gradebook, statistics
from grader.storage.courses import StoredAssignment
from grader.workflow.service import NO_ASSIGNMENT, Place, Service, staff_suite_of


def read_statistics(service: Service, identity: Identity, place: Place) -> Statistics:
    """Return how the class stands now.

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
        # Read first: what changes while the rest is read makes another mark.
        mark = _mark(session, suite, stored)
        entries = gradebook.entries(session, stored, assignment.counts, suite.version)
        counted = [entry.counted for entry in entries if entry.counted]
        tallies = statistics.tallies(session, [each.run_id for each in counted])
        activity = statistics.activity(session, stored.id)
        queue = statistics.queue(session, stored.id)
    scores = [each.points for each in counted]
    max_score = max((each.max_points for each in counted), default=0.0) or FULL_SCORE
    return Statistics(
        progress=by_progress(entries, assignment.pass_mark),
        submissions=sum(spell.submissions for spell in activity),
        waiting=sum(entry.waiting for entry in entries),
        failed=sum(entry.failed for entry in entries),
        stale=sum(entry.stale for entry in entries),
        max_score=max_score,
        bars=histogram(scores, max_score),
        cases=case_statistics(tallies),
        activity=tuple(activity),
        queue=queue,
        mark=mark,
        mean=fmean(scores) if scores else None,
        median=median(scores) if scores else None,
    )


def read_mark(service: Service, identity: Identity, place: Place) -> str:
    """Return the mark of the statistics as they would be now, which costs less than they do.

    Raises:
        NotFound: there is no such assignment for this identity.
        NotAllowed: a student asks.
    """
    suite = staff_suite_of(service, identity, place)
    with service.database.reading() as session:
        stored = courses.find_assignment(session, place.course, place.assignment)
        if stored is None:
            raise NotFound(NO_ASSIGNMENT)
        return _mark(session, suite, stored)


def _mark(session: Session, suite: Release, stored: StoredAssignment) -> str:
    return f"{suite.version}-{statistics.mark(session, stored)}"

"""What staff look at before they begin a rerun: what there is to grade again, and what was."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.domain.assignments import Assignment
from grader.domain.people import Identity
from grader.domain.reruns import Moves, Rerun, Scope
from grader.errors import NotAllowed
from grader.storage import courses, rerun_counts, reruns
from grader.storage.reruns import Page
from grader.workflow.reruns import Listing
from grader.workflow.service import Place, Service, now, suite_of


@dataclass(frozen=True)
class Past:
    """A rerun, and the scores that it would move or has moved."""

    rerun: Rerun
    moves: Moves


@dataclass(frozen=True)
class Desk:
    """The reruns of an assignment, newest first, and what there is to grade again now.

    `cases` are those of the suite version `cases_of`, the last that graded by all of its cases.
    """

    assignment: Assignment
    suite_version: str
    in_scopes: Mapping[Scope, int] = field(default_factory=dict)
    cases: tuple[str, ...] = ()
    cases_of: str = ""
    past: tuple[Past, ...] = ()
    older: int | None = None  # the page after this begins before that rerun


def read_desk(service: Service, identity: Identity, place: Place, listing: Listing) -> Desk:
    """Return what staff look at before they begin a rerun.

    Raises:
        NotFound: there is no such assignment for this identity.
        NotAllowed: a student asks.
    """
    service.suites.look()  # who has just released a mended suite looks here next
    suite = suite_of(service, identity, place)
    if not identity.is_staff_of(place.course):
        raise NotAllowed("Reruns are for staff: ask your instructor.")
    with service.database.reading() as session:
        stored = courses.find_assignment(session, place.course, place.assignment)
        if stored is None:
            return Desk(suite.assignment, suite.version)
        page = Page(place.course, place.assignment, listing.before, listing.limit + 1)
        found = reruns.listed(session, page, now())
        shown = found[: listing.limit]
        moves = rerun_counts.moves(session, [each.id for each in shown])
        cases_of, cases = rerun_counts.last_cases(session, stored.id)
        return Desk(
            assignment=suite.assignment,
            suite_version=suite.version,
            in_scopes=rerun_counts.in_scopes(
                session, stored.id, suite.version, suite.assignment.pass_mark
            ),
            cases=cases,
            cases_of=cases_of,
            past=tuple(Past(each, moves.get(each.id, Moves())) for each in shown),
            older=shown[-1].id if len(found) > len(shown) else None,
        )

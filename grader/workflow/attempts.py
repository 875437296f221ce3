"""Attempts in short: one's own at each assignment, and for staff those of all."""

from grader.domain.assignments import Assignment
from grader.domain.attempts import Attempt, Attempts, attempts_at
from grader.domain.people import Identity
from grader.domain.submissions import shown_to_student
from grader.domain.verdicts import Visibility
from grader.storage import attempts
from grader.storage.attempts import StoredAttempt
from grader.workflow.service import Place, Service, list_assignments, now, staff_suite_of, suite_of

_ALL = frozenset(Visibility)


def own_attempts(service: Service, identity: Identity) -> list[Attempts]:
    """Return one's attempts at each assignment of one's courses."""
    assignments = list_assignments(service, identity)
    with service.database.reading() as session:
        stored = attempts.of_person(session, identity.person_id)
    return [_own(identity, assignment, stored) for assignment in assignments]


def own_attempts_at(service: Service, identity: Identity, place: Place) -> Attempts:
    """Return one's attempts at one assignment.

    Raises:
        NotFound: there is no such assignment for this identity.
    """
    assignment = suite_of(service, identity, place).assignment
    with service.database.reading() as session:
        stored = attempts.of_person(session, identity.person_id)
    return _own(identity, assignment, stored)


def last_attempts(service: Service, identity: Identity, place: Place, most: int) -> list[Attempt]:
    """Return the last attempts of all students at an assignment, newest first.

    Raises:
        NotFound: there is no such assignment for this identity.
        NotAllowed: a student asks.
    """
    staff_suite_of(service, identity, place)
    with service.database.reading() as session:
        found = attempts.of_assignment(session, place.course, place.assignment, most)
    return [each.seen(_ALL) for each in found]


def _own(identity: Identity, assignment: Assignment, stored: list[StoredAttempt]) -> Attempts:
    staff = identity.is_staff_of(assignment.course)
    shown = _ALL if staff else shown_to_student(assignment, now())
    place = (assignment.course, assignment.name)
    made = [each.seen(shown) for each in stored if (each.course, each.assignment) == place]
    return attempts_at(assignment, made)
